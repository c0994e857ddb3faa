//! AWS that throttles: requests are repeated until the time is over.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::fake_aws::{Order, record};
use crate::support::harness::{Arguments, store_under};
use crate::support::{ACCOUNT, Answer, FakeAws, Fault, REGION, Run, Sandbox, place, store, stored};

const SECRET: &str = "hunter2-of-the-throttled";

/// How S3 and KMS say it.
const OF_S3: Fault = Fault::Error(503, "SlowDown", "Please reduce your request rate.");
const OF_KMS: Fault = Fault::Error(400, "ThrottlingException", "Rate exceeded");

/// A fake with the secret `db`.
fn aws() -> FakeAws {
    let aws = FakeAws::start();
    store(&aws, &place("db"), SECRET, 1);
    aws
}

/// The same with its data key under another wrapping key than the configured one,
/// so that STS is asked whose it is.
fn moved() -> FakeAws {
    let aws = two_wrapping_keys();
    store_under(&aws, &place("db"), SECRET, 1, "old");
    aws
}

fn two_wrapping_keys() -> FakeAws {
    let aws = FakeAws::start();
    aws.wrapping_key("old", ACCOUNT, REGION);
    aws
}

fn run(aws: &FakeAws, args: impl Arguments) -> Run {
    aws.run(args).never(SECRET)
}

fn count(aws: &FakeAws, operation: &str) -> usize {
    let operations = aws.operations();
    operations.iter().filter(|one| *one == operation).count()
}

#[test]
fn a_throttled_request_is_repeated_whatever_aws_max_attempts_says() {
    let mut runs = Vec::new();
    for (operation, args) in [
        ("GetObject", "exec db -- true"),
        ("Decrypt", "exec db -- true"),
        ("Decrypt", "get db"),
        ("GetCallerIdentity", "get db"),
        ("ListObjectsV2", "list"),
        ("GetObject", "list --long"),
        ("ListObjectVersions", "history db"),
        ("Encrypt", "put db"),
        ("PutObject", "put db"),
        ("ReEncrypt", "rekey"),
        ("DeleteObject", "rm db"),
    ] {
        for fault in [
            OF_S3,
            OF_KMS,
            Fault::Error(429, "SomethingElse", "no"),
            Fault::Error(400, "Throttling", "no"),
        ] {
            let aws = moved();
            let name = format!("{args}: {operation} {fault}");
            aws.fault(operation, fault.times(2));
            let run = aws.run(args).stdin("x").env("AWS_MAX_ATTEMPTS", "1");
            let run = run.any_stdout().any_stderr();
            runs.push((name, operation, args, aws, run.spawn()));
        }
    }
    for (name, operation, args, aws, running) in runs {
        let once = moved();
        once.run(args)
            .stdin("x")
            .any_stdout()
            .any_stderr()
            .status(0);
        running.status(0);
        assert_eq!(
            count(&aws, operation),
            count(&once, operation) + 2,
            "{name}"
        );
        assert_eq!(
            aws.operations().len(),
            once.operations().len() + 2,
            "{name}"
        );
    }
}

