//! `exec --require` and `--require-file`: what the command must find set.

use std::os::unix::fs::symlink;

use crate::support::{PROGRAM, Sandbox};

const HINT: &str =
    "lazycred: hint: set each in the environment, in an --env-file, or by a reference\n";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::local();
    sandbox.put("db", r#"{"host": "h", "empty": "", "none": null}"#);
    sandbox
}

#[test]
fn every_required_variable_that_is_unset_or_empty_is_named_and_nothing_runs() {
    let sandbox = sandbox();
    sandbox.write(
        ".env.example",
        "# ours\nHOST=localhost\nPORT=80\nDB_URL=\n\"",
    );
    let exec = "exec db --require-file .env.example -- touch ran";
    let broken = "`.env.example`: line 5: what is before `=` is not a name";
    sandbox.refuses(exec, 125, broken);
    sandbox.write(
        ".env.example",
        "# ours\nHOST=localhost\nPORT=80\nDB_URL=\nEMPTY=\n",
    );
    let exec = "exec db --require B --require A --require HOST --require PORT \
        --require-file .env.example --require SET --require UNSET -- touch ran";
    sandbox
        .run(exec)
        .env("SET", "x")
        .env("A", "")
        .stderr(format!(
            "lazycred: error: required, but unset or empty: `B`, `A` (empty), `PORT`, `UNSET`; \
             required by `.env.example`: `DB_URL`, `EMPTY` (empty)\n{HINT}"
        ))
        .status(125);
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn a_required_variable_may_come_from_anywhere() {
    let sandbox = sandbox();
    sandbox.write(".env", "OURS=1\nTHEIRS=lazycred:db#host\n");
    sandbox.write(
        "required",
        "INHERITED=\nOURS=\nTHEIRS=\nHOST=\nNAMED=\nMARKED=\nFILE=\nmy.own=\n",
    );
    let exec = "exec db NAMED=db#host --from-env MARKED --file FILE=db --env-file .env \
        --require-file required --require HOST -- true";
    let run = |marked: &str| {
        let run = sandbox.run(exec).env("INHERITED", "x").env("my.own", "x");
        run.env("MARKED", marked)
    };
    run("lazycred:db#host").ok();
    // A null unsets it, and an empty text is none.
    run("lazycred:db#none")
        .stderr_has("unset or empty: `MARKED`\n")
        .status(125);
    run("lazycred:db#empty")
        .stderr_has("unset or empty: `MARKED` (empty)\n")
        .status(125);
    let variable = sandbox.run("exec --require HOST -- true");
    variable.env("LAZYCRED_SECRETS", "db").ok();
    for exec in [
        "exec db --only EMPTY --require HOST -- true",
        "exec db --prefix P_ --require HOST -- true",
        "exec db --require host -- true",
        "exec db#host --file OTHER=db --require OTHERS -- true",
        "exec db --no-override --require HOST -- true",
    ] {
        let run = sandbox.run(exec).env("HOST", "");
        run.stderr_has("error: required, but unset or empty: `")
            .status(125);
    }
}

#[test]
fn lists_and_patterns_are_no_names() {
    let sandbox = sandbox();
    for name in [
        "HOST,PORT",
        "HOST PORT",
        "*",
        "HOS?",
        "HOST=h",
        "[HOST]",
        "",
        "HOST:PORT",
        "HOST;PORT",
    ] {
        let exec = ["exec", "db", "--require", name, "--", "touch", "ran"];
        let run = sandbox
            .run(exec)
            .stderr_has("expected one exact name; repeat the option for more");
        run.status(125);
    }
    sandbox
        .run("exec db --require HOST --require HOST -- true")
        .ok();
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn a_dry_run_prints_and_then_fails() {
    let sandbox = sandbox();
    for (json, shown) in [
        ("", "HOST\tdb#host\t/host\t1 bytes\n"),
        ("--json", "\"name\": \"HOST\""),
    ] {
        let exec = format!("exec db#host --require GONE --require HOST --dry-run {json}");
        let run = sandbox.run(&exec).stdout_has(shown);
        let said = format!("lazycred: error: required, but unset or empty: `GONE`\n{HINT}");
        run.stderr(said).status(125);
    }
    sandbox
        .run("exec db#host --require HOST --dry-run")
        .any_stdout()
        .ok();
}

#[test]
fn an_inherited_variable_that_is_not_passed_on_says_why() {
    let sandbox = sandbox();
    let exec = "exec db --pristine --require A --require HOST --require B -- true";
    sandbox
        .run(exec)
        .env("B", "x")
        .stderr(
            "lazycred: error: required, but unset or empty: `A`, `B`\n\
             lazycred: hint: --pristine drops the inherited `B`; `--keep B` passes it on\n",
        )
        .status(125);
    let kept = "exec db --pristine --keep B --require B -- true";
    sandbox.run(kept).env("B", "x").ok();
    let stripped =
        "exec db --pristine --keep AWS_PROFILE --strip-credentials --require AWS_PROFILE -- true";
    let run = sandbox.run(stripped).env("AWS_PROFILE", "x");
    let said = "hint: --strip-credentials drops the inherited `AWS_PROFILE`; an --env-file or a reference may set it\n";
    run.stderr_has(said).status(125);
    // It is lazycred's own instruction.
    let own = sandbox.run("exec --require LAZYCRED_SECRETS -- true");
    own.env("LAZYCRED_SECRETS", "db").fails(125);
}

#[test]
fn a_file_that_requires_nothing_or_cannot_be_read_is_an_error() {
    let sandbox = sandbox();
    sandbox.write("none", "# A=\n\n");
    sandbox.write("no-value", "A=1\nB\n");
    for (file, said) in [
        (
            "none",
            "error: `none` names no variable, so it requires none\n",
        ),
        ("/dev/null", "error: `/dev/null` names no variable"),
        (
            "no-value",
            "error: `no-value`: line 2: a name without `=`\n",
        ),
        ("nope", "error: cannot read `nope`: no such file\n"),
        (".", "error: cannot read `.`: it is a folder\n"),
    ] {
        let exec = format!("exec db --require-file {file} -- touch ran");
        sandbox.refuses(&exec, 125, said);
    }
    let piped = format!(
        "echo HOST= | '{PROGRAM}' exec db --require-file /dev/fd/7 7<&0 </dev/null -- true"
    );
    sandbox.shell(&piped).ok();
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn the_options_of_lazycred_exec_may_require_variables_too() {
    let sandbox = sandbox();
    symlink(PROGRAM, sandbox.home().join("lazycred-exec")).unwrap();
    sandbox.write("required", "HOST=\n");
    let run = |options: &str| {
        let run = sandbox.run("touch ran").program("./lazycred-exec");
        run.env("LAZYCRED_OPTIONS", options)
            .env("LAZYCRED_SECRETS", "db")
    };
    for options in ["--require GONE", "--require-file required --require 'GONE'"] {
        run(options)
            .stderr_has("unset or empty: `GONE`\n")
            .status(125);
    }
    assert!(!sandbox.home().join("ran").exists());
    run("--require HOST --require-file required").ok();
}

#[test]
fn many_names_and_long_ones_fit_the_error_and_all_are_in_the_log() {
    let sandbox = sandbox();
    let names: Vec<String> = (0..300).map(|n| format!("VARIABLE_{n}=\n")).collect();
    sandbox.write("many", names.concat());
    let exec = "exec db --require-file many -- true";
    let outcome = sandbox.run(exec).outcome();
    let [error, hint] = outcome.stderr.lines().collect::<Vec<_>>()[..] else {
        panic!("{outcome}");
    };
    assert!(
        error.contains("`VARIABLE_0`, `VARIABLE_1`, ") && !error.contains('…'),
        "{outcome}"
    );
    assert!(
        error.ends_with(" more") && error.len() + hint.len() < 900,
        "{outcome}"
    );
    sandbox.refuses(
        &format!("{exec} -v").replace("-- true -v", "-v -- true"),
        125,
        "`VARIABLE_299`",
    );
    let long = "L".repeat(5000);
    let outcome = sandbox
        .run(["exec", "db", "--require", &long, "--", "true"])
        .outcome();
    assert_eq!(outcome.status, 125, "{outcome}");
    assert!(outcome.stderr.len() < 900, "{outcome}");
}
