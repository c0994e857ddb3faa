//! A path in S3, prefix and name together, has at most 1,024 bytes of UTF-8.

use crate::support::versions::{put, versioned};
use crate::support::{FakeAws, Outcome, place};

/// Bytes of the prefix `prod/`.
const PREFIX: usize = 5;

/// A name that makes a path of this many bytes, mostly of two bytes a character.
fn named(path: usize) -> String {
    let bytes = path - PREFIX;
    format!(
        "{}{}",
        "a".repeat(2 - bytes % 2),
        "é".repeat((bytes - 1) / 2)
    )
}

fn said(bytes: usize) -> String {
    format!("is too long: with its prefix it has {bytes} bytes, and S3 allows 1,024\n")
}

/// It failed, and sent nothing.
#[track_caller]
fn is_refused(outcome: &Outcome, status: i32, why: &str) {
    assert_eq!(outcome.code(), Some(status), "{outcome}");
    assert!(outcome.stderr.contains(why), "{outcome}");
    assert!(outcome.stderr.len() < 900, "{outcome}");
    assert!(outcome.requests.is_empty(), "{outcome}");
}

#[test]
fn the_longest_path_that_s3_allows_holds_a_secret() {
    let aws = versioned();
    let name = named(1024);
    assert_eq!(place(&name).len(), "acme-secrets/".len() + 1024);
    aws.run(["put", &name]).stdin("x").any_stderr().status(0);
    aws.prints(["get", &name], "x");
    aws.prints(["list", &name], format!("{name}\n"));
    let history = aws.run(["history", &name]).any_stdout().status(0);
    assert_eq!(history.operations(), ["ListObjectVersions"]);
    aws.run(["cp", &name, "short"]).any_stderr().status(0);
    aws.run(["rm", &name]).any_stderr().status(0);
    assert_eq!(aws.object(&place(&name)), None);
}

#[test]
fn a_longer_one_is_refused_by_every_command_before_anything_is_sent() {
    let aws = versioned();
    put(&aws, "short", r#"{"a": "b"}"#);
    for bytes in [1025, 1026, 60_000] {
        let name = &*named(bytes);
        for arguments in [
            &["get", name][..],
            &["get", name, "--version", "3sL4kqtJlcp"],
            &["put", name],
            &["set", name, "a"],
            &["unset", name, "a"],
            &["edit", name],
            &["rm", name],
            &["history", name],
            &["rollback", name],
            &["rollback", name, "--to", "3sL4kqtJlcp"],
            &["diff", "short", name],
            &["cp", "short", name],
            &["cp", name, "short"],
            &["mv", "short", name],
            &["mv", name, "short"],
            &["import", "names.json"],
            &["import", "names.json", "--dry-run"],
            &["import", "one.json", "--as", name],
            &["export", name, "--format", "json"],
            &["render", "template"],
            &["list", name],
            &["list", name, "--json"],
            &["rekey", name],
            &["upgrade", name],
        ] {
            let run = aws.run(arguments).stdin("x").env("EDITOR", "true");
            let run = run.file("names.json", format!(r#"{{"new": "x", "{name}": "x"}}"#));
            let run = run.file("one.json", r#"{"new": "x"}"#);
            let run = run.file("template", format!("{{{{{name}}}}}"));
            is_refused(&run.any_stdout().outcome(), 2, &said(bytes));
        }
        let inherited = format!("lazycred:{name}");
        for references in [
            &[name][..],
            &[&format!("X={name}#a")],
            &["--file", &format!("F={name}")],
            &["--set", &format!("S=x{{{{{name}#a}}}}")],
            &["--from-env", "INHERITED"],
        ] {
            let arguments = [&["exec"], references, &["--", "true"]].concat();
            let run = aws.run(arguments).env("INHERITED", &inherited);
            is_refused(&run.outcome(), 125, &said(bytes));
        }
        let offered = aws.run(["complete", "fish", "--", "lazycred", "get", name]);
        let offered = offered.any_stdout().outcome();
        assert_eq!((offered.code(), &*offered.stderr), (Some(0), ""));
        assert!(offered.requests.is_empty(), "{offered}");
    }
    assert_eq!(aws.versions(&place("short")).len(), 1);
}

#[test]
fn what_is_too_long_is_named_by_its_ends_and_with_what_shortens_it() {
    let aws = FakeAws::start();
    let hint = "lazycred: hint: use a shorter name";
    let name = "n".repeat(100_000);
    let shown = format!("{0}…{0}", "n".repeat(100));
    let expected = format!(
        "lazycred: error: `{shown}` {}{hint}, or a shorter prefix in `s3_path`\n",
        said(100_005)
    );
    aws.run(["get", &name]).stderr(expected).status(2);
    // A bucket's own names.
    let expected = format!(
        "lazycred: error: `{shown}` is too long: it has 100000 bytes, and S3 allows 1,024\n{hint}\n"
    );
    let run = aws.run(["get", &name]);
    let run = run.env("LAZYCRED_S3_PATH", "acme-secrets/");
    run.stderr(expected).status(2);
    // Where there is no room for any name.
    let path = format!("acme-secrets/{}/", "p".repeat(60_000));
    for arguments in ["get web", "list", "list w", "history web"] {
        let run = aws.run(arguments).env("LAZYCRED_S3_PATH", &path);
        let why = "pppp/` is too long: it has 60001 bytes, and S3 allows 1,024 with a name\n";
        is_refused(&run.outcome(), 2, why);
    }
}

#[test]
fn a_version_longer_than_any_is_missing() {
    let aws = versioned();
    put(&aws, "web", "x");
    let version = "v".repeat(100_000);
    let etag = format!("d41d8cd98f00b204e9800998ecf8427e-{}", "9".repeat(100_000));
    for version in [version, etag] {
        let run = aws.run(["get", "web", "--version", &version]);
        let outcome = run.any_stderr().status(3);
        assert!(!outcome.operations().contains(&"GetObject"), "{outcome}");
        let reference = format!("web@{version}");
        let outcome = aws.run(["exec", &reference, "--", "true"]);
        outcome.any_stderr().status(125);
    }
}
