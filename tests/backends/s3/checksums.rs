//! Checksums of requests and answers: where AWS is S3, where it is not, and what
//! variables and profiles say.

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use crate::support::fake_aws::{Answer, FakeAws, plain_kms};
use crate::support::harness::Sandbox;
use crate::support::network::Network;
use crate::support::{BUCKET, Fault};

/// A profile with a pair of keys, to which a member is added.
const PROFILE: &str = "[profile p]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = s\n";

const REQUEST: &str = "AWS_REQUEST_CHECKSUM_CALCULATION";
const RESPONSE: &str = "AWS_RESPONSE_CHECKSUM_VALIDATION";

/// Whether the last `PutObject` had a checksum, and the last `GetObject` asked for one.
fn checked(aws: &FakeAws) -> (bool, bool) {
    let asked = aws.requests();
    let last = |operation: &str| {
        let found = asked.iter().rfind(|asked| asked.operation == operation);
        found.unwrap_or_else(|| panic!("no {operation}"))
    };
    let put = last("PutObject").headers.iter();
    let sent = |name: &str| name.starts_with("x-amz-checksum-") || name == "x-amz-trailer";
    let put = put.filter(|(name, _)| sent(name)).count();
    let get = last("GetObject").header("x-amz-checksum-mode").is_some();
    (put > 0, get)
}

#[test]
fn what_is_set_holds_for_a_server_that_is_not_aws_too() {
    let aws = FakeAws::start();
    for (request, response, expected) in [
        (None, None, (false, false)),
        (Some("when_supported"), None, (true, false)),
        (Some("WHEN_SUPPORTED"), Some("When_Supported"), (true, true)),
        (None, Some("when_supported"), (false, true)),
        (Some("when_required"), Some("when_required"), (false, false)),
        (Some(""), Some(""), (false, false)),
    ] {
        let mut by_variable = Sandbox::aws(&aws.url(), &format!("{BUCKET}/p/"), "acme");
        let mut by_profile = by_variable.clone();
        let mut members = String::new();
        for (value, variable, member) in [
            (request, REQUEST, "request_checksum_calculation"),
            (response, RESPONSE, "response_checksum_validation"),
        ] {
            if let Some(value) = value {
                by_variable.set(variable, value);
                writeln!(members, "{member} = {value}").unwrap();
            }
        }
        by_profile.set("AWS_PROFILE", "p");
        by_profile.write(".aws/config", format!("[profile p]\n{members}"));
        for sandbox in [by_variable, by_profile] {
            sandbox.run("--quiet put s").stdin("x").ok();
            sandbox.run("get s").stdout("x").ok();
            assert_eq!(checked(&aws), expected, "{request:?} {response:?}");
        }
    }
}

#[test]
fn a_variable_comes_before_the_profile() {
    let aws = FakeAws::start();
    let sandbox = Sandbox::aws(&aws.url(), &format!("{BUCKET}/p/"), "acme");
    sandbox.write(
        ".aws/config",
        "[default]\nrequest_checksum_calculation = when_supported\n",
    );
    let run = sandbox.run("--quiet put s").env(REQUEST, "when_required");
    run.stdin("x").ok();
    assert!(!checked(&aws).0);
    sandbox.run("--quiet put s").stdin("y").ok();
    assert!(checked(&aws).0);
}

#[test]
fn aws_itself_is_sent_a_checksum_unless_that_is_turned_off() {
    let Some(mut network) = Network::start() else {
        return;
    };
    network.sandbox.set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    network.sandbox.set("AWS_SECRET_ACCESS_KEY", "s");
    network.run("--quiet put s").stdin("x").ok();
    assert_eq!(checked(&network.aws), (true, true));
    let run = network.run("--quiet put s").stdin("y");
    run.env(REQUEST, "when_required")
        .env(RESPONSE, "when_required")
        .ok();
    assert_eq!(checked(&network.aws), (false, false));
}

#[test]
fn a_word_that_is_neither_is_refused_and_its_source_is_named() {
    let aws = FakeAws::start();
    let sandbox = Sandbox::aws(&aws.url(), &format!("{BUCKET}/p/"), "acme");
    let hint = "lazycred: hint: set it to one of them, or unset it\n";
    for (variable, member) in [
        (REQUEST, "request_checksum_calculation"),
        (RESPONSE, "response_checksum_validation"),
    ] {
        for value in ["when supported", "true", "always", "crc32"] {
            let said = format!("is `{value}`, which is neither when_supported nor when_required");
            let by_variable = sandbox.run("get s").env(variable, value);
            by_variable
                .stderr(format!(
                    "lazycred: error: the variable {variable} {said}\n{hint}"
                ))
                .status(2);
            sandbox.write(".aws/config", format!("{PROFILE}{member} = {value}\n"));
            let by_profile = sandbox.run("get s --profile p");
            by_profile
                .stderr(format!(
                    "lazycred: error: `{member}` of the AWS profile `p` {said}\n{hint}"
                ))
                .status(2);
        }
    }
    assert!(aws.requests().is_empty());
    // A folder has no requests.
    let local = Sandbox::local();
    local.put("s", "x");
    local.run("get s").env(REQUEST, "always").stdout("x").ok();
}

#[test]
fn a_bucket_that_demands_a_checksum_gets_one_or_says_how() {
    let words = "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters";
    let stored = Arc::new(Mutex::new(None));
    let server = FakeAws::scripted(move |request, operation| {
        let mut stored = stored.lock().unwrap();
        let has = |start: &str| {
            request
                .headers
                .iter()
                .any(|(name, _)| name.starts_with(start))
        };
        Some(match operation {
            "PutObject" if !has("x-amz-checksum-") && !has("content-md5") => {
                Answer::s3(400, "InvalidRequest", words)
            }
            "PutObject" => {
                *stored = Some(request.body.clone());
                Answer::empty(200).header("etag", "\"1\"")
            }
            "GetObject" => match &*stored {
                Some(record) => Answer::new(200, record.clone()).header("etag", "\"1\""),
                None => Answer::s3(404, "NoSuchKey", "none"),
            },
            _ => plain_kms(request),
        })
    });
    let sandbox = Sandbox::aws(&server.url(), "acme/p/", "acme");
    let hint = format!(
        "InvalidRequest: {words}\nlazycred: hint: the server demands a checksum, as Object Lock does: set {REQUEST}=when_supported\n"
    );
    sandbox.run("put s").stdin("x").stderr_has(&hint).status(1);
    let run = sandbox.run("--quiet put s").env(REQUEST, "when_supported");
    run.stdin("x").ok();
    sandbox.run("get s").stdout("x").ok();
}

#[test]
fn an_answer_that_was_changed_on_the_way_is_found_out_where_it_has_a_checksum() {
    let aws = FakeAws::start();
    let sandbox = Sandbox::aws(&aws.url(), &format!("{BUCKET}/p/"), "acme");
    sandbox.run("--quiet put s").stdin("x").ok();
    aws.fault(
        "GetObject",
        Fault::Header("x-amz-checksum-crc32", "AAAAAA=="),
    );
    sandbox.run("get s").stdout("x").ok();
    let run = sandbox.run("get s").env(RESPONSE, "when_supported");
    run.fails(1);
}
