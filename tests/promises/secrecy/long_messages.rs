//! An error and its hint are short enough to be read, and `-v` has the rest.

use crate::support::harness::{Outcome, Sandbox};

const MOST: usize = 900;

/// Each error with its hint, in bytes; and each other line.
fn sizes(stderr: &str) -> Vec<usize> {
    let mut sizes: Vec<usize> = Vec::new();
    for line in stderr.split_inclusive('\n') {
        match sizes.last_mut() {
            Some(last) if line.starts_with("lazycred: hint: ") => *last += line.len(),
            _ => sizes.push(line.len()),
        }
    }
    sizes
}

#[track_caller]
fn is_short(outcome: &Outcome, start: &str, end: &str) {
    let said = &outcome.stderr;
    assert!(
        sizes(said).iter().all(|size| *size <= MOST),
        "{:?} {said}",
        sizes(said)
    );
    assert!(said.starts_with(start) && said.ends_with(end), "{said}");
    assert!(said.contains('…'), "{said}");
}

#[test]
fn an_error_and_its_hint_take_no_more_than_can_be_read_and_verbose_has_the_rest() {
    let sandbox = Sandbox::local();
    sandbox.put("s", r#"{"a": 1}"#);
    // 960 bytes.
    let name = [
        "n".repeat(239),
        "n".repeat(239),
        "n".repeat(239),
        "n".repeat(240),
    ]
    .join("/");
    let hint = "FILE` stores it\n";
    let rm = sandbox.run(["rm", &name, &name, &name]).outcome();
    assert_eq!((rm.status, sizes(&rm.stderr).len()), (3, 3), "{rm}");
    let list = "hint: `lazycred list` shows the names\n";
    is_short(&rm, "lazycred: error: no secret named `nnn", list);
    let exec = sandbox
        .run(["exec", &name, &name, &name, "--", "true"])
        .fails(125);
    is_short(&exec, "lazycred: error: no secret named `nnn", hint);

    let field = format!("/{}", "é".repeat(1_000));
    let get = sandbox.run(["get", "s", "--field", &field]).fails(3);
    is_short(
        &get,
        "lazycred: error: no field `/é",
        "hint: the only field of the secret is `a`\n",
    );
    let get = sandbox.run(["get", "s", "--field", &field, "-v"]).outcome();
    assert!(get.stderr.contains(&format!(
        "info: the next message in full: no field `{field}` in `s`"
    )));

    let fields: Vec<String> = (0..500).map(|n| format!("\"LD_{n}\": 1")).collect();
    sandbox.put("many", format!("{{{}}}", fields.join(",")));
    let hint =
        "lazycred: hint: --except VAR leaves one out; --allow VAR passes one on; repeat for each\n";
    let end = format!("of `many` can make another program run code, so they are refused\n{hint}");
    let exec = sandbox.run(["exec", "many", "--", "true"]).outcome();
    is_short(&exec, "lazycred: error: `LD_0`, `LD_1`, ", &end);
}

#[test]
fn usage_errors_and_warnings_are_short_too() {
    let sandbox = Sandbox::local();
    let long = "x".repeat(3_000);
    for args in [
        vec!["get", "s", "--timeout", &long],
        vec![&*long],
        vec!["get", "s", &*long, &*long],
        vec!["exec", "s", "--format", &long, "--", "true"],
    ] {
        let run = sandbox.run(&args).any_stdout().any_stderr();
        let outcome = run.status(if args[0] == "exec" { 125 } else { 2 });
        is_short(&outcome, "lazycred: error: ", "\n");
    }
    let member =
        format!(r#"{{"s3_path": "file:secrets/", "key_alias": "local:dev", "{long}": 1}}"#);
    sandbox.write(".lazycred", member);
    let outcome = sandbox.run(["list"]).outcome();
    is_short(&outcome, "lazycred: ", "\n");
}

#[test]
fn a_list_of_overlong_names_is_given_as_a_count() {
    let sandbox = Sandbox::local();
    let long = "n".repeat(500);
    for (secret, told) in [
        (
            format!(r#"{{"{long}": 1}}"#),
            "the secret has 1 field, whose name is too long to show",
        ),
        (
            format!(r#"{{"{long}": 1, "b": 2}}"#),
            "the secret has 2 fields, whose names are too long to list",
        ),
        (
            format!(r#"{{"b": 2, "{long}": 1}}"#),
            "the fields of the secret are `b` and 1 more",
        ),
    ] {
        sandbox.put("s", secret);
        let get = sandbox.run(["get", "s", "--field", "other"]);
        let hint = format!(
            "lazycred: error: no field `other` in {}\nlazycred: hint: {told}\n",
            place(&sandbox)
        );
        get.stderr(hint).status(3);
    }
}

fn place(sandbox: &Sandbox) -> String {
    format!("`s` (file://{}/secrets/s)", sandbox.home().display())
}
