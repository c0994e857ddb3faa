//! `mv`: the secret is under one of its two names at every moment, whatever fails.

use nix::sys::signal::Signal;

use crate::commands::cp::{A, B, TAKEN, missing};
use crate::support::harness::record;
use crate::support::versions::{get, put};
use crate::support::{ALIAS, FakeAws, Fault, Run, store};

/// Every request of a move in its turn is not done, or done with its answer
/// lost: at no time are both names empty, and the same command finishes.
#[test]
fn an_interrupted_move_loses_nothing_and_the_same_command_finishes_it() {
    for format in [1, 2] {
        let start = || {
            let aws = FakeAws::start();
            store(&aws, A, "hunter2", format);
            aws
        };
        let whole = start().run("mv a b").stderr("renamed a to b\n").status(0);
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
                aws.run("mv a b").stderr("renamed a to b\n").status(0);
            }
            missing(&aws, "a");
            get(&aws, "b", "hunter2");
        }
        assert!(unfinished >= requests, "{unfinished} of {requests}");
    }
}

#[test]
fn a_move_killed_before_the_delete_finishes_without_another_write() {
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
        let finished = finished.stderr("renamed a to b\n").status(0);
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
    let moved = whole.run("mv a b").stderr("renamed a to b\n").status(0);
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
            .stderr_has("hint: `a` was kept; run the same command again to finish")
            .status(1);
        assert!(!refused.operations().contains(&"DeleteObject"), "{refused}");
        get(&aws, "a", "hunter2");
        get(&aws, "b", "hunter2");
    }
}

#[test]
fn a_concurrent_write_to_the_old_name_is_not_removed() {
    let aws = FakeAws::start();
    put(&aws, "a", "hunter2");
    let theirs = record::version_1(b"theirs", |data_key, context| {
        aws.wrap(ALIAS, data_key, context)
    });
    aws.before("DeleteObject", move |state| {
        state.put_object(A, &theirs);
    });
    aws.refuses("mv a b", 6, "it was changed by a concurrent write");
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
        let kept = "its history stays under web/a: lazycred history web/a";
        let said = format!("renamed web/a to b ({kept})\n");
        run("mv web/a b").stderr(said).status(0);
        assert_eq!(sandbox.read("secrets/b"), copy);
        run("list").stdout("b\n").status(0);
        run("get b").stdout("hunter2").status(0);
        run("mv b ../c").stderr_has("error: ").status(2);
        run("list").stdout("b\n").status(0);
    }
}
