//! What is offered where, as the scripts are told it.

use std::net::TcpListener;

use crate::support::Sandbox;

/// What is offered for the words of a line, of which the last is unfinished.
#[track_caller]
fn offered(sandbox: &Sandbox, line: &str) -> Vec<String> {
    let asked = ["complete", "fish", "--"].into_iter();
    let lines = sandbox.run(asked.chain(line.split(' '))).gives().lines();
    let first = |line: String| line.split('\t').next().unwrap().to_owned();
    lines.into_iter().map(first).collect()
}

fn filled() -> Sandbox {
    let sandbox = Sandbox::local();
    for name in ["web/prod", "web/test", "x=y", "a#b@c%d"] {
        sandbox.put(name, "x");
    }
    sandbox
}

#[test]
fn names_are_completed_wherever_a_secret_is_named_and_nowhere_else() {
    let sandbox = filled();
    let web = ["values", "web/prod", "web/test"];
    let named = "get|put|set|unset|edit|exec|exec x web/prod|exec --case lower --pristine|export|\
        list|rekey|upgrade|rm web/prod|history|rollback|cp|cp x|mv x|diff x|import --as|\
        -v --region eu-west-1 get --field f";
    for before in named.split('|') {
        let line = format!("lazycred {before} w");
        assert_eq!(offered(&sandbox, &line), web, "{line}");
    }
    let unnamed = "get web/prod|cp x y|unset web/prod|exec --prefix|exec --keep|exec -c|exec --file|\
        policy reader|nope|--region";
    for before in unnamed.split('|') {
        let line = format!("lazycred {before} w");
        assert_eq!(offered(&sandbox, &line), ["values"], "{line}");
    }
}

#[test]
fn completing_a_reference_keeps_its_prefix_and_escapes_the_name() {
    let sandbox = filled();
    for (line, expected) in [
        ("lazycred exec TOKEN=web/p", &["TOKEN=web/prod"][..]),
        ("lazycred exec DB_+=web/p", &["DB_+=web/prod"]),
        ("lazycred exec --file CERT=web/p", &["CERT=web/prod"]),
        ("lazycred exec --file=CERT=web/p", &["--file=CERT=web/prod"]),
        ("lazycred exec --set V=a:{{web/p", &["V=a:{{web/prod"]),
        ("lazycred exec --set V={{a}}", &[]),
        (
            "lazycred exec --set=V={{a}}{{web/p",
            &["--set=V={{a}}{{web/prod"],
        ),
        ("lazycred exec x", &["x%3Dy"]),
        ("lazycred exec a", &["a%23b%40c%25d"]),
        ("lazycred exec a%23", &["a%23b%40c%25d"]),
        ("lazycred get a", &["a#b@c%d"]),
    ] {
        assert_eq!(offered(&sandbox, line)[1..], *expected, "{line}");
    }
    let sandbox = filled();
    let opened = sandbox.run(["export", "a%23b%40c%25d", "x%3Dy", "--format", "json"]);
    assert!(opened.gives().text().contains("A_B_C_D"));
}

#[test]
fn behind_exec_s_dashes_is_the_command_and_elsewhere_a_name() {
    let sandbox = filled();
    sandbox.run("--quiet put -- -dash").stdin("x").ok();
    for line in "exec x -- |exec x -- w|exec -- cat --|exec x -- a -- w".split('|') {
        assert_eq!(offered(&sandbox, &format!("lazycred {line}")), ["command"]);
    }
    assert_eq!(offered(&sandbox, "lazycred get -- -"), ["values", "-dash"]);
    let without = offered(&sandbox, "lazycred get ");
    assert!(without.len() == 5 && !without.contains(&"-dash".to_owned()));
}

#[test]
fn files_are_offered_where_a_file_is_named() {
    let sandbox = filled();
    let lines = "put x |set x field |import |--config |get x --output |get x --output=";
    for line in lines.split('|') {
        assert_eq!(offered(&sandbox, &format!("lazycred {line}")), ["files"]);
    }
}

#[test]
fn commands_options_and_their_values_are_offered() {
    let sandbox = Sandbox::new();
    let mut commands = sandbox.commands();
    for (command, alias) in [("exec", "run"), ("list", "ls")] {
        let at = commands.iter().position(|name| name == command).unwrap();
        commands.insert(at + 1, alias.to_owned());
    }
    commands.insert(0, "values".to_owned());
    assert_eq!(offered(&sandbox, "lazycred "), commands);
    assert_eq!(offered(&sandbox, "lazycred man ")[1..], commands[1..]);
    for (line, expected) in [
        ("lazycred exec --pri", &["--pristine"][..]),
        ("lazycred run --pri", &["--pristine"]),
        ("lazycred help ru", &["run"]),
        ("lazycred help cache ", &["clear"]),
        ("lazycred help get ", &[]),
        ("lazycred --s3", &["--s3-path"]),
        ("lazycred get --s3", &["--s3-path"]),
        ("lazycred exec --case ", &["upper", "keep", "lower"]),
        ("lazycred exec --case=l", &["--case=lower"]),
        ("lazycred completions p", &["powershell"]),
        ("lazycred policy r", &["reader"]),
    ] {
        assert_eq!(offered(&sandbox, line)[1..], *expected, "{line}");
    }
}

