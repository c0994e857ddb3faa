//! `cp` and `mv`: a secret under another name, whatever happens on the way.

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::support::harness::record;
use crate::support::versions::{get, put, versioned};
use crate::support::{ACCOUNT, ALIAS, FakeAws, Fault, Moto, REGION, Run, S3_PATH, Sandbox, store};

const A: &str = "acme-secrets/prod/a";
const B: &str = "acme-secrets/prod/b";

#[track_caller]
fn missing(aws: &FakeAws, name: &str) {
    aws.refuses(&["get", name], 3, "no secret named");
}

const TAKEN: &str =
    "lazycred: error: cannot store `b` (s3://acme-secrets/prod/b): it already exists\n";

#[test]
fn a_copy_opens_under_both_names_and_is_never_opened_on_the_way() {
    for format in [1, 2] {
        let aws = FakeAws::start();
        store(&aws, A, "hunter2", format);
        let copied = aws.run("cp a b").stderr("copied a to b\n").status(0);
        assert!(!copied.operations().contains(&"Decrypt"), "{copied}");
        get(&aws, "a", "hunter2");
        get(&aws, "b", "hunter2");
        let moved = aws.run("mv b c").stderr("moved b to c\n").status(0);
        assert!(!moved.operations().contains(&"Decrypt"), "{moved}");
        missing(&aws, "b");
        get(&aws, "c", "hunter2");
    }
}

#[test]
fn a_copy_keeps_when_and_by_what_it_was_made_and_counts_its_own_generations() {
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
fn a_name_that_is_taken_is_a_conflict_before_kms_is_asked_unless_it_is_to_be_replaced() {
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
        let said = if command == "cp" { "copied" } else { "moved" };
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
        aws.refuses(&[command, "a", "b"], 6, "somebody else wrote it meanwhile");
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
fn what_another_accounts_wrapping_key_wraps_is_neither_copied_nor_moved() {
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

/// Every request of a move in its turn is not done, or done with its answer
/// lost: at no time are both names empty, and the same command finishes.
#[test]
fn a_move_that_breaks_off_anywhere_loses_nothing_and_is_finished_by_the_same_command() {
    for format in [1, 2] {
        let start = || {
            let aws = FakeAws::start();
            store(&aws, A, "hunter2", format);
            aws
        };
        let whole = start().run("mv a b").stderr("moved a to b\n").status(0);
        let requests = whole.requests.len();
        assert!(requests >= 6, "{whole}");
        let mut unfinished = 0;
        for (at, fault) in (1..=requests).flat_map(|at| [(at, Fault::Close), (at, Fault::Lost)]) {
            let aws = start();
            aws.fault("*", fault.clone().at(at));
            let broken = aws.run("mv a b").outcome();
            let there = (aws.object(A).is_some(), aws.object(B).is_some());
            assert_ne!(there, (false, false), "{at} {fault:?}: {broken}");
            if broken.code() == Some(0) {
                assert_eq!(there, (false, true), "{at} {fault:?}: {broken}");
            } else {
                assert_eq!(broken.code(), Some(1), "{at} {fault:?}: {broken}");
                unfinished += 1;
            }
            if there.0 {
                get(&aws, "a", "hunter2");
                aws.run("mv a b").stderr("moved a to b\n").status(0);
            }
            missing(&aws, "a");
            get(&aws, "b", "hunter2");
        }
        assert!(unfinished >= requests, "{unfinished} of {requests}");
    }
}

#[test]
fn a_move_that_is_killed_before_it_removes_is_finished_without_another_write() {
    for format in [1, 2] {
        let aws = FakeAws::start();
        store(&aws, A, "hunter2", format);
        aws.fault("DeleteObject", Fault::Stall.once());
        let killed = aws.run("mv a b").spawn();
        aws.wait_for("DeleteObject", 1);
        killed.send(Signal::SIGKILL);
        killed.ended_by(Signal::SIGKILL);
        let copy = aws.object(B).unwrap();
        assert!(aws.object(A).is_some());
        aws.forget();
        let finished = aws.run("mv a b");
        let finished = finished.stderr("moved a to b\n").status(0);
        assert!(!finished.operations().contains(&"PutObject"), "{finished}");
        assert_eq!(aws.object(B), Some(copy));
        missing(&aws, "a");
        get(&aws, "b", "hunter2");
    }
}

#[test]
fn the_old_name_stays_where_the_new_one_cannot_be_read_back() {
    let whole = FakeAws::start();
    put(&whole, "a", "hunter2");
    let moved = whole.run("mv a b").stderr("moved a to b\n").status(0);
    let of_b = |outcome: &crate::support::Outcome| {
        let told = outcome.told();
        told.iter()
            .filter(|told| **told == format!("GetObject {B}"))
            .count()
    };
    let last = of_b(&moved);
    for fault in [
        Fault::Denied,
        Fault::Error(404, "NoSuchKey", "gone"),
        Fault::Body(b"{}".into()),
    ] {
        let aws = FakeAws::start();
        put(&aws, "a", "hunter2");
        aws.fault("GetObject", fault.at(last).on("/prod/b"));
        let refused = aws.run("mv a b");
        let refused = refused
            .stderr_has("cannot check `b` (s3://acme-secrets/prod/b)")
            .stderr_has("hint: `a` stays where it is; the same command again finishes")
            .status(1);
        assert!(!refused.operations().contains(&"DeleteObject"), "{refused}");
        get(&aws, "a", "hunter2");
        get(&aws, "b", "hunter2");
    }
}

#[test]
fn what_is_written_under_the_old_name_meanwhile_is_not_removed() {
    let aws = FakeAws::start();
    put(&aws, "a", "hunter2");
    let theirs = record::version_1(b"theirs", |data_key, context| {
        aws.wrap(ALIAS, data_key, context)
    });
    aws.before("DeleteObject", move |state| {
        state.put_object(A, &theirs);
    });
    aws.refuses("mv a b", 6, "somebody else wrote it meanwhile");
    get(&aws, "a", "theirs");
    get(&aws, "b", "hunter2");
    // It is another secret by now.
    aws.run("mv a b").stderr(TAKEN).status(6);
}

#[test]
fn a_folder_copies_and_moves_too_and_finishes_what_was_broken_off() {
    for format in [1, 2] {
        let first = Run::new(["cp", "web/a", "b"]).local();
        let first = match format {
            1 => first.secret("web/a", "hunter2"),
            _ => first.secret_2("web/a", "hunter2"),
        };
        let sandbox = first.stderr("copied web/a to b\n").status(0).sandbox;
        let run = |args: &str| Run::new(args).local().sandbox(&sandbox);
        // A copy is a move that was broken off before the old name was removed.
        let copy = sandbox.read("secrets/b");
        run("mv web/a b").stderr("moved web/a to b\n").status(0);
        assert_eq!(sandbox.read("secrets/b"), copy);
        run("list").stdout("b\n").status(0);
        run("get b").stdout("hunter2").status(0);
        run("mv b ../c").stderr_has("error: ").status(2);
        run("list").stdout("b\n").status(0);
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
    sandbox.run(["mv", "a", "c"]).stderr("moved a to c\n").ok();
    sandbox.run(["list"]).stdout("b\nc\n").ok();
    for name in ["b", "c"] {
        sandbox.run(["get", name]).stdout("hunter2").ok();
    }
    assert_eq!(sandbox.run(["mv", "b", "c", "--quiet"]).outcome().status, 0);
    sandbox.run(["list"]).stdout("c\n").ok();
}