#[test]
fn a_service_that_throttles_until_the_time_is_over_is_named_with_what_helps() {
    let of_kms = "the last response was ThrottlingException: Rate exceeded\nlazycred: hint: KMS limits the requests per second of an account and region: spread the starts, raise --timeout, or request a higher quota (`aws service-quotas list-service-quotas --service-code kms`)\n";
    let of_s3 = "the last response was SlowDown: Please reduce your request rate.\nlazycred: hint: S3 limits the requests per second for each prefix: spread the requests, or raise --timeout\n";
    let db = "`db` (s3://acme-secrets/prod/db)";
    let mut runs = Vec::new();
    for (service, args, status, trying, said) in [
        ("kms", "get db", 1, format!("read {db}"), of_kms),
        (
            "kms",
            "exec db -- touch ran",
            125,
            format!("read {db}"),
            of_kms,
        ),
        (
            "s3",
            "exec db -- touch ran",
            125,
            format!("read {db}"),
            of_s3,
        ),
        ("kms", "put db", 1, format!("store {db}"), of_kms),
        ("s3", "put db", 1, format!("store {db}"), of_s3),
        ("s3", "rm db", 1, format!("remove {db}"), of_s3),
        ("s3", "list", 1, "list the secrets".to_owned(), of_s3),
        (
            "s3",
            "history db",
            1,
            format!("list the versions of {db}"),
            of_s3,
        ),
    ] {
        let aws = aws();
        aws.fault(service, if service == "kms" { OF_KMS } else { OF_S3 });
        let stderr = format!("lazycred: error: timed out after 3 s trying to {trying}; {said}");
        let timed: Vec<&str> = ["--timeout", "3"]
            .into_iter()
            .chain(args.split(' '))
            .collect();
        let run = aws.run(timed).stdin("x").never(SECRET).stderr(stderr);
        runs.push((run.spawn(), status, aws));
    }
    for (running, status, aws) in runs {
        running.status(status);
        assert_eq!(count(&aws, "PutObject") + count(&aws, "DeleteObject"), 0);
    }
    let aws = aws();
    aws.fault("GetObject", Fault::Error(429, "SomethingElse", "no"));
    run(&aws, "get db --timeout 2")
        .stderr_has("; the last response was SomethingElse: no\nlazycred: hint: spread the requests, or raise --timeout\n")
        .status(1);
}

#[test]
fn a_failure_that_is_over_is_not_told_when_the_time_is() {
    let aws = aws();
    aws.fault("GetObject", OF_S3.once());
    aws.fault("Decrypt", Fault::Stall);
    run(&aws, "get db --timeout 3")
        .stderr("lazycred: error: timed out after 3 s trying to read `db` (s3://acme-secrets/prod/db): still waiting for KMS\nlazycred: hint: check that a server answers at the endpoint from AWS_ENDPOINT_URL; --timeout SECONDS allows more time\n")
        .status(1);
    let aws = FakeAws::start();
    store(&aws, &place("db"), SECRET, 1);
    aws.fault("Decrypt", Fault::Close.once());
    aws.fault("Decrypt", Fault::Stall);
    run(&aws, "get db --timeout 3")
        .env("AWS_MAX_ATTEMPTS", "2")
        .stderr_has("; the last attempt failed: no response from 127.0.0.1:")
        .stderr_has(
            "\nlazycred: hint: `-v` shows each attempt; --timeout SECONDS allows more time\n",
        )
        .status(1);
}

#[test]
fn the_service_may_ask_for_a_longer_pause() {
    let tries = AtomicUsize::new(0);
    let server = FakeAws::holding(record(b"x"), move |_, operation| {
        let tries = tries.fetch_add(1, Ordering::Relaxed);
        let is_first = operation == "GetObject" && tries == 0;
        is_first.then(|| Answer::s3(503, "SlowDown", "no").header("retry-after", "1"))
    });
    let sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
    let outcome = sandbox.run("get s -v").stdout("x").any_stderr().ok();
    let (_, pause) = outcome.stderr.split_once("; trying again in ").unwrap();
    let (pause, _) = pause.split_once(" ms\n").unwrap();
    let pause: u32 = pause.parse().unwrap();
    assert!((1000..=2000).contains(&pause), "{pause}");
}

