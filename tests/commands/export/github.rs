//! `export --format github`: the next steps have the values, and no log shows them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::commands::export::formats::{hard_and_harder, stored};
use crate::support::runner::{Runner, handed_on};
use crate::support::{PROGRAM, Run, Sandbox};

/// Whether a line is to be hidden from the log.
fn hidden(line: &str) -> bool {
    let says_something = |c: char| !c.is_ascii_punctuation() && !c.is_ascii_whitespace();
    line.chars().count() >= 3 && line.contains(says_something) && line.trim() != "null"
}

#[test]
fn github_masks_every_line_and_adds_to_its_file() {
    let sandbox = Sandbox::local();
    let all = stored(&sandbox, &hard_and_harder());
    sandbox.write("env", "");
    let run = || {
        let run = sandbox.run(["export", "hard", "--format", "github"]);
        run.env("GITHUB_ACTIONS", "true").env("GITHUB_ENV", "env")
    };
    let masks = run().gives().text();
    for value in all.values() {
        let lines = value.split(['\n', '\r']);
        for line in lines.filter(|line| hidden(line)) {
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
    let lines: Vec<&str> = first.lines().collect();
    for line in lines.iter().filter(|line| line.starts_with("V0")) {
        assert!(line.len() > "V00<<".len() + 32, "{line}");
    }
}

#[test]
fn elsewhere_than_on_github_nothing_is_printed() {
    let sandbox = Sandbox::local();
    stored(&sandbox, &["hunter2"]);
    for (on, file) in [("", "env"), ("false", "env"), ("true", "")] {
        let run = sandbox.run(["export", "hard", "--format", "github"]);
        let run = run.env("GITHUB_ACTIONS", on).env("GITHUB_ENV", file);
        run.fails(2);
        assert!(!sandbox.home().join("env").exists());
    }
}

#[test]
fn nothing_is_handed_on_where_the_masks_cannot_be_written() {
    let sandbox = Sandbox::local();
    stored(&sandbox, &["hunter2"]);
    for closed in [">&-", "> /dev/full"] {
        let script = format!("'{PROGRAM}' export hard --format github {closed}");
        let run = sandbox.shell(&script);
        let run = run.env("GITHUB_ACTIONS", "true").env("GITHUB_ENV", "env");
        run.stderr_has("cannot write to standard output").status(1);
        assert!(!sandbox.home().join("env").exists(), "{closed}");
    }
}

#[test]
fn the_next_step_gets_every_value_and_the_log_shows_no_line_of_one() {
    let sandbox = Sandbox::local();
    let all = stored(&sandbox, &hard_and_harder());
    let mut runner = Runner::new(&sandbox, BTreeMap::new());
    let export = format!("'{PROGRAM}' export hard --format github");
    assert_eq!(runner.step(&export), 0, "{}", runner.log);
    assert_eq!(runner.variables, all);
    assert_eq!(runner.log.trim(), "");
    let show = "for name in ${!V*}; do printf '<%s>\n' \"${!name}\"; done";
    assert_eq!(runner.step(show), 0);
    let shown: BTreeSet<&str> = runner
        .log
        .lines()
        .map(|line| line.trim_matches(['<', '>']))
        .collect();
    for value in all.values() {
        let mut lines = value.split(['\n', '\r']).filter(|line| hidden(line));
        let hidden = lines.all(|line| !shown.contains(line));
        assert!(hidden, "{value:?}: {shown:?}");
    }
}

/// One run on GitHub, with both files there.
fn on_github(sandbox: &Sandbox, line: &str) -> Run {
    let run = sandbox.run(&format!("export --format github {line}"));
    run.env("GITHUB_ACTIONS", "true")
        .env("GITHUB_ENV", "env")
        .env("GITHUB_OUTPUT", "output")
}

#[test]
fn what_stands_in_every_log_is_not_hidden_and_all_else_is() {
    let sandbox = Sandbox::local();
    let pem = "-----\nMIIE\n  \"ab\": {\n},\n];\n----\n";
    let object = serde_json::json!({
        "a": "ab", "b": "true", "c": "false", "d": "null", "e": "{}[]()", "f": "é1", "g": "  ", "h": " true ",
        "p": "abc", "q": "True", "r": "a\tb", "s": "é12", "t": "nullx", "u": pem, "v": "€€€", "w": "#!a", "x": "100%",
    });
    sandbox.put("s", object.to_string());
    let masks = on_github(&sandbox, "s").gives().text();
    let expected = "abc|True|a\tb|é12|nullx|MIIE|  \"ab\": {|\"ab\": {|€€€|#!a|100%25";
    let mask = |line: &str| {
        format!(
            "::add-mask::{line}
"
        )
    };
    assert_eq!(masks, expected.split('|').map(mask).collect::<String>());
}

#[test]
fn a_file_that_lacks_its_last_newline_gets_it_first() {
    let sandbox = Sandbox::local();
    sandbox.put("s", r#"{"a": "hunter2"}"#);
    for (before, between) in [
        ("", ""),
        ("X=1\n", ""),
        ("X=1", "\n"),
        ("X=1\r", "\n"),
        ("X<<E\nv\nE", "\n"),
    ] {
        sandbox.write("env", before);
        on_github(&sandbox, "s").gives();
        let after = fs::read_to_string(sandbox.home().join("env")).unwrap();
        let added = after.strip_prefix(&format!("{before}{between}")).unwrap();
        assert!(added.starts_with("A<<lazycred_"), "{after:?}");
        assert_eq!(handed_on(&after)["A"], "hunter2");
    }
}

#[test]
fn outputs_go_to_their_own_file_and_are_masked_too() {
    let sandbox = Sandbox::local();
    sandbox.put(
        "s",
        r#"{"a": "hunter2", "github_env": "x", "node_options": "y"}"#,
    );
    let line = "s --outputs --allow NODE_OPTIONS";
    let masks = on_github(&sandbox, line).gives().text();
    assert_eq!(masks, "::add-mask::hunter2\n");
    let file = fs::read_to_string(sandbox.home().join("output")).unwrap();
    let expected = [("A", "hunter2"), ("GITHUB_ENV", "x"), ("NODE_OPTIONS", "y")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(handed_on(&file), expected.into());
    assert!(!sandbox.home().join("env").exists());
    let command = on_github(&sandbox, line).env("GITHUB_OUTPUT", "");
    command.stderr_has("GITHUB_OUTPUT names a file").status(2);
    sandbox.run("export s --format json --outputs").fails(2);
}

#[test]
fn names_the_github_runner_would_replace_or_block_are_refused() {
    let sandbox = Sandbox::local();
    sandbox.put("s", r#"{"a": "hunter2", "A": "hunter2"}"#);
    for (line, name) in [
        ("GITHUB_SHA=s", "GITHUB_SHA"),
        ("GITHUB_ENV=s", "GITHUB_ENV"),
        ("RUNNER_TEMP=s", "RUNNER_TEMP"),
        ("NODE_OPTIONS=s", "NODE_OPTIONS"),
        ("s --case keep --outputs", "a"),
    ] {
        let said = format!("lazycred: error: cannot export `{name}` of `");
        let outcome = on_github(&sandbox, line).fails(5);
        assert!(outcome.stderr.starts_with(&said), "{}", outcome.stderr);
        assert!(!sandbox.home().join("env").exists() && !sandbox.home().join("output").exists());
    }
    sandbox.put("long", "x".repeat(140_000));
    on_github(&sandbox, "V=long").fails(5);
    on_github(&sandbox, "V=long --outputs").gives();
    on_github(&sandbox, "GITHUB_TOKEN=s GITHUB_X=s --case keep").gives();
}

#[test]
fn a_value_is_hidden_without_the_blanks_at_its_ends_too() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "{\"a\": \"  hunter2 \", \"b\": \" ab\"}");
    let masks = on_github(&sandbox, "s").gives().text();
    assert_eq!(
        masks,
        "::add-mask::  hunter2 \n::add-mask::hunter2\n::add-mask:: ab\n"
    );
}

#[test]
fn what_a_checkout_says_is_no_command_to_the_runner() {
    let sandbox = Sandbox::new();
    let hostile = "##[stop-commands]x";
    sandbox.write(
        ".lazycred",
        format!("{{\"s3_path\": \"file:{hostile}/\", \"key_alias\": \"local:dev\"}}"),
    );
    let get = || sandbox.run("get web").outcome();
    assert!(get().stderr.contains(hostile), "elsewhere it is as it was");
    let on_github = sandbox
        .run("get web")
        .env("GITHUB_ACTIONS", "true")
        .outcome();
    assert_ne!(on_github.status, 0);
    assert!(on_github.stderr.contains("# #[stop-commands]x"));
    assert!(!on_github.stderr.contains("##["));
}
