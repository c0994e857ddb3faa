//! Inherited variables: text, unless the user says that they hold references.

use std::os::unix::fs::symlink;

use crate::support::{Outcome, PROGRAM, Run, Sandbox};

const VALUE: &str = "hunter2-of-the-database";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::local();
    sandbox.put("db", format!(r#"{{"pw": "{VALUE}", "none": null}}"#));
    sandbox.put("s", r#"{"other": "x"}"#);
    symlink(PROGRAM, sandbox.home().join("lazycred-exec")).unwrap();
    sandbox
}

/// What a variable `V` is for the command.
fn shown(sandbox: &Sandbox, options: &str, value: &str) -> Outcome {
    let exec = format!("exec s {options} -- printenv V");
    sandbox.run(&exec).env("V", value).outcome()
}

/// The same by the name `lazycred-exec`.
fn wrapped(sandbox: &Sandbox, options: Option<&str>) -> Run {
    let run = sandbox.run(["printenv", "V"]).program("./lazycred-exec");
    let run = run.env("LAZYCRED_SECRETS", "s");
    match options {
        Some(options) => run.env("LAZYCRED_OPTIONS", options),
        None => run,
    }
}

#[test]
fn a_reference_in_an_untrusted_variable_stays_text() {
    let sandbox = sandbox();
    for (name, value) in [
        ("CI_COMMIT_TITLE", "lazycred:db#pw"),
        ("HTTP_USER_AGENT", "lazycred:admin"),
        ("T", "lazycred: see #5"),
        ("GITHUB_HEAD_REF", "lazycred:"),
        ("PR_BODY", "lazycred:db#pw{{db#pw}}"),
        ("HTTP_X", "lazycred:\u{1b}[2J\n%"),
    ] {
        let args = ["exec", "s", "--", "printenv", name];
        let outcome = sandbox.run(args).env(name, value).outcome();
        assert_eq!((outcome.status, outcome.text()), (0, format!("{value}\n")));
        assert_eq!(
            outcome.stderr,
            format!(
                "lazycred: warning: the value of `{name}` starts with `lazycred:` but is passed as plain text; \
                 `--from-env {name}` resolves the reference\n"
            )
        );
    }
}

#[test]
fn only_reference_like_text_that_reaches_the_command_is_warned_about() {
    let sandbox = sandbox();
    let quiet = |options: &str, value: &str| {
        let outcome = shown(&sandbox, options, value);
        assert_eq!(outcome.stderr, "", "{options} {value}");
        outcome.text()
    };
    assert_eq!(quiet("--pristine", "lazycred:db#pw"), "");
    assert_eq!(quiet("V=s#other", "lazycred:db#pw"), "x\n");
    assert_eq!(quiet("--quiet", "lazycred:db#pw"), "lazycred:db#pw\n");
    for text in "'lazycred:db#pw'¦ lazycred:db¦LAZYCRED:db¦see lazycred:db".split('¦') {
        assert_eq!(quiet("", text), format!("{text}\n"));
    }
    let many: Vec<String> = (0..9).map(|n| format!("V{n}")).collect();
    let mut run = sandbox.run(["exec", "s", "--", "true"]);
    for name in &many {
        run = run.env(name, "lazycred:db#pw");
    }
    let said = "the values of `V0`, `V1`, `V2`, `V3`, `V4` and 4 more start with `lazycred:`";
    run.stderr_has(said).any_stdout().ok();
}

#[test]
fn from_env_replaces_matching_variables_and_only_file_overrides_it() {
    let sandbox = sandbox();
    for options in [
        "--from-env V",
        "--from-env [U-W] --from-env X",
        "--from-env=* --no-override",
        "--from-env ? --pristine",
        "--from-env V V=s#other --only OTHER",
    ] {
        let outcome = shown(&sandbox, options, "lazycred:db#pw");
        let seen = (outcome.text(), outcome.stderr);
        assert_eq!(seen, (format!("{VALUE}\n"), String::new()));
    }
    let null = shown(&sandbox, "--from-env V", "lazycred:db#none");
    let seen = (null.text(), null.status);
    assert_eq!(seen, (String::new(), 1), "printenv finds none");
    let file = shown(&sandbox, "--from-env V --file V=db", "lazycred:db#pw");
    assert!(file.text().starts_with("/proc/self/fd/"), "{file}");
    // One whose name is no variable's is replaced as well, and nothing else is needed.
    sandbox
        .run("exec --pristine --from-env * -- /usr/bin/env")
        .env("my.variable-1", "lazycred:s#other")
        .stdout("my.variable-1=x\n")
        .ok();
}

#[test]
fn a_near_miss_of_a_reference_stops_exec_without_showing_the_value() {
    let sandbox = sandbox();
    let nearly = "'lazycred:db#pw'¦\"lazycred:db#pw\"¦`lazycred:db#pw`¦\
        \u{201c}lazycred:db#pw\u{201d}¦ lazycred:db#pw¦\tlazycred:db#pw¦\n\u{a0}lazycred:db#pw¦\
        \u{feff}lazycred:db#pw¦LAZYCRED:db#pw¦Lazycred:db#pw¦lazycred :db#pw¦'lazycred':db#pw¦\
        \" lazycred:db#pw\"";
    for value in nearly.split('¦') {
        let outcome = shown(&sandbox, "--from-env *", value);
        assert_eq!((outcome.status, &*outcome.text()), (125, ""), "{value:?}");
        let said = "lazycred: error: the variable `V` is almost a reference";
        assert!(outcome.stderr.starts_with(said), "{outcome}");
        assert!(!outcome.stderr.contains("db#pw"), "{outcome}");
    }
    for (value, said) in [
        ("lazycred:", "the name is missing"),
        (
            "lazycred:hunter2@",
            "error: the variable `V`: the version after `@` is missing\n",
        ),
        ("lazycred:X=s", "its reference must not name a variable"),
        ("lazycred:s#nope", "no field `nope`"),
        (
            "lazycred:text{{db#pw",
            "the variable `V`: line 1: `{{` is not closed",
        ),
        (
            "lazycred:{{db#pw}}{{a b}}",
            "the variable `V`: line 1: `{{…}}` contains a space",
        ),
        (
            "lazycred:{{s#nope}}",
            "the variable `V`: line 1: no field `nope`",
        ),
    ] {
        let outcome = shown(&sandbox, "--from-env V", value);
        assert_eq!((outcome.status, &*outcome.text()), (125, ""), "{value}");
        assert!(outcome.stderr.contains(said), "{value}: {}", outcome.stderr);
    }
    let plain = "¦lazycred¦see lazycred:db¦lazycred-exec¦xlazycred:¦lazycré:¦lazycred/db:1";
    for text in plain.split('¦') {
        let seen = shown(&sandbox, "--from-env *", text).text();
        assert_eq!(seen, format!("{text}\n"));
    }
}

#[test]
fn a_marked_text_with_references_is_rendered_as_set_would() {
    let sandbox = sandbox();
    for (value, expected) in [
        (
            "lazycred:postgres://app:{{db#pw|uri}}@h",
            format!("postgres://app:{VALUE}@h"),
        ),
        ("lazycred:{{ db#pw }}", VALUE.to_owned()),
        ("lazycred: {{s#other}}\n", " x\n".to_owned()),
        ("lazycred:{{{{{{s#other}}", "{{x".to_owned()),
    ] {
        let outcome = shown(&sandbox, "--from-env V --no-override", value);
        let seen = (outcome.text(), outcome.stderr);
        assert_eq!(seen, (format!("{expected}\n"), String::new()));
    }
    let near = shown(&sandbox, "--from-env V", "\"lazycred:{{db#pw}}\"");
    assert_eq!((near.status, &*near.text()), (125, ""), "{near}");
}

#[test]
fn lazycred_exec_takes_every_variable_unless_its_options_name_some() {
    let sandbox = sandbox();
    let reference = "lazycred:db#pw";
    let replaced = format!("{VALUE}\n");
    for options in [None, Some(""), Some("--from-env V"), Some("--null empty")] {
        let run = wrapped(&sandbox, options).env("V", reference);
        run.stdout(&replaced).ok();
    }
    for options in ["--from-env ''", "--from-env=", "--from-env OTHER_*"] {
        let exec = wrapped(&sandbox, Some(options)).env("V", reference);
        let said = "warning: the value of `V` starts with";
        let exec = exec.stdout(format!("{reference}\n"));
        exec.stderr_has(said).ok();
    }
    let nearly = wrapped(&sandbox, None).env("V", "\"lazycred:db#pw\"");
    nearly.fails(125);
    // Its own two variables are no references, whatever they hold.
    sandbox.put("lazycred:x", r#"{"v": "odd"}"#);
    let own = wrapped(&sandbox, None).env("LAZYCRED_SECRETS", "lazycred:x");
    own.stdout("odd\n").ok();
}

#[test]
fn exec_without_a_secret_suggests_from_env_if_a_variable_looks_like_a_reference() {
    let sandbox = sandbox();
    sandbox
        .run(["exec", "--", "touch", "ran"])
        .env("DB_PASSWORD", "lazycred:db#pw")
        .stderr(
            "lazycred: error: no secret given\n\
             lazycred: hint: `--from-env DB_PASSWORD` resolves the reference in that variable\n",
        )
        .status(125);
    sandbox
        .run(["exec", "--from-env", "OTHER*", "--", "touch", "ran"])
        .env("DB_PASSWORD", "text")
        .stderr(
            "lazycred: error: no secret given\n\
             lazycred: hint: name one, as in `lazycred exec db_credentials -- ./server`, or set LAZYCRED_SECRETS\n",
        )
        .status(125);
    sandbox
        .run(["exec", "s", "--from-env", "[", "--", "true"])
        .stderr_has("--from-env `[` is not a valid pattern")
        .status(125);
}