#[test]
fn the_configuration_that_is_typed_is_the_one_that_is_asked() {
    let sandbox = filled();
    sandbox.write("other/store/elsewhere", "{}");
    let config = r#"{"s3_path": "file:store/", "key_alias": "local:dev"}"#;
    sandbox.write("other/.lazycred", config);
    for flag in [
        "--config other/.lazycred",
        "--config=other/.lazycred",
        "--s3-path file:other/store/",
    ] {
        let line = format!("lazycred {flag} get ");
        assert_eq!(offered(&sandbox, &line), ["values", "elsewhere"]);
        let line = format!("lazycred get {flag} ");
        assert_eq!(offered(&sandbox, &line), ["values", "elsewhere"]);
    }
    let line = "lazycred get --config ~/other/.lazycred ";
    assert_eq!(offered(&sandbox, line), ["values", "elsewhere"]);
}

#[test]
fn whatever_fails_nothing_is_said_and_no_name_is_offered() {
    let sandbox = Sandbox::new();
    assert_eq!(offered(&sandbox, "lazycred get "), ["values"]);
    sandbox.write(".lazycred", "{not JSON");
    assert_eq!(offered(&sandbox, "lazycred get "), ["values"]);
    let unreachable = Sandbox::aws("http://127.0.0.1:9", "bucket/", "alias");
    assert_eq!(offered(&unreachable, "lazycred get "), ["values"]);
    let seen = sandbox.run("complete bash --").gives().lines();
    assert_eq!(seen[0], "values");
}

#[test]
fn a_store_that_does_not_answer_is_not_waited_for() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let sandbox = Sandbox::aws(&endpoint, "bucket/", "alias");
    let mut patient = sandbox.run(["list", "--timeout", "50"]).spawn();
    assert_eq!(offered(&sandbox, "lazycred get "), ["values"]);
    assert!(patient.is_running());
}

#[test]
fn no_script_has_a_shell_read_a_name_as_code() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = sandbox.run(["completions", shell]).gives().text();
        for code in ["eval", "compgen -W", "Invoke-Expression", "iex "] {
            assert!(!script.contains(code), "{shell}: {code}");
        }
        let asks = format!("complete {shell} --");
        assert_eq!(script.matches(&asks).count(), 1, "{shell}");
    }
}

#[test]
fn a_name_that_would_move_the_cursor_is_not_offered() {
    let sandbox = filled();
    sandbox.put("web/\u{1b}[2J", "x");
    sandbox.put("web/two\nlines", "x");
    let seen = offered(&sandbox, "lazycred get web/");
    assert_eq!(seen, ["values", "web/prod", "web/test"]);
}

#[test]
fn environments_are_offered_and_names_are_those_of_the_chosen_one() {
    let sandbox = filled();
    let text = r#"{"s3_path": "file:secrets/", "key_alias": "local:dev", "environments": {
        "prod": {"s3_path": "file:prod/", "key_alias": "local:dev"}, "pre prod": {}, "dev": {}, "p\u202e": {}}}"#;
    sandbox.write(".lazycred", text);
    sandbox.run("--quiet -e prod put web/alone").stdin("x").ok();
    for line in ["-e p", "get -e p", "--environment p", "exec -e p"] {
        let line = format!("lazycred {line}");
        assert_eq!(
            offered(&sandbox, &line),
            ["values", "pre prod", "prod"],
            "{line}"
        );
    }
    let expected = ["values", "--environment=pre prod", "--environment=prod"];
    assert_eq!(offered(&sandbox, "lazycred get --environment=p"), expected);
    assert_eq!(offered(&sandbox, "lazycred get -ed"), ["values", "-edev"]);
    for line in [
        "-e prod get w",
        "get -e prod w",
        "get -eprod w",
        "get --environment=prod w",
    ] {
        let line = format!("lazycred {line}");
        assert_eq!(offered(&sandbox, &line), ["values", "web/alone"], "{line}");
    }
    assert_eq!(
        offered(&sandbox, "lazycred get -e dev web/p"),
        ["values", "web/prod"]
    );
    assert_eq!(offered(&sandbox, "lazycred get -e nope w"), ["values"]);
    let mut sandbox = sandbox;
    sandbox.set("LAZYCRED_ENVIRONMENT", "prod");
    assert_eq!(offered(&sandbox, "lazycred get w"), ["values", "web/alone"]);
    sandbox.write(".lazycred", "{");
    assert_eq!(offered(&sandbox, "lazycred get -e "), ["values"]);
}
