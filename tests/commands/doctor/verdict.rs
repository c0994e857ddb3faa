//! `doctor`: what it opens, when it prints, and what follows from its findings.

use std::fs;

use serde_json::{Value, json};

use crate::commands::doctor::findings::{errs, findings, of};
use crate::support::{ALIAS, BUCKET, FakeAws, Fault, Sandbox};

fn aws() -> (FakeAws, Sandbox) {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), &format!("{BUCKET}/prod/"), ALIAS);
    for name in ["db", "web"] {
        sandbox.put(name, "hunter2");
    }
    fake.forget();
    (fake, sandbox)
}

/// The last line of a run that succeeds.
#[track_caller]
fn verdict(sandbox: &Sandbox, args: &[&str]) -> String {
    let outcome = sandbox.run([&["doctor"], args].concat()).gives();
    let last = outcome.lines().pop().unwrap();
    last.strip_prefix("verdict: ").unwrap().to_owned()
}

#[test]
fn each_finding_is_printed_when_it_is_found_into_a_pipe_too() {
    let (fake, sandbox) = aws();
    let gate = fake.hold("HeadBucket");
    let mut running = sandbox.run("doctor").any_stdout().spawn();
    running.wait_for_stdout("ok      identity: ");
    fake.wait_for("HeadBucket", 1);
    assert!(running.is_running());
    gate.open();
    let all = running.status(0).text();
    assert!(all.contains("ok      bucket: "), "{all}");
}

#[test]
fn json_is_one_document_whose_members_stay() {
    let (_fake, sandbox) = aws();
    let outcome = sandbox.run("doctor --json").gives();
    let document: Vec<Value> = serde_json::from_slice(&outcome.stdout).unwrap();
    for finding in &document {
        let members: Vec<&String> = finding.as_object().unwrap().keys().collect();
        assert_eq!(members, ["check", "detail", "remedy", "status"]);
    }
}

#[test]
fn a_named_secret_is_the_one_that_is_opened() {
    let (fake, sandbox) = aws();
    let (found, status) = findings(&sandbox, &["web"]);
    assert_eq!((status, of(&found, "read")), (0, ("ok", "")));
    let told = fake.told();
    assert!(
        told.contains(&format!("GetObject {BUCKET}/prod/web")),
        "{told:?}"
    );
    assert!(
        !told
            .iter()
            .any(|told| told.starts_with("ListObjects") || told.ends_with("/db"))
    );
    errs(
        &sandbox,
        &["nope"],
        "read",
        "`lazycred list` shows the names",
    );
    fake.put_object(&format!("{BUCKET}/prod/readme"), b"hello");
    errs(&sandbox, &["readme"], "read", "");
    let local = Sandbox::local();
    local.put("s", "hunter2");
    let (found, status) = findings(&local, &["s"]);
    assert_eq!((status, of(&found, "read")), (0, ("ok", "")));
}

#[test]
fn offline_asks_nobody_and_looks_for_no_credentials() {
    let (aws, metadata) = (FakeAws::start(), FakeAws::start());
    let mut sandbox = Sandbox::aws(&aws.url(), &format!("{BUCKET}/prod/"), ALIAS);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        sandbox.set(name, "");
    }
    sandbox.set("AWS_EC2_METADATA_DISABLED", "false");
    sandbox.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.url());
    let marker = sandbox.home().join("ran");
    let program = sandbox.program("tool", format!("#!/bin/sh\ntouch {}\n", marker.display()));
    let config = format!("[default]\ncredential_process = {}\n", program.display());
    sandbox.write(".aws/config", config);
    for by_profile in [true, false] {
        if !by_profile {
            sandbox.write(".aws/config", "");
        }
        let (found, status) = findings(&sandbox, &["--offline"]);
        let checks: Vec<&str> = found
            .iter()
            .map(|it| it["check"].as_str().unwrap())
            .collect();
        let expected = ["s3_path", "key_alias", "region", "endpoint", "credentials"];
        assert_eq!(checks, expected);
        let source = if by_profile {
            "`credential_process` of the AWS profile `default`".to_owned()
        } else {
            format!(
                "the instance's role, asked for at `{}`, from AWS_EC2_METADATA_SERVICE_ENDPOINT",
                metadata.url()
            )
        };
        assert_eq!(found[4]["detail"], source);
        assert_eq!(status, 0);
    }
    assert_eq!(
        verdict(&sandbox, &["--offline"]),
        "this is the configuration; nothing was asked"
    );
    assert_eq!((aws.connections(), metadata.connections()), (0, 0));
    assert!(!marker.exists());
    for more in [&["--write"][..], &["web"]] {
        sandbox
            .run([&["doctor", "--offline"], more].concat())
            .fails(2);
    }
    sandbox.set("LAZYCRED_S3_PATH", "no-slash");
    errs(&sandbox, &["--offline"], "configuration", "");
}

