//! `cp`, and the rules that `mv` shares with it.

use serde_json::{Value, json};

use crate::support::harness::record;
use crate::support::versions::{get, put, versioned};
use crate::support::{ACCOUNT, FakeAws, Moto, REGION, S3_PATH, Sandbox, store};

pub const A: &str = "acme-secrets/prod/a";
pub const B: &str = "acme-secrets/prod/b";

#[track_caller]
pub fn missing(aws: &FakeAws, name: &str) {
    aws.refuses(&["get", name], 3, "no secret named");
}

pub const TAKEN: &str = "lazycred: error: cannot store `b` (s3://acme-secrets/prod/b): it already exists\n\
     lazycred: hint: --replace replaces it\n";

#[test]
fn a_copy_opens_under_both_names_and_is_never_opened_on_the_way() {
    for format in [1, 2] {
        let aws = FakeAws::start();
        store(&aws, A, "hunter2", format);
        let copied = aws.run("cp a b").stderr("copied a to b\n").status(0);
        assert!(!copied.operations().contains(&"Decrypt"), "{copied}");
        get(&aws, "a", "hunter2");
        get(&aws, "b", "hunter2");
        let moved = aws.run("mv b c").stderr("renamed b to c\n").status(0);
        assert!(!moved.operations().contains(&"Decrypt"), "{moved}");
        missing(&aws, "b");
        get(&aws, "c", "hunter2");
    }
}

#[test]
fn a_copy_keeps_its_creation_time_and_tool_and_counts_its_own_generations() {
    let aws = FakeAws::start();
    store(&aws, A, "hunter2", 2);
    let record = || -> Value { serde_json::from_slice(&aws.object(B).unwrap()).unwrap() };
    for generation in [1, 2] {
        let cp = aws.run("cp a b --replace");
        cp.stderr_has("copied a to b").status(0);
        let copy = record();
        assert_eq!(
            (&copy["gen"], &copy["tool"], &copy["created"]),
            (
                &json!(generation),
                &json!("harness/1"),
                &json!("2026-01-01T00:00:00Z")
            )
        );
    }
}

#[test]
fn an_existing_name_is_a_conflict_before_any_kms_call_unless_replace_is_given() {
    for command in ["cp", "mv"] {
        let aws = FakeAws::start();
        put(&aws, "a", "hunter2");
        put(&aws, "b", "taken");
        aws.forget();
        let refused = aws.run(&[command, "a", "b"]).stderr(TAKEN).status(6);
        let mut operations = refused.operations();
        operations.dedup();
        assert_eq!(operations, ["GetObject"]);
        get(&aws, "a", "hunter2");
        get(&aws, "b", "taken");
        let said = if command == "cp" { "copied" } else { "renamed" };
        let replaced = aws.run(&[command, "a", "b", "--replace"]);
        replaced.stderr(format!("{said} a to b\n")).status(0);
        get(&aws, "b", "hunter2");
        assert_eq!(aws.object(A).is_some(), command == "cp");
        let alike = aws.run(&[command, "b", "b"]);
        alike
            .stderr("lazycred: error: source and destination are the same: `b`\n")
            .status(2);
        aws.refuses(&[command, "nope", "c"], 3, "no secret named `nope`");
        assert_eq!(aws.object(&format!("{S3_PATH}c")), None);
    }
}

#[test]
fn a_name_that_is_taken_meanwhile_is_not_overwritten() {
    for command in ["cp", "mv"] {
        let aws = FakeAws::start();
        put(&aws, "a", "hunter2");
        aws.before("PutObject", |state| {
            state.put_object(B, b"theirs");
        });
        aws.refuses(
            &[command, "a", "b"],
            6,
            "it was changed by a concurrent write",
        );
        assert_eq!(aws.object(B).unwrap(), b"theirs");
        get(&aws, "a", "hunter2");
    }
}

#[test]
fn replacing_is_a_compare_and_swap_that_is_tried_again() {
    let aws = versioned();
    put(&aws, "a", "hunter2");
    put(&aws, "b", "taken");
    let theirs = aws.object(B).unwrap();
    aws.before("PutObject", move |state| {
        // Other bytes of the same record, so that the etag changes.
        state.put_object(B, &[&theirs[..], b"\n"].concat());
    });
    let cp = aws.run("cp a b --replace");
    let outcome = cp.stderr_has("copied a to b").status(0);
    let puts = outcome
        .requests
        .iter()
        .filter(|request| request.operation == "PutObject");
    let conditions: Vec<_> = puts.map(|request| request.header("if-match")).collect();
    assert!(
        conditions.len() == 2 && conditions[0] != conditions[1],
        "{conditions:?}"
    );
    assert_eq!(aws.versions(B).len(), 3);
    get(&aws, "b", "hunter2");
}

#[test]
fn a_record_wrapped_in_another_account_is_neither_copied_nor_moved() {
    for command in ["cp", "mv"] {
        let aws = FakeAws::start();
        let foreign = aws.wrapping_key("foreign", "999999999999", REGION);
        aws.state().kms.key(&foreign).open_to.push(ACCOUNT.into());
        let planted = record::version_1(b"planted", |data_key, context| {
            aws.wrap(&foreign, data_key, context)
        });
        aws.put_object(A, &planted);
        let refused = aws.run(&[command, "a", "b"]);
        refused
            .stderr_has("which is not in account 123456789012")
            .status(4);
        assert_eq!((aws.object(A), aws.object(B)), (Some(planted), None));
    }
}

#[test]
fn moto_copies_and_moves_too() {
    let Some(moto) = Moto::shared() else {
        return;
    };
    moto.fresh_wrapping_key("test-moves");
    let s3_path = format!("{}/app/", moto.fresh_versioned_bucket());
    let sandbox = Sandbox::aws(&moto.endpoint(), &s3_path, "test-moves");
    sandbox.put("a", "hunter2");
    sandbox.run(["cp", "a", "b"]).stderr("copied a to b\n").ok();
    let kept = "its history stays under a: lazycred history a";
    sandbox.says("mv a c", format!("renamed a to c ({kept})\n"));
    sandbox.run(["list"]).stdout("b\nc\n").ok();
    for name in ["b", "c"] {
        sandbox.run(["get", name]).stdout("hunter2").ok();
    }
    assert_eq!(sandbox.run(["mv", "b", "c", "--quiet"]).outcome().status, 0);
    sandbox.run(["list"]).stdout("c\n").ok();
}
