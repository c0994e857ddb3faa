//! `export --format github`: the next steps have the values, and no log shows them.

use std::collections::BTreeMap;
use std::fs;

use crate::export::{HARD, HARDER, stored};
use crate::sandbox::Sandbox;

/// What the runner makes of `GITHUB_ENV`.
fn github(text: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (head, tail) = rest.split_once('\n').unwrap();
        let (name, delimiter) = head.split_once("<<").unwrap();
        assert!(delimiter.len() > 32);
        let (value, tail) = tail.split_once(&format!("\n{delimiter}\n")).unwrap();
        all.insert(name.to_owned(), value.to_owned());
        rest = tail;
    }
    all
}

#[test]
fn github_masks_every_line_and_adds_to_its_file() {
    let sandbox = Sandbox::local();
    let all = stored(&sandbox, &[&HARD[..], &HARDER].concat());
    sandbox.write("env", "");
    let run = || {
        let run = sandbox.run(["export", "hard", "--format", "github"]);
        run.var("GITHUB_ACTIONS", "true").var("GITHUB_ENV", "env")
    };
    let masks = run().gives().text();
    for value in all.values() {
        let lines = value.split(['\n', '\r']);
        for line in lines.filter(|line| !line.trim().is_empty()) {
            let mask = format!("::add-mask::{}\n", line.replace('%', "%25"));
            assert!(masks.contains(&mask), "{line:?}");
        }
    }
    assert!(masks.lines().all(|line| line.len() > "::add-mask::".len()));
    let first = fs::read_to_string(sandbox.home().join("env")).unwrap();
    assert_eq!(github(&first), all);
    run().gives();
    let both = fs::read_to_string(sandbox.home().join("env")).unwrap();
    let second = both.strip_prefix(&first).unwrap();
    assert_eq!(github(second), all);
    assert_ne!(first, second, "the delimiters are random");
}

#[test]
fn elsewhere_than_on_github_nothing_is_printed() {
    let sandbox = Sandbox::local();
    stored(&sandbox, &["hunter2"]);
    for (on, file) in [("", "env"), ("false", "env"), ("true", "")] {
        let run = sandbox.run(["export", "hard", "--format", "github"]);
        let outcome = run
            .var("GITHUB_ACTIONS", on)
            .var("GITHUB_ENV", file)
            .outcome();
        assert_eq!((outcome.status, outcome.text().as_str()), (2, ""));
        assert!(!sandbox.home().join("env").exists());
    }
}

#[test]
fn nothing_is_handed_on_where_the_masks_cannot_be_written() {
    let sandbox = Sandbox::local();
    stored(&sandbox, &["hunter2"]);
    for closed in [">&-", "> /dev/full"] {
        let script = format!(
            "{} export hard --format github {closed}",
            crate::sandbox::PROGRAM
        );
        let run = sandbox.run(["-c", &script]).program("/bin/sh");
        let outcome = run
            .var("GITHUB_ACTIONS", "true")
            .var("GITHUB_ENV", "env")
            .outcome();
        assert_eq!(outcome.status, 1, "{closed}");
        assert!(
            outcome.stderr.contains("cannot write to standard output"),
            "{}",
            outcome.stderr
        );
        assert!(!sandbox.home().join("env").exists(), "{closed}");
    }
}
