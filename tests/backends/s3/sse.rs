//! `sse`: what a bucket's policy demands of a request that stores something.

use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::support::fake_aws::plain_kms;
use crate::support::{ALIAS, Answer, BUCKET, FakeAws, Fault, Sandbox};

const ALGORITHM: &str = "x-amz-server-side-encryption";
const KMS_KEY: &str = "x-amz-server-side-encryption-aws-kms-key-id";
const ARN: &str = "arn:aws:kms:us-east-1:123456789012:alias/of-s3";
const ALLOWED: &str = "must be `AES256`, `aws:kms` or `aws:kms:KEY`, in which KEY is an id, `alias/NAME` or an ARN of a KMS key";

/// A store whose configuration has this member.
fn sandbox(aws: &FakeAws, sse: &str) -> Sandbox {
    let mut sandbox = Sandbox::aws(&aws.url(), "", "");
    let config = json!({"s3_path": format!("{BUCKET}/prod/"), "key_alias": ALIAS,
        "region": "us-east-1", "sse": sse});
    sandbox.write("project/.lazycred", config.to_string());
    sandbox.program("editor", "#!/bin/sh\nprintf '{\"a\": 3}' >\"$1\"\n");
    sandbox.set("VISUAL", sandbox.work().join("editor"));
    sandbox
}

#[test]
fn whatever_stores_a_record_says_how_s3_is_to_encrypt_it_and_nothing_else_does() {
    let of_arn = format!("aws:kms:{ARN}");
    for (sse, algorithm, kms_key) in [
        ("AES256", "AES256", None),
        ("aws:kms", "aws:kms", None),
        ("aws:kms:alias/of-s3", "aws:kms", Some("alias/of-s3")),
        (&of_arn, "aws:kms", Some(ARN)),
    ] {
        let aws = FakeAws::start();
        aws.versioning(true);
        aws.wrapping_key("next", "123456789012", "us-east-1");
        let sandbox = sandbox(&aws, sse);
        sandbox.write("project/new.json", r#"{"i": "1"}"#);
        for (command, input, stores) in [
            ("put a", "{\"a\": \"1\"}", 1),
            ("set a b", "2", 1),
            ("edit a", "", 1),
            ("import new.json", "", 1),
            ("cp a b", "", 1),
            ("mv b c", "", 1),
            ("rollback a", "", 1),
            ("rekey a --to next", "", 1),
            ("upgrade a --yes", "", 1),
            ("doctor --write", "", 1),
            ("get a", "", 0),
            ("list", "", 0),
            ("history a", "", 0),
            ("rm c", "", 0),
        ] {
            let run = sandbox.run(command).cwd("project").stdin(input);
            run.any_stdout().any_stderr().ok();
            let asked = aws.requests();
            aws.forget();
            let stored = asked.iter().filter(|asked| asked.operation == "PutObject");
            assert!(stored.count() >= stores, "{command}");
            for request in asked {
                let given = (request.header(ALGORITHM), request.header(KMS_KEY));
                let expected = if request.operation == "PutObject" {
                    (Some(algorithm), kms_key)
                } else {
                    (None, None)
                };
                assert_eq!(given, expected, "{sse} {command}: {request}");
            }
        }
    }
}

#[test]
fn without_sse_no_request_says_anything_about_it() {
    let aws = FakeAws::start();
    aws.run("put a").stdin("x").stderr("saved a\n").ok();
    let said = |name: &str| name.starts_with("x-amz-server-side");
    for request in aws.requests() {
        let mut headers = request.headers.iter();
        assert!(!headers.any(|(name, _)| said(name)), "{request}");
    }
}

#[test]
fn what_s3_does_not_know_is_refused_with_what_it_does() {
    let aws = FakeAws::start();
    for sse in [
        "",
        "aes256",
        "aws:kms:",
        "aws:kms:acme",
        "aws:kms:dsse",
        "aws:kms:local:dev",
    ] {
        let sandbox = sandbox(&aws, sse);
        let file = sandbox.work().join("project/.lazycred");
        let run = sandbox.run("get a").cwd("project");
        run.stderr(format!(
            "lazycred: error: `{}`: `sse` {ALLOWED}\n\
             lazycred: hint: write it as \"sse\": \"aws:kms\"\n",
            file.display()
        ))
        .status(2);
    }
    let sandbox = sandbox(&aws, "aws:kms:alias/a\r");
    let run = sandbox.run("get a").cwd("project");
    run.stderr_has(ALLOWED).status(2);
    assert!(aws.requests().is_empty());
}

#[test]
fn doctor_shows_it_and_a_folder_has_no_use_for_it() {
    let aws = FakeAws::start();
    let aside = sandbox(&aws, "aws:kms");
    let shown = aside.run("doctor --json").cwd("project").gives().text();
    assert!(shown.contains("`aws:kms`, from `"), "{shown}");
    let local = Sandbox::local();
    let text = r#"{"s3_path": "file:secrets/", "key_alias": "local:dev", "sse": "AES256"}"#;
    let file = local.write(".lazycred", text);
    let warning = format!(
        "lazycred: warning: `{}`: ignoring `sse`, which is for S3: the store is a folder\n",
        file.display()
    );
    local.run("list").stderr(warning).ok();
}

#[test]
fn a_server_that_does_not_encrypt_is_told_from_one_without_conditions() {
    let aws = FakeAws::start();
    let sandbox = sandbox(&aws, "AES256");
    let words = "Server side encryption specified but KMS is not configured";
    aws.fault("PutObject", Fault::Error(501, "NotImplemented", words));
    let run = sandbox.run("put a").cwd("project").stdin("x");
    let said = format!(
        "NotImplemented: {words}\nlazycred: hint: remove `sse` from the configuration, or set up encryption at rest on this server\n"
    );
    let outcome = run.stderr_has(&said).status(1);
    assert!(!outcome.stderr.contains("condition"), "{outcome}");
}

#[test]
fn a_bucket_whose_policy_demands_encryption_is_stored_to() {
    let stored = Arc::new(Mutex::new(None));
    let server = FakeAws::scripted(move |request, operation| {
        let mut stored = stored.lock().unwrap();
        Some(match operation {
            "PutObject" if request.header(ALGORITHM) != Some("aws:kms") => {
                Answer::s3(403, "AccessDenied", "Access Denied")
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
    for (sse, status) in [("AES256", 1), ("aws:kms", 0)] {
        let sandbox = Sandbox::aws(&server.url(), "", "");
        let config =
            json!({"s3_path": "acme/", "key_alias": ALIAS, "region": "us-east-1", "sse": sse});
        sandbox.write(".lazycred", config.to_string());
        let run = sandbox.run("put a").stdin("x");
        run.any_stderr().status(status);
    }
}
