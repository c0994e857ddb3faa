//! Writes: whole or absent, whatever the server does.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::fake_aws::{Answer, FakeAws, Fault, plain_kms, record};
use crate::support::harness::{Run, Sandbox};

/// An S3 that keeps one object, and a fault in how it is written.
#[derive(Clone, Copy, PartialEq)]
enum Flaw {
    None,
    LosesTheAnswer,
    LosesTheWrite,
    BusyOnce,
    NoConditions,
    KeepsOther,
    KeepsOld,
    Unreadable,
}

fn storing(flaw: Flaw) -> FakeAws {
    let object: Mutex<(Vec<u8>, u32)> = Mutex::new((record(b"old"), 1));
    let busy = AtomicUsize::new(0);
    FakeAws::scripted(move |request, operation| {
        let mut object = object.lock().unwrap();
        Some(match operation {
            "GetObject" if flaw == Flaw::Unreadable => {
                Answer::s3(403, "AccessDenied", "Access Denied")
            }
            "GetObject" => {
                Answer::new(200, object.0.clone()).header("etag", format!("\"{}\"", object.1))
            }
            "PutObject" if flaw == Flaw::BusyOnce && busy.fetch_add(1, Ordering::Relaxed) == 0 => {
                Answer::s3(409, "ConditionalRequestConflict", "again")
            }
            "PutObject" if flaw == Flaw::NoConditions => {
                Answer::s3(501, "NotImplemented", "If-Match")
            }
            "PutObject" => {
                let matches = request
                    .header("if-match")
                    .is_none_or(|etag| etag == format!("\"{}\"", object.1));
                if !matches || request.header("if-none-match").is_some() {
                    return Some(Answer::s3(412, "PreconditionFailed", "no"));
                }
                if flaw == Flaw::LosesTheWrite {
                    return Some(Answer {
                        claimed: Some(9),
                        ..Answer::new(200, "")
                    });
                }
                let etag = object.1 + 1;
                match flaw {
                    Flaw::KeepsOther => *object = (b"other".to_vec(), etag),
                    Flaw::KeepsOld => {}
                    _ => *object = (request.body.clone(), etag),
                }
                match flaw {
                    Flaw::LosesTheAnswer => Answer {
                        claimed: Some(9),
                        ..Answer::new(500, "")
                    },
                    _ => Answer::new(200, "").header("etag", format!("\"{etag}\"")),
                }
            }
            _ => plain_kms(request),
        })
    })
}

#[test]
fn a_write_is_known_to_be_whole_or_absent_whatever_the_server_answers() {
    for (fault, status, said) in [
        (Flaw::None, 0, "saved s\n"),
        (Flaw::LosesTheAnswer, 0, "saved s\n"),
        (Flaw::BusyOnce, 0, "saved s\n"),
        (
            Flaw::LosesTheWrite,
            1,
            "cannot store `s` (s3://acme/prod/s)",
        ),
        (
            Flaw::NoConditions,
            1,
            "the server does not support the condition If-Match",
        ),
        (
            Flaw::KeepsOther,
            1,
            "it returned different bytes than were written",
        ),
        (Flaw::KeepsOld, 1, "it still returns the old record"),
        (
            Flaw::Unreadable,
            0,
            "exists but may not be read; replacing it without checking",
        ),
    ] {
        let server = storing(fault);
        let sandbox = Sandbox::aws(&server.url(), "acme/prod/", "acme");
        let run = sandbox.run(["put", "s"]).stdin("new");
        run.any_stdout().stderr_has(said).status(status);
        if !matches!(fault, Flaw::KeepsOther | Flaw::Unreadable) {
            let now = if status == 0 { "new" } else { "old" };
            sandbox.run(["get", "s"]).stdout(now).ok();
        }
    }
}

#[test]
fn nothing_is_written_when_kms_does_not_wrap() {
    let server = FakeAws::scripted(|_, operation| {
        Some(match operation {
            "GetObject" => Answer::s3(404, "NoSuchKey", "no"),
            _ => Answer::kms(
                400,
                "AccessDeniedException",
                "not authorized to perform: kms:Encrypt",
            ),
        })
    });
    Sandbox::aws(&server.url(), "acme/prod/", "acme")
        .run(["put", "s"])
        .stdin("x")
        .stderr_has("AccessDeniedException: not authorized to perform: kms:Encrypt")
        .status(1);
    assert!(!server.operations().contains(&"PutObject".to_owned()));
}

#[test]
fn where_the_current_record_may_not_be_read_a_condition_is_never_dropped() {
    let server = storing(Flaw::Unreadable);
    let sandbox = Sandbox::aws(&server.url(), "acme/prod/", "acme");
    for (args, status) in [("put s --if-absent", 6), ("put s --if-version 1", 1)] {
        let run = sandbox.run(args);
        run.stdin("new").any_stdout().any_stderr().status(status);
    }
    let warned = sandbox.run(["put", "s"]).stdin("new").outcome();
    assert!(warned.stderr.contains("could not be read back"), "{warned}");
    let quick = sandbox.run("put s --no-verify").stdin("new").outcome();
    assert!(!quick.stderr.contains("could not be read back"), "{quick}");
}

#[test]
fn what_a_server_mixes_up_while_others_write_is_looked_at_once_more() {
    let aws = FakeAws::start();
    let mixed = Fault::sent(|bytes| [&bytes[..], b" "].concat());
    aws.fault("GetObject", mixed.at(2));
    let put = Run::new(["put", "s"]).aws(&aws).secret("s", "old secret");
    let outcome = put.stdin("new secret").stderr("saved s\n").status(0);
    assert_eq!(
        outcome.operations(),
        [
            "GetObject",
            "Encrypt",
            "PutObject",
            "GetObject",
            "GetObject"
        ]
    );
}

#[test]
fn a_field_of_a_secret_that_may_not_be_read_is_never_set() {
    let server = storing(Flaw::Unreadable);
    let sandbox = Sandbox::aws(&server.url(), "acme/prod/", "acme");
    let set = sandbox.run("set db a").stdin("x");
    set.stderr_has("missing or not permitted").status(1);
    assert_eq!(server.operations(), ["GetObject"]);
}

#[test]
fn a_server_that_takes_a_removed_secret_for_an_existing_one_is_not_asked_for_ever() {
    let server = FakeAws::scripted(|request, operation| {
        Some(match operation {
            "GetObject" => Answer::s3(404, "NoSuchKey", "no"),
            "PutObject" => Answer::s3(412, "PreconditionFailed", "no"),
            _ => plain_kms(request),
        })
    });
    let sandbox = Sandbox::aws(&server.url(), "acme/prod/", "acme");
    let put = sandbox.run("put db").stdin("x");
    put.stderr_has("and then that it does not")
        .stderr_has("lazycred history db")
        .status(1);
    let asked = server.operations();
    assert_eq!(
        asked.iter().filter(|asked| *asked == "PutObject").count(),
        4
    );
    assert_eq!(
        asked.iter().filter(|asked| *asked == "GetObject").count(),
        8
    );
}
