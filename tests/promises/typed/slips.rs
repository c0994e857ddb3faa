//! Slips that are noticed only when a command fails.

use crate::promises::typed::hinted;
use crate::support::terminal::at_terminal;
use crate::support::{ALIAS, FakeAws, Sandbox};

#[test]
fn forgotten_dashes_before_a_command_are_told_with_the_command() {
    let sandbox = Sandbox::local();
    sandbox.put("app", r#"{"a": 1}"#);
    sandbox.put("common", r#"{"b": 1}"#);
    for (args, command) in [
        (
            &["exec", "app", "sh", "script.sh"][..],
            "exec app -- sh script.sh",
        ),
        (&["run", "app", "common", "env"], "run app common -- env"),
        (
            &["exec", "app", "sh", "-c", "echo hunter2-typed"],
            "exec app -- sh -c …",
        ),
        (
            &["exec", "app", "sh", "-e", "exit 1"],
            "exec app -- sh -e …",
        ),
        (
            &["exec", "app", "sh", "run", "start", "--silent"],
            "exec app -- sh run start --silent",
        ),
        (
            &["exec", "app", "nowhere", "start", "--zzz"],
            "exec app -- nowhere start --zzz",
        ),
        (
            &["exec", "app", "./a b", "--pw=hunter2-typed"],
            "exec app -- './a b' …",
        ),
        (&["exec", "A=app", "env"], "exec REFERENCE -- env"),
        (
            &["exec", "--pristine", "app", "env"],
            "exec --pristine app -- env",
        ),
    ] {
        sandbox
            .run(args)
            .never("hunter2-typed")
            .any_stderr()
            .status(125);
        let hint = hinted(&sandbox, args, 125);
        assert_eq!(
            hint,
            format!("put `--` before the command: `lazycred {command}`")
        );
    }
    sandbox.prints("exec app --pristine -- env", "A=1\n");
    let hint = hinted(&sandbox, &["exec", "app", "nowhere"], 125);
    assert_eq!(
        hint,
        "put it after `--`, as in `lazycred exec db_credentials -- ./server`"
    );
}

#[test]
fn options_that_are_ours_too_do_not_hide_forgotten_dashes() {
    let sandbox = Sandbox::new();
    for (rest, shown) in [
        ("env --json", "env --json"),
        ("env --timeout 5s", "env --timeout …"),
        ("env --case=hunter2-typed", "env …"),
        ("env --prefix", "env --prefix"),
        ("env --template a --template", "env --template …"),
    ] {
        let typed = format!("exec app {rest}");
        let args: Vec<&str> = typed.split(' ').collect();
        assert_eq!(
            hinted(&sandbox, &args, 125),
            format!("put `--` before the command: `lazycred exec app -- {shown}`")
        );
    }
    // What is wrong before the command is told first.
    let hint = hinted(&sandbox, &["exec", "app", "--timeout", "5s", "env"], 125);
    assert!(!hint.contains("put `--`"), "{hint}");
}

#[test]
fn forgotten_dashes_are_told_without_asking_for_more() {
    let aws = FakeAws::start();
    let sandbox = Sandbox::aws(&aws.url(), "acme-secrets/prod/", ALIAS);
    sandbox.put("app", "hunter2");
    aws.forget();
    let (shown, status) = at_terminal(sandbox.run("exec app sh -c true").env("NO_COLOR", "1"), "");
    assert!(
        status == 125 && shown.contains("lazycred exec app -- sh -c …"),
        "{shown}"
    );
    assert!(!aws.operations().iter().any(|name| name.starts_with("List")));
}

#[test]
fn a_reference_that_an_option_took_is_named() {
    let sandbox = Sandbox::local();
    let hint = hinted(&sandbox, &["exec", "-e", "web/prod", "--", "env"], 125);
    assert_eq!(
        hint,
        "`web/prod` was taken as the value of `-e`: name a secret after it, or set LAZYCRED_SECRETS"
    );
    for typed in ["URL=postgres://{{db#pw}}@h", "URL={{db#pw}}", "URL={{db#}}"] {
        let hint = hinted(&sandbox, &["exec", typed, "--", "env"], 125);
        let set = "`lazycred exec --set 'URL=TEXT' -- COMMAND`";
        assert_eq!(
            hint,
            format!("a text with {{{{REFERENCE}}}} in it is an option's value: {set}")
        );
    }
}

#[test]
fn an_option_with_one_dash_is_told_though_its_letter_is_one() {
    let sandbox = Sandbox::local();
    sandbox.put("db", r#"{"user": "app"}"#);
    for args in [
        &["get", "-field", "user"][..],
        &["get", "-field", "db"],
        &["get", "db", "-field=user"],
    ] {
        assert_eq!(hinted(&sandbox, args, 3), "did you mean `--field`?");
    }
    sandbox.prints("get db -fuser", "app");
}

#[test]
fn a_file_that_is_typed_for_a_name_is_told() {
    let sandbox = Sandbox::local();
    sandbox.write("creds.json", "{}");
    sandbox.write(".env", "A=1\n");
    sandbox.write("plain", "x");
    let stores = "`creds.json` is a file: `lazycred put NAME creds.json` stores it";
    assert_eq!(
        hinted(&sandbox, &["exec", "creds.json", "--", "env"], 125),
        stores
    );
    assert_eq!(
        hinted(&sandbox, &["export", "creds.json", "-f", "json"], 3),
        stores
    );
    assert_eq!(
        hinted(&sandbox, &["exec", ".env", "--", "env"], 125),
        "`.env` is a file: `lazycred exec --env-file .env -- COMMAND` sets its variables, \
         `lazycred put NAME .env` stores it"
    );
    for (name, hint) in [
        (
            "creds.json",
            "`lazycred put NAME creds.json` stores it; a secret of that name is read from a pipe",
        ),
        (
            ".env",
            "`lazycred import .env --as NAME` stores its variables as one secret's fields, \
             `lazycred put NAME .env` stores it as one text",
        ),
    ] {
        let put = sandbox.run(["put", name]).env("NO_COLOR", "1");
        let (shown, status) = at_terminal(put, "");
        assert_eq!(
            shown,
            format!(
                "lazycred: error: `{name}` is a file, and no name is given for what is in it\n\
                 lazycred: hint: {hint}\n"
            )
        );
        assert_eq!(status, 2);
    }
    // What has no dot may be a name, and so may all else into a pipe.
    let (shown, status) = at_terminal(sandbox.run("put plain"), "hunter2\n");
    assert!(status == 0 && shown.contains("saved plain"), "{shown}");
    sandbox.run("-q put creds.json").stdin("{}").ok();
    sandbox.prints("get creds.json", "{}");
}

#[test]
fn a_field_with_a_value_is_refused_as_a_field() {
    let sandbox = Sandbox::local();
    sandbox
        .run("set db user=hunter2-typed")
        .never("hunter2-typed")
        .stderr_has("error: refusing `user=…` as a field: the part after `=` may be a secret\n")
        .status(2);
}
