//! `--only`, `--except` and `--keep`: a filter that does nothing is a mistake.

use crate::support::Sandbox;

const SECRET: &str = r#"{"db": {"host": "h", "password": "p"}, "none": null, "list": ["a"]}"#;

#[track_caller]
fn refused(sandbox: &Sandbox, args: &[&str], said: &str) {
    let all = [&["exec", "s"], args, &["--", "touch", "ran"]].concat();
    sandbox.run(all).stderr_has(said).status(125);
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn a_pattern_that_no_name_can_match_is_an_error_before_anything_is_fetched() {
    let sandbox = Sandbox::local();
    for option in ["--only", "--except"] {
        for pattern in [
            "A,B",
            "DB_HOST DB_PASSWORD",
            "DB-*",
            "db.host",
            "/db/host",
            "É*",
            "",
            "A=b",
            "DB_HOST,",
        ] {
            let said = format!("no variable's name can match {option} `{pattern}`");
            refused(&sandbox, &[option, pattern], &said);
        }
        refused(
            &sandbox,
            &[option, "[A"],
            &format!("{option} `[A` is not a valid pattern"),
        );
        refused(
            &sandbox,
            &["--only", "DB_*", option, "A,B"],
            &format!("can match {option} `A,B`"),
        );
    }
}

#[test]
fn a_pattern_has_the_case_that_the_names_have() {
    let sandbox = Sandbox::local();
    sandbox.put("s", SECRET);
    for (case, pattern) in [
        (&[][..], "db_*"),
        (&["--case", "upper"], "DB_hOST"),
        (&["--case", "lower"], "DB_*"),
        (&["--case", "lower"], "*_Host"),
    ] {
        for option in ["--only", "--except"] {
            let said = format!("no variable's name can match {option} `{pattern}`: with `--case ");
            refused(&sandbox, &[case, &[option, pattern]].concat(), &said);
        }
    }
    for args in [
        &["--only", "DB_HOST"][..],
        &["--case", "lower", "--only", "db_host"],
        &["--case", "keep", "--only", "db_host"],
        &["--only", "[!a-z]B_HOST"],
        &["--prefix", "my-", "--only", "MY_DB_HOST"],
    ] {
        let all = [&["exec", "s"], args, &["--dry-run"]].concat();
        let lines = sandbox.run(all).gives().lines();
        assert_eq!(lines.len(), 1, "{args:?}: {lines:?}");
    }
}

#[test]
fn a_name_without_wildcards_that_no_variable_has_is_an_error() {
    let sandbox = Sandbox::local();
    sandbox.put("s", SECRET);
    sandbox.put("t", r#"{"token": "x"}"#);
    for (args, name) in [
        (&["--except", "DB_PASSWRD"][..], "--except `DB_PASSWRD`"),
        (
            &["--only", "DB_*", "--only", "DB_PASSWRD"],
            "--only `DB_PASSWRD`",
        ),
        (
            &["--only", "DB_HOST", "--except", "TOKEN"],
            "--except `TOKEN`",
        ),
        (
            &["--except", "db_host", "--case", "keep", "--separator", "__"],
            "--except `db_host`",
        ),
        // Inherited variables and those that the user names are not filtered.
        (&["--except", "HOME"], "--except `HOME`"),
        (&["V=t", "--except", "V"], "--except `V`"),
        (
            &["--only", "LIST_1", "--arrays", "index"],
            "--only `LIST_1`",
        ),
    ] {
        refused(&sandbox, args, &format!("{name} matches no variable"));
    }
    for args in [
        &["--except", "DB_PASSWORD"][..],
        &["t", "--except", "TOKEN"],
        &[
            "--only",
            "DB_HOST",
            "--only",
            "DB_PASSWORD",
            "--except",
            "DB_PASSWORD",
        ],
        // The field is there, only null.
        &["--except", "NONE"],
        &["--except", "NO_SUCH_*"],
        &["V=t", "--except", "LIST"],
    ] {
        let all = [&["exec", "s"], args, &["--", "true"]].concat();
        sandbox.run(all).ok();
    }
    refused(
        &sandbox,
        &["--only", "X*"],
        "--only and --except leave no variable",
    );
    refused(
        &sandbox,
        &["--except", "*"],
        "--only and --except leave no variable",
    );
    let only_named = ["exec", "V=t", "--only", "TOKEN", "--", "true"];
    sandbox.run(only_named).fails(125);
}

#[test]
fn keep_takes_one_exact_name_and_one_that_is_not_set_is_nothing() {
    let sandbox = Sandbox::local();
    sandbox.put("s", r#"{"a": "1"}"#);
    for list in [
        "HOME,PATH",
        "HOME PATH",
        "HOME:PATH",
        "H*",
        "HOM?",
        "[H]OME",
        "",
        "HOME=",
        "HOME\n",
    ] {
        let said = "it takes one exact name";
        refused(&sandbox, &["--pristine", "--keep", list], said);
    }
    sandbox
        .run("exec s --pristine --keep NOT_SET --keep my.name-1 -- /usr/bin/env")
        .env("my.name-1", "kept")
        .stdout("A=1\nmy.name-1=kept\n")
        .ok();
}
