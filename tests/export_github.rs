//! `export --format github`: the next steps have the values, and no log shows them.

use std::collections::BTreeMap;
use std::fs;

use crate::export::{HARD, HARDER, stored};
use crate::runner::{Runner, handed_on};
use crate::sandbox::{PROGRAM, Sandbox};

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
    assert_eq!(handed_on(&first), all);
    run().gives();
    let both = fs::read_to_string(sandbox.home().join("env")).unwrap();
    let second = both.strip_prefix(&first).unwrap();
    assert_eq!(handed_on(second), all);
    assert_ne!(first, second, "the delimiters are random");
    for line in first.lines().filter(|line| line.starts_with('V')) {
        assert!(line.len() > "V00<<".len() + 32, "{line}");
    }
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
        let script = format!("'{PROGRAM}' export hard --format github {closed}");
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

#[test]
fn the_next_step_has_every_value_and_no_line_of_one_is_seen_in_the_log() {
    let sandbox = Sandbox::local();
    let all = stored(&sandbox, &[&HARD[..], &HARDER].concat());
    let mut runner = Runner::new(&sandbox, BTreeMap::new());
    let export = format!("'{PROGRAM}' export hard --format github");
    assert_eq!(runner.step(&export), 0, "{}", runner.log);
    assert_eq!(runner.variables, all);
    assert_eq!(runner.log.trim(), "");
    let show = "for name in ${!V*}; do printf '<%s>\n' \"${!name}\"; done";
    assert_eq!(runner.step(show), 0);
    // A line's own spaces are hidden with it.
    let shown = runner.log.replace("***", "");
    let left = |c: char| !c.is_whitespace() && !"<>".contains(c);
    assert!(!shown.contains(left), "{shown:?}");
}
