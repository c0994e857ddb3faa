//! What is asked again after a failure that passes, how often, and what is not.

use crate::support::fake_aws::record;
use crate::support::{ALIAS, Answer, FakeAws, Fault, Run, Running, Sandbox, place, store};

const SECRET: &str = "hunter2-of-the-retries";

/// A fake with the secret `db`.
fn aws() -> FakeAws {
    let aws = FakeAws::start();
    store(&aws, &place("db"), SECRET, 1);
    aws
}

/// A run with so many attempts for each request.
fn attempts(run: Run, attempts: &str) -> Run {
    run.env("AWS_MAX_ATTEMPTS", attempts)
}

fn count(aws: &FakeAws, operation: &str) -> usize {
    let operations = aws.operations();
    operations.iter().filter(|one| *one == operation).count()
}

/// All that passes: no answer, half an answer, and what the services call it.
fn passing() -> Vec<(&'static str, Fault)> {
    let both = [
        Fault::Close,
        Fault::Reset,
        Fault::LostByReset,
        Fault::Cut(10),
        Fault::Error(500, "InternalError", "no"),
        Fault::Error(502, "BadGateway", "no"),
        Fault::Error(503, "ServiceUnavailable", "no"),
        Fault::Error(504, "GatewayTimeout", "no"),
    ];
    let of_kms = [
        Fault::Error(500, "KMSInternalException", "no"),
        Fault::Error(503, "DependencyTimeoutException", "no"),
        Fault::Error(400, "KMSInternalException", "no"),
        Fault::Error(500, "KeyUnavailableException", "no"),
    ];
    let of_s3 = [Fault::Error(400, "RequestTimeout", "no")];
    let s3 = both.iter().cloned().chain(of_s3);
    let s3 = s3.map(|fault| ("GetObject", fault));
    let kms = both.iter().cloned().chain(of_kms);
    s3.chain(kms.map(|fault| ("Decrypt", fault))).collect()
}

#[test]
fn what_passes_is_asked_once_more_and_nothing_else_is() {
    let runs: Vec<(String, &str, FakeAws, Running)> = passing()
        .into_iter()
        .map(|(operation, fault)| {
            let (aws, name) = (aws(), format!("{operation} {fault}"));
            aws.fault(operation, fault.once());
            let run = attempts(aws.run(["get", "db"]), "2").stdout(SECRET);
            (name, operation, aws, run.spawn())
        })
        .collect();
    for (name, operation, aws, running) in runs {
        running.status(0);
        assert_eq!(count(&aws, operation), 2, "{name}");
        assert_eq!(aws.operations().len(), 3, "{name}");
    }
}

#[test]
fn what_does_not_pass_is_asked_as_often_as_aws_max_attempts_says() {
    let mut runs = Vec::new();
    for (variable, asked) in [(None, 3), (Some("1"), 1), (Some("2"), 2), (Some("4"), 4)] {
        for (operation, fault) in [
            ("GetObject", Fault::Error(503, "ServiceUnavailable", "no")),
            ("Decrypt", Fault::Close),
        ] {
            let aws = aws();
            aws.fault(operation, fault);
            let run = aws.run(["exec", "db", "--", "touch", "ran"]);
            let run = match variable {
                Some(variable) => attempts(run, variable),
                None => run.unset("AWS_MAX_ATTEMPTS"),
            };
            runs.push((operation, asked, aws, run.any_stderr().spawn()));
        }
    }
    for (operation, asked, aws, running) in runs {
        running.status(125);
        assert_eq!(count(&aws, operation), asked, "{operation}");
    }
}

#[test]
fn the_mode_of_retries_and_a_profile_change_nothing() {
    let aws = aws();
    aws.fault("GetObject", Fault::Error(500, "InternalError", "no"));
    let run = aws
        .run(["get", "db"])
        .file(
            ".aws/config",
            "[default]\nretry_mode = adaptive\nmax_attempts = 7\n",
        )
        .env("AWS_RETRY_MODE", "bogus");
    attempts(run, "2").fails(1);
    assert_eq!(count(&aws, "GetObject"), 2);
}

