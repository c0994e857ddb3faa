//! Commands in hints have the flags that chose the store.

use crate::support::Sandbox;

const FLAGS: &str = "--config 'it is.json' -e prod";

/// A folder whose environment `prod` holds `db` twice, in a file of its own.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::local();
    let own = r#""s3_path": "file:SECRETS/", "key_alias": "local:dev""#;
    let other = own.replace("SECRETS", "of prod");
    let file = format!(r#"{{{own}, "environments": {{"prod": {{{other}}}}}}}"#);
    sandbox.write("it is.json", file);
    for secret in ["{}", r#"{"a": "b"}"#] {
        let put = ["--config", "it is.json", "-q", "put", "db", "-eprod"];
        sandbox.run(put).stdin(secret).ok();
    }
    sandbox
}

/// The commands of a hint.
fn commands(told: &str) -> Vec<String> {
    let hints = told
        .lines()
        .filter_map(|line| line.strip_prefix("lazycred: hint: "));
    let quoted = hints.flat_map(|hint| hint.split('`').skip(1).step_by(2));
    let ours = quoted.filter(|text| text.contains("lazycred ") && !text.ends_with("--help"));
    ours.map(str::to_owned).collect()
}

#[test]
fn every_hint_that_names_a_command_has_the_flags_that_were_given() {
    let sandbox = sandbox();
    sandbox.write("t", "{{nope}}");
    sandbox.write("creds.json", "{}");
    for (args, named) in [
        (
            &["get", "nope"][..],
            &["lazycred list @", "lazycred put nope FILE @"][..],
        ),
        (&["get", "dbx"], &["lazycred list @"]),
        (
            &["get", "db", "--version", "abc"],
            &["lazycred history db @"],
        ),
        (
            &["get", "db", "user"],
            &["lazycred get NAME --field FIELD @"],
        ),
        (
            &["set", "nope", "f", "creds.json"],
            &["echo '{}' | lazycred put nope @", "lazycred list @"],
        ),
        (
            &["rollback", "db", "--to", "abc"],
            &["lazycred history db @"],
        ),
        (&["diff", "nope", "db"], &["lazycred list @"]),
        (&["diff", "db@v", "db"], &["lazycred diff db --version v @"]),
        (&["history", "nope"], &["lazycred list @"]),
        (&["cp", "nope", "x"], &["lazycred list @"]),
        (&["mv", "nope", "x"], &["lazycred list @"]),
        (&["rm", "nope"], &["lazycred list @"]),
        (&["unset", "nope", "f"], &["lazycred list @"]),
        (
            &["render", "t"],
            &["lazycred list @", "lazycred put nope FILE @"],
        ),
        (
            &["export", "nope", "-f", "json"],
            &["lazycred list @", "lazycred put nope FILE @"],
        ),
        (
            &["exec", "nope", "-n"],
            &["lazycred list @", "lazycred put nope FILE @"],
        ),
        (
            &["exec", "db"],
            &["lazycred exec db_credentials @ -- ./server"],
        ),
        (
            &["exec", "db", "./server", "-p"],
            &["lazycred exec db @ -- ./server -p"],
        ),
        (
            &["exec", "creds.json", "-n"],
            &["lazycred put NAME creds.json @"],
        ),
        (&["delete", "db"], &["lazycred rm NAME @"]),
        (
            &["web/prod", "--", "env"],
            &["lazycred exec web/prod @ -- COMMAND"],
        ),
    ] {
        for after in [false, true] {
            let flags = ["--config", "it is.json", "-e", "prod"];
            let whole = if after && args[0] != "web/prod" && !args.contains(&"--") {
                let (command, rest) = args.split_at(1);
                [command, &flags, rest].concat()
            } else {
                [&flags, args].concat()
            };
            let run = sandbox
                .run(&whole[..])
                .stdin("")
                .env("EDITOR", "truncate -s 0");
            let told = run.any_stdout().any_stderr().outcome().stderr;
            let named: Vec<String> = named.iter().map(|it| it.replace('@', FLAGS)).collect();
            assert_eq!(commands(&told), named, "{whole:?}: {told}");
        }
    }
    let plain = sandbox.run("get nope").fails(3).stderr;
    assert_eq!(
        commands(&plain),
        ["lazycred list", "lazycred put nope FILE"]
    );
}

#[test]
fn a_hint_that_is_pasted_changes_the_environment_that_was_meant() {
    let sandbox = sandbox();
    let flags = ["--config", "it is.json", "-e", "prod"];
    sandbox.run([&["-q", "rm", "db"], &flags[..]].concat()).ok();
    let told = sandbox.run([&["get", "db"], &flags[..]].concat()).fails(3);
    let [back] = &commands(&told.stderr)[..] else {
        panic!("{told}");
    };
    let words = shell_words::split(back).unwrap();
    sandbox.run(&words[1..]).any_stderr().ok();
    sandbox.prints([&["get", "db"], &flags[..]].concat(), r#"{"a": "b"}"#);
    sandbox.refuses("get db", 3, "no secret named `db`");
}

#[test]
fn doctors_remedies_have_them_too() {
    let sandbox = sandbox();
    let args = ["doctor", "nope", "--config", "it is.json", "-eprod"];
    let told = sandbox.run(args).any_stdout().any_stderr().outcome().text();
    let remedy = format!("remedy: `lazycred list {FLAGS}` shows the names\n");
    assert!(told.contains(&remedy), "{told}");
}
