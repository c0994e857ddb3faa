//! What goes wrong outside: one clear error, its status, and no command run.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::fake_aws::{Answer, FakeAws, nowhere, plain_kms, record};
use crate::support::harness::Sandbox;

type Row = (u16, &'static str, &'static str, i32, &'static str);

/// The service's status, code and message; the program's status, and what it says.
fn rows(table: &'static str) -> impl Iterator<Item = Row> {
    table.lines().map(|line| {
        let row: Vec<_> = line.splitn(5, '|').map(str::trim).collect();
        let (status, expected) = (row[0].parse().unwrap(), row[3].parse().unwrap());
        (status, row[1], row[2], expected, row[4])
    })
}

/// Both commands that read fail: the status, nothing on stdout, nothing run.
/// Each part of `said`, between bars, is in the message.
#[track_caller]
fn fails(sandbox: &Sandbox, args: &[&str], status: i32, said: &str) {
    for exec in [false, true] {
        let run = if exec {
            sandbox.run([&["exec", "s"], args, &["--", "touch", "ran"]].concat())
        } else {
            sandbox.run([&["get", "s"], args].concat())
        };
        let expected = if exec { 125 } else { status };
        let outcome = run.any_stderr().status(expected);
        let errors = outcome
            .stderr
            .lines()
            .filter(|line| line.starts_with("lazycred: error: "));
        assert_eq!(errors.count(), 1, "{}", outcome.stderr);
        for said in said.split(" | ") {
            assert!(outcome.stderr.contains(said), "{said}: {}", outcome.stderr);
        }
        assert!(!sandbox.home().join("ran").exists());
    }
}

fn aws(server: &FakeAws) -> Sandbox {
    Sandbox::aws(&server.url(), "acme/prod/", "acme")
}

#[test]
fn each_answer_of_s3_has_its_status_and_names_the_cause() {
    let table = "404 | NoSuchKey | no | 3 | no secret named `s` (s3://acme/prod/s)
        404 | NoSuchBucket | The bucket does not exist | 1 | NoSuchBucket: The bucket does not exist
        403 | AccessDenied | Access Denied | 1 | missing or not permitted: AccessDenied | hint: allow s3:GetObject
        400 | ExpiredToken | The token has expired | 1 | ExpiredToken | hint: the credentials have expired
        403 | RequestTimeTooSkewed | too large | 1 | RequestTimeTooSkewed | hint: this machine's clock is wrong
        403 | InvalidAccessKeyId | unknown | 1 | InvalidAccessKeyId | hint: AWS does not know these credentials
        500 | InternalError | try again | 1 | InternalError: try again
        503 | ServiceUnavailable | later | 1 | ServiceUnavailable: later";
    for (status, code, message, expected, said) in rows(table) {
        let server = FakeAws::scripted(move |_, _| Some(Answer::s3(status, code, message)));
        fails(&aws(&server), &[], expected, said);
    }
}

#[test]
fn each_answer_of_kms_has_its_status_and_names_the_cause() {
    let table = "400 | AccessDeniedException | not authorized to perform: kms:Decrypt | 1 | alias/acme and the wrapping key that the record names: AccessDeniedException: not authorized to perform: kms:Decrypt
        400 | InvalidCiphertextException | | 4 | cannot open `s` (s3://acme/prod/s) | InvalidCiphertextException
        400 | DisabledException | is disabled | 1 | DisabledException: is disabled
        400 | KMSInvalidStateException | is pending deletion | 1 | KMSInvalidStateException: is pending deletion
        500 | KMSInternalException | oops | 1 | KMSInternalException: oops";
    for (status, code, message, expected, said) in rows(table) {
        let server = FakeAws::holding(record(b"x"), move |_, operation| {
            (operation != "GetObject").then(|| Answer::kms(status, code, message))
        });
        fails(&aws(&server), &[], expected, said);
    }
}

#[test]
fn a_damaged_record_is_told_apart_from_one_that_0_2_3_broke() {
    let good = String::from_utf8(record(b"hunter2")).unwrap();
    let token_at = good.find("gAAAA").unwrap() + 40;
    let mut flipped = good.clone().into_bytes();
    flipped[token_at] = b'A' + u8::from(flipped[token_at] == b'A');
    let damaged = good.replace("gAAAA", "!!!!").into_bytes();
    let newer = br#"{"lazycred": 3, "token": ""}"#.to_vec();
    for (stored, said) in [
        (flipped, "it fails authentication"),
        (damaged, "the record is damaged"),
        (b"not json".to_vec(), "not a JSON object"),
        (b"{}".to_vec(), "`data`"),
        (br#"{"data": "gAAAAA", "key": null}"#.to_vec(), "0.2.3"),
        (b"null".to_vec(), "0.2.3"),
        (newer, "a newer lazycred"),
    ] {
        let server = FakeAws::holding(stored, |_, _| None);
        let said = format!("`s` (s3://acme/prod/s) | {said}");
        fails(&aws(&server), &[], 4, &said);
    }
}

#[test]
fn an_endpoint_that_is_not_there_is_named_and_plain_http_to_others_is_refused() {
    let sandbox = Sandbox::aws(&nowhere(), "acme/", "acme");
    fails(&sandbox, &[], 1, "cannot read `s` (s3://acme/s) | refused");
    let sandbox = Sandbox::aws("http://192.0.2.7", "acme/", "acme");
    fails(
        &sandbox,
        &[],
        1,
        "hint: use https://, or set LAZYCRED_ALLOW_HTTP=1",
    );
    let sandbox = Sandbox::aws("http://no-such-host.invalid", "acme/", "acme");
    let run = sandbox.run(["get", "s"]);
    let outcome = run.env("LAZYCRED_ALLOW_HTTP", "1").fails(1);
    assert!(!outcome.stderr.contains("LAZYCRED_ALLOW_HTTP"), "{outcome}");
}

#[test]
fn without_credentials_or_configuration_it_says_what_to_set() {
    let server = FakeAws::stalled();
    let mut sandbox = Sandbox::new();
    fails(
        &sandbox,
        &[],
        2,
        "no configuration | hint: run `lazycred init --local` to start without AWS",
    );
    sandbox.set("LAZYCRED_S3_PATH", "acme/");
    sandbox.set("LAZYCRED_KEY_ALIAS", "acme");
    fails(&sandbox, &[], 2, "no region");
    sandbox.set("LAZYCRED_S3_PATH", "file:acme/");
    let local = "no region | which needs no AWS, has a `key_alias` such as `local:dev`";
    fails(&sandbox, &[], 2, local);
    sandbox.set("LAZYCRED_S3_PATH", "acme/");
    sandbox.set("AWS_REGION", "us-east-1");
    sandbox.set("AWS_ENDPOINT_URL", server.url());
    sandbox.set("AWS_EC2_METADATA_DISABLED", "true");
    fails(&sandbox, &[], 1, "credential | hint: set AWS_ACCESS_KEY_ID");
}

#[test]
fn a_server_that_says_nothing_is_given_up_when_the_time_is_over() {
    let server = FakeAws::stalled();
    fails(
        &aws(&server),
        &["--timeout", "0.5"],
        1,
        "timed out after 0.5 s trying to read `s` (s3://acme/prod/s)",
    );
}

#[test]
fn an_answer_that_is_cut_short_is_asked_for_again_and_then_an_error() {
    let stored = record(b"x");
    let tries = AtomicUsize::new(0);
    let server = FakeAws::holding(stored.clone(), move |_, operation| {
        let is_first = operation == "GetObject" && tries.fetch_add(1, Ordering::Relaxed) == 0;
        is_first.then(|| Answer {
            claimed: Some(stored.len()),
            ..Answer::new(200, stored[..20].to_vec())
        })
    });
    let run = aws(&server).run(["get", "s"]);
    run.env("AWS_MAX_ATTEMPTS", "3").stdout("x").ok();
    assert_eq!(server.operations(), ["GetObject", "GetObject", "Decrypt"]);
    let server = FakeAws::scripted(|_, _| {
        Some(Answer {
            claimed: Some(100),
            ..Answer::new(200, "{")
        })
    });
    fails(&aws(&server), &[], 1, "cannot read `s`");
}

#[test]
fn one_refused_name_of_three_stops_the_start_and_is_named() {
    let server = FakeAws::holding(record(b"x"), |request, _| {
        let is_refused = request.start.contains("/two");
        is_refused.then(|| Answer::s3(403, "AccessDenied", "Access Denied"))
    });
    let sandbox = aws(&server);
    let outcome = sandbox.run("exec one two three -- touch ran").fails(125);
    let said = "lazycred: error: cannot read `two` (s3://acme/prod/two): ";
    assert!(outcome.stderr.starts_with(said), "{outcome}");
    assert!(!sandbox.home().join("ran").exists());
    let slow = FakeAws::scripted({
        let stored = record(b"x");
        move |request, operation| match operation {
            "GetObject" if request.start.contains("/two") => None,
            "GetObject" => Some(Answer::new(200, stored.clone())),
            _ => Some(plain_kms(request)),
        }
    });
    let run = aws(&slow).run("exec one two --timeout 0.5 -- true");
    let said = "timed out after 0.5 s trying to read `two`";
    run.stderr_has(said).status(125);
}