#[test]
fn a_refusal_is_final() {
    for (operation, fault, args) in [
        ("GetObject", Fault::Denied, "get db"),
        ("GetObject", Fault::Error(404, "NoSuchKey", "no"), "get db"),
        (
            "GetObject",
            Fault::Error(400, "ExpiredToken", "no"),
            "get db",
        ),
        (
            "Decrypt",
            Fault::Error(409, "KMSInvalidStateException", "no"),
            "get db",
        ),
        (
            "Decrypt",
            Fault::Error(400, "DisabledException", "no"),
            "get db",
        ),
        (
            "Decrypt",
            Fault::Error(400, "InvalidCiphertextException", "no"),
            "get db",
        ),
        ("ListObjectsV2", Fault::Denied, "list"),
        (
            "ListObjectsV2",
            Fault::Error(501, "NotImplemented", "no"),
            "list",
        ),
        ("HeadBucket", Fault::Denied, "init --create"),
    ] {
        let aws = aws();
        let name = format!("{operation} {fault}");
        aws.fault(operation, fault);
        let outcome = attempts(aws.run(args), "5")
            .any_stdout()
            .any_stderr()
            .outcome();
        assert_ne!(outcome.status, 0, "{name}");
        assert_eq!(count(&aws, operation), 1, "{name}");
    }
}

#[test]
fn a_record_whose_answer_was_lost_is_sent_again_and_known_as_ours() {
    for (fault, times) in [
        (Fault::Lost, 1),
        (Fault::LostByReset, 1),
        (Fault::DoneThenError(500, "InternalError", "no"), 1),
        (Fault::DoneThenError(503, "SlowDown", "no"), 1),
        (Fault::Error(500, "InternalError", "no"), 2),
    ] {
        for there in [false, true] {
            let aws = FakeAws::start();
            aws.versioning(true);
            if there {
                store(&aws, &place("db"), "an older one", 1);
            }
            let name = format!("{fault} {there}");
            aws.fault("PutObject", fault.clone().times(times));
            let run = aws.run(["put", "db"]).stdin(SECRET).any_stderr();
            attempts(run, "3").status(0);
            assert_eq!(count(&aws, "PutObject"), times + 1, "{name}");
            let versions = aws.versions(&place("db")).len();
            assert_eq!(versions, 1 + usize::from(there), "{name}: stored once");
            aws.run(["get", "db"]).stdout(SECRET).status(0);
        }
    }
}

#[test]
fn a_record_that_was_written_without_a_condition_is_not_sent_again() {
    for fault in [
        Fault::Lost,
        Fault::LostByReset,
        Fault::DoneThenError(500, "InternalError", "no"),
    ] {
        let aws = aws();
        aws.versioning(true);
        aws.fault("GetObject", Fault::Denied);
        aws.fault("PutObject", fault.clone().at(2));
        let run = aws.run(["put", "db"]).file(
            ".lazycred",
            r#"{"s3_path": "acme-secrets/prod/", "key_alias": "acme", "format": 1}"#,
        );
        let run = attempts(run, "3").stdin("another");
        run.stderr_has("; it may still have been stored").status(1);
        // The first one had a condition, which was not met.
        assert_eq!(count(&aws, "PutObject"), 2, "{fault}");
        assert_eq!(aws.versions(&place("db")).len(), 2, "{fault}: stored once");
    }
}

#[test]
fn a_removal_whose_answer_was_lost_leaves_one_delete_marker() {
    let aws = aws();
    aws.versioning(true);
    aws.fault("DeleteObject", Fault::Lost.once());
    let run = aws.run(["rm", "db"]).any_stderr();
    attempts(run, "3").status(0);
    assert_eq!(count(&aws, "DeleteObject"), 2);
    assert_eq!(aws.versions(&place("db")).len(), 2);
    // Without a condition nothing would stop a second one.
    store(&aws, &place("db"), SECRET, 1);
    aws.forget();
    let unsupported = Fault::Error(501, "NotImplemented", "If-Match");
    aws.fault("DeleteObject", unsupported.once());
    aws.fault("DeleteObject", Fault::Lost.once());
    let run = aws.run(["rm", "db"]).any_stderr();
    attempts(run, "3").status(0);
    assert_eq!(count(&aws, "DeleteObject"), 2);
    assert_eq!(aws.versions(&place("db")).len(), 4);
}

