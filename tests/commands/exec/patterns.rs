//! `--only`, `--except` and `--keep`: a filter that does nothing is a mistake.

use crate::support::Sandbox;
use crate::support::harness::Arguments;

const SECRET: &str = r#"{"db": {"host": "h", "password": "p"}, "none": null, "list": ["a"]}"#;

#[track_caller]
fn refused(sandbox: &Sandbox, options: impl Arguments, said: &str) {
    let exec = ["exec s".list(), options.list(), "-- touch ran".list()];
    sandbox.refuses(exec.concat(), 125, said);
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn a_pattern_that_can_match_no_name_fails_before_anything_is_fetched() {
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
            "$A",
            "[A]-",
            "A]",
        ] {
            let shown = if pattern == "A=b" { "A=…" } else { pattern };
            let said = format!("no variable's name can match {option} `{shown}`");
            refused(&sandbox, &[option, pattern], &said);
        }
        let said = format!("{option} `[A` is not a valid pattern");
        refused(&sandbox, &[option, "[A"], &said);
        let said = format!("can match {option} `A,B`");
        refused(&sandbox, &["--only", "DB_*", option, "A,B"], &said);
    }
    for good in ["*", "A_?1*", "[!a-z.-]*", "[]x,]A", "[!],]A", "a*"] {
        assert!(lazycred::Filter::new(&[good], &[]).is_ok(), "{good}");
    }
}

#[test]
fn a_pattern_has_the_case_that_the_names_have() {
    let sandbox = Sandbox::local();
    sandbox.put("s", SECRET);
    for (case, pattern) in [
        ("", "db_*"),
        ("--case upper", "DB_hOST"),
        ("--case lower", "DB_*"),
        ("--case lower", "*_Host"),
    ] {
        for option in ["--only", "--except"] {
            let said = format!("no variable's name can match {option} `{pattern}`: with `--case ");
            refused(&sandbox, &format!("{case} {option} {pattern}"), &said);
        }
    }
    for options in [
        "--only DB_HOST",
        "--case lower --only db_host",
        "--case keep --only db_host",
        "--only [!a-z]B_HOST",
        "--prefix my- --only MY_DB_HOST",
    ] {
        let exec = format!("exec s {options} --dry-run");
        let lines = sandbox.run(&exec).gives().lines();
        assert_eq!(lines.len(), 1, "{options}: {lines:?}");
    }
}

#[test]
fn a_name_without_wildcards_that_no_variable_has_is_an_error() {
    let sandbox = Sandbox::local();
    sandbox.put("s", SECRET);
    sandbox.put("t", r#"{"token": "x"}"#);
    for (options, name) in [
        ("--except DB_PASSWRD", "--except `DB_PASSWRD`"),
        ("--only DB_* --only DB_PASSWRD", "--only `DB_PASSWRD`"),
        ("--only DB_HOST --except TOKEN", "--except `TOKEN`"),
        (
            "--except db_host --case keep --separator __",
            "--except `db_host`",
        ),
        // Inherited variables and those that the user names are not filtered.
        ("--except HOME", "--except `HOME`"),
        ("V=t --except V", "--except `V`"),
        ("--only LIST_1 --arrays index", "--only `LIST_1`"),
    ] {
        refused(&sandbox, options, &format!("{name} matches no variable"));
    }
    for options in [
        "--except DB_PASSWORD",
        "t --except TOKEN",
        "--only DB_HOST --only DB_PASSWORD --except DB_PASSWORD",
        // The field exists but is null.
        "--except NONE",
        "--except NO_SUCH_*",
        "V=t --except LIST",
    ] {
        sandbox.run(&format!("exec s {options} -- true")).ok();
    }
    let said = "--only and --except leave no variable";
    refused(&sandbox, "--only X*", said);
    refused(&sandbox, "--except *", said);
    sandbox.run("exec V=t --only TOKEN -- true").fails(125);
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
        let said = "expected one exact name";
        refused(&sandbox, &["--pristine", "--keep", list], said);
    }
    let exec = sandbox.run("exec s --pristine --keep NOT_SET --keep my.name-1 -- /usr/bin/env");
    let exec = exec.env("my.name-1", "kept");
    exec.stdout("A=1\nmy.name-1=kept\n").ok();
}