#[test]
fn the_verdict_says_what_was_shown_to_work() {
    let (fake, sandbox) = aws();
    let reads = "everything needed to read works; --write tries storing too";
    let both = "everything needed to read and to store works";
    let none = "nothing would fail so far, but there is no secret to open yet; --write tries both";
    let not_opened = "nothing would fail so far, but no secret was opened: lazycred doctor NAME";
    assert_eq!(verdict(&sandbox, &[]), reads);
    assert_eq!(verdict(&sandbox, &["--write"]), both);
    fake.fault("ListObjectsV2", Fault::Denied.once());
    assert_eq!(verdict(&sandbox, &[]), not_opened);
    assert_eq!(verdict(&sandbox, &["web"]), reads);
    let empty = Sandbox::aws(&fake.url(), &format!("{BUCKET}/other/"), ALIAS);
    assert_eq!(verdict(&empty, &[]), none);
    let local = Sandbox::local();
    assert_eq!(verdict(&local, &[]), none);
    assert_eq!(verdict(&local, &["--write"]), both);
    local.put("s", "hunter2");
    assert_eq!(verdict(&local, &[]), reads);
}

#[test]
fn where_everything_is_denied_nothing_is_proven() {
    let (fake, sandbox) = aws();
    for service in ["s3", "kms", "sts"] {
        fake.fault(service, Fault::Denied);
    }
    let unproven = "\
        lazycred: error: not proven: lazycred doctor NAME would show whether that secret can be read\n\
        lazycred: hint: name a secret that these credentials may read, or let them list the names\n";
    let run = sandbox
        .run("doctor")
        .any_stdout()
        .stderr(unproven)
        .status(1);
    let said = run.text();
    assert!(
        said.ends_with("\nverdict: not proven: lazycred doctor NAME\n"),
        "{said}"
    );
    let run = sandbox.run("doctor --json").any_stdout();
    let run = run.stderr(unproven).status(1);
    let document: Vec<Value> = serde_json::from_slice(&run.stdout).unwrap();
    let last = json!({
        "check": "verdict",
        "detail": "not proven: lazycred doctor NAME",
        "remedy": null,
        "status": "unknown",
    });
    assert_eq!(document.last(), Some(&last));
    let failing = "lazycred: error: a get or a put would fail; problems found: 1\n";
    let run = sandbox.run("doctor web").any_stdout();
    let said = run.stderr(failing).status(1).text();
    assert!(said.ends_with(UNUSABLE), "{said}");
}

/// The last line where a finding is an error.
const UNUSABLE: &str = "\nverdict: not usable yet: each error has its remedy\n";

#[test]
fn a_name_that_is_not_there_is_no_fault_of_the_configuration() {
    let local = Sandbox::local();
    let (_fake, hosted) = aws();
    for sandbox in [&local, &hosted] {
        let run = sandbox.run("doctor nosuch").any_stdout();
        let failing = "lazycred: error: a get or a put would fail; problems found: 1\n";
        let said = run.stderr(failing).status(1).text();
        let verdict = "\nverdict: the configuration works, but there is no secret named `nosuch`\n";
        assert!(said.ends_with(verdict), "{said}");
        assert_eq!(said.matches("nosuch").count(), 3, "{said}");
    }
    // Where more is wrong, that comes first.
    fs::remove_file(local.local_wrapping_key_file("dev")).unwrap();
    let said = local.run("doctor nosuch").any_stdout().any_stderr();
    let said = said.status(1).text();
    assert!(said.ends_with(UNUSABLE), "{said}");
}

#[test]
fn there_is_a_verdict_where_the_configuration_cannot_be_used_too() {
    for (text, args) in [
        ("", "doctor"),
        (r#"{"s3_path": "b"}"#, "doctor --offline"),
        (r#"{"s3_path": "b/", "key_alias": "k"}"#, "doctor --write"),
    ] {
        let sandbox = Sandbox::new();
        if !text.is_empty() {
            sandbox.write(".lazycred", text);
        }
        let said = sandbox.run(args).any_stdout().any_stderr().status(1).text();
        assert!(said.ends_with(UNUSABLE), "{said}");
    }
}

#[test]
fn any_question_that_s3_answers_shows_that_something_is_permitted() {
    let questions = [
        "HeadBucket",
        "GetBucketVersioning",
        "GetPublicAccessBlock",
        "GetBucketPolicy",
        "ListObjectsV2",
    ];
    for answered in questions {
        let (fake, sandbox) = aws();
        for denied in questions.into_iter().filter(|one| *one != answered) {
            fake.fault(denied, Fault::Denied);
        }
        let run = sandbox.run("doctor").any_stdout();
        let said = run.ok().text();
        let opened = answered == "ListObjectsV2";
        assert_eq!(said.contains("opened `db`"), opened, "{answered}: {said}");
        assert!(!said.contains("not proven"), "{answered}: {said}");
    }
}

#[test]
fn a_failure_that_reading_does_not_depend_on_leaves_the_status() {
    let (fake, sandbox) = aws();
    fake.fault("HeadBucket", Fault::Error(500, "InternalError", "no"));
    let (found, status) = findings(&sandbox, &[]);
    assert_eq!((status, of(&found, "bucket").0), (0, "unknown"));
    assert_eq!(of(&found, "read"), ("ok", ""));
}