/// A run of `init --create` where nothing is there yet.
fn init(aws: &FakeAws) -> Run {
    let sandbox = Sandbox::aws(&aws.url(), "fresh/", "new");
    attempts(sandbox.run(["init", "--create"]), "3").any_stderr()
}

#[test]
fn a_wrapping_key_is_made_once_even_if_the_answer_is_lost() {
    for fault in [
        Fault::Lost,
        Fault::DoneThenError(500, "KMSInternalException", "no"),
    ] {
        let aws = FakeAws::start();
        aws.fault("CreateKey", fault.once());
        let said = "; it may still have been created\nlazycred: hint: the same command again creates another wrapping key";
        let outcome = init(&aws).stderr_has(said).status(1);
        let failed = "error: cannot create the wrapping key: ";
        assert!(outcome.stderr.contains(failed), "{outcome}");
        assert_eq!(count(&aws, "CreateKey"), 1);
    }
    // Then nothing was made.
    let aws = FakeAws::start();
    aws.fault(
        "CreateKey",
        Fault::Error(400, "ThrottlingException", "no").once(),
    );
    init(&aws).status(0);
    assert_eq!(count(&aws, "CreateKey"), 2);
}

#[test]
fn a_bucket_and_an_alias_whose_answers_were_lost_are_known_as_ours() {
    let aws = FakeAws::start();
    for operation in ["CreateBucket", "CreateAlias", "EnableKeyRotation"] {
        aws.fault(operation, Fault::Lost.once());
    }
    init(&aws).status(0);
    for operation in ["CreateBucket", "CreateAlias", "EnableKeyRotation"] {
        assert_eq!(count(&aws, operation), 2, "{operation}");
    }
    assert!(aws.state().kms.key("new").rotated);
    // Somebody else's alias is not.
    let aws = FakeAws::start();
    let other = aws.state().kms.key(ALIAS).arn.clone();
    aws.before("CreateAlias", move |state| state.kms.point("new", &other));
    init(&aws).stderr_has("cannot point the alias").status(1);
}

#[test]
fn each_attempt_is_logged_with_the_reason_for_the_next() {
    let aws = aws();
    let fault = Fault::Error(500, "KMSInternalException", "oops");
    aws.fault("Decrypt", fault.once());
    let run = attempts(aws.run(["get", "db", "-v"]), "2").stdout(SECRET);
    let outcome = run.any_stderr().status(0);
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    let starts = [
        "lazycred: info: GetObject s3://acme-secrets/prod/db: done in ",
        "lazycred: info: Decrypt alias/acme: failed in ",
        "lazycred: info: Decrypt alias/acme: KMSInternalException: oops; trying again in ",
        "lazycred: info: Decrypt alias/acme: done in ",
    ];
    let requests = lines
        .iter()
        .filter(|line| line.contains("Object") || line.contains("Decrypt"));
    let requests: Vec<_> = requests.collect();
    assert_eq!(requests.len(), starts.len(), "{outcome}");
    for (line, start) in requests.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
}

#[test]
fn a_clock_that_is_wrong_is_asked_again_by_the_servers_time() {
    let server = FakeAws::holding(record(b"x"), |request, operation| {
        let signed = request.header("x-amz-date").unwrap_or_default();
        let is_late = operation == "GetObject" && !signed.starts_with("19941106T");
        is_late.then(|| {
            let answer = Answer::s3(403, "RequestTimeTooSkewed", "too large");
            answer.header("date", "Sun, 06 Nov 1994 08:49:37 GMT")
        })
    });
    let sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
    attempts(sandbox.run(["get", "s"]), "3").stdout("x").ok();
    assert_eq!(server.operations(), ["GetObject", "GetObject", "Decrypt"]);
    server.forget();
    let run = sandbox.run(["get", "s"]);
    run.stderr_has("this machine's clock is ").status(1);
    assert_eq!(server.operations(), ["GetObject"], "with a single attempt");
}