#[test]
fn credentials_of_a_container_or_an_instance_are_asked_for_again() {
    for metadata in [false, true] {
        let tries = AtomicUsize::new(0);
        let server = FakeAws::holding(record(b"x"), move |request, _| {
            let first =
                |path: &str| request.path == path && tries.fetch_add(1, Ordering::Relaxed) == 0;
            Some(match &*request.path {
                "/latest/api/token" => Answer::new(200, "imds-token")
                    .header("x-aws-ec2-metadata-token-ttl-seconds", "21600"),
                path if first("/credentials")
                    || first("/latest/meta-data/iam/security-credentials/") =>
                {
                    Answer::new(429, path)
                }
                "/latest/meta-data/iam/security-credentials/" => Answer::new(200, "web"),
                "/credentials" | "/latest/meta-data/iam/security-credentials/web" => {
                    Answer::credentials("FROMROLE")
                }
                _ => return None,
            })
        });
        let mut sandbox = Sandbox::new();
        for (name, value) in [
            ("AWS_REGION", "us-east-1"),
            ("AWS_ENDPOINT_URL", &server.url()),
            ("LAZYCRED_S3_PATH", "acme/"),
            ("LAZYCRED_KEY_ALIAS", "acme"),
        ] {
            sandbox.set(name, value);
        }
        if metadata {
            sandbox.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url());
        } else {
            let url = format!("{}/credentials", server.url());
            sandbox.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
        }
        sandbox.run("get s").stdout("x").ok();
        let asked = server.requests();
        let asked = asked.iter().filter(|request| request.service.is_empty());
        assert_eq!(asked.count(), if metadata { 4 } else { 2 });
    }
}

#[test]
fn throttled_requests_are_repeated_and_each_record_is_written_once() {
    let aws = two_wrapping_keys();
    let names: Vec<String> = (0..40).map(|number| format!("n{number:02}")).collect();
    for name in &names {
        store_under(&aws, &place(name), SECRET, 2, "old");
    }
    for (operation, status, code) in [
        ("ReEncrypt", 400, "ThrottlingException"),
        ("GetObject", 503, "SlowDown"),
        ("PutObject", 503, "SlowDown"),
        ("ListObjectsV2", 429, "TooManyRequests"),
    ] {
        let fault = Fault::Error(status, code, "too often");
        aws.fault(operation, fault.times(3));
    }
    let told = format!("rekeyed {}\nrekeyed 40 records\n", names.join("\nrekeyed "));
    let outcome = run(&aws, "rekey --from old").stderr(told).status(0);
    for name in &names {
        assert_eq!(stored(&aws, name)["gen"], 2, "{name}: written once");
    }
    let operations = outcome.operations();
    let count = |of: &str| operations.iter().filter(|one| **one == of).count();
    let counts = ["ListObjectsV2", "PutObject", "ReEncrypt"].map(count);
    // The configured wrapping key is tried before the other.
    assert_eq!(
        counts,
        [1 + 3, 40 + 3, 80 + 3],
        "nothing but them is repeated"
    );
}

#[test]
fn one_record_that_is_always_throttled_does_not_hold_up_the_others() {
    let aws = two_wrapping_keys();
    let names: Vec<String> = (0..60).map(|number| format!("n{number:02}")).collect();
    for name in &names {
        store_under(&aws, &place(name), SECRET, 1, "old");
    }
    let fault = Fault::Error(503, "SlowDown", "too often");
    aws.fault("PutObject", Order::from(fault).on("n05"));
    let outcome = run(&aws, "rekey --from old --timeout 3")
        .stderr_has("\nrekeyed n59\nrekeyed 59 records, 1 failed\n")
        .stderr_has("error: timed out after 3 s trying to store `n05` (s3://acme-secrets/prod/n05); the last response was SlowDown: too often\n")
        .status(1);
    assert_eq!(outcome.stderr.matches("rekeyed n").count(), 59);
}

#[test]
fn a_service_that_is_never_ready_is_given_up_and_named() {
    let aws = moved();
    aws.fault(
        "ReEncrypt",
        Fault::Error(400, "ThrottlingException", "too often"),
    );
    run(&aws, "rekey --from old --timeout 2")
        .stderr_has("timed out after 2 s trying to store `db` (s3://acme-secrets/prod/db); the last response was ThrottlingException: too often\n")
        .status(1);
}
