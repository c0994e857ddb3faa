//! `--stale-if-error`: when a record that S3 cannot confirm serves.

use std::fs::File;
use std::time::{Duration, SystemTime};

use super::{Bench, SECRET, WEB};
use crate::support::{FakeAws, Fault, Run, store};

impl Bench {
    fn get_stale(&self) -> Run {
        self.run(["get", "web", "--stale-if-error"])
    }

    /// What is at hand was confirmed so long ago.
    fn confirmed(&self, ago: Duration) {
        let file = File::open(self.file()).unwrap();
        file.set_modified(SystemTime::now() - ago).unwrap();
    }
}

const WEB_PATH: &str = "s3://acme-secrets/prod/web";

const AWAY: Fault = Fault::Error(503, "ServiceUnavailable", "Please try again.");

#[test]
fn it_is_a_usage_error_without_a_cache() {
    let bench = Bench::new();
    let file = bench.sandbox.work().join(".lazycred");
    let said = format!(
        "lazycred: error: --stale-if-error needs the cache, which is off\n\
         lazycred: hint: add \"cache\": true to `{}`\n",
        file.display()
    );
    for settings in ["{}", r#"{"cache": false}"#] {
        bench.sandbox.write(".lazycred", settings);
        bench.get_stale().stderr(&said).status(2);
        let run = bench.run(["exec", "web", "--stale-if-error", "--", "touch", "ran"]);
        run.stderr(&said).status(125);
    }
    assert!(bench.aws.requests().is_empty());
    assert_eq!(bench.sandbox.files(), [".lazycred"]);
}

#[test]
fn where_s3_fails_the_record_at_hand_serves_with_its_age_if_that_was_asked_for() {
    let bench = Bench::warm();
    bench.confirmed(Duration::from_hours(3));
    let command = ["exec", "web", "--", "printenv", "TOKEN"];
    let stale = ["exec", "web", "--stale-if-error", "--", "printenv", "TOKEN"];
    bench.aws.fault("GetObject", AWAY.times(4));
    let error = "lazycred: error: cannot read `web` (s3://acme-secrets/prod/web): ServiceUnavailable: Please try again.\n\
        lazycred: hint: the failure is on the server's side: try again later; https://health.aws.amazon.com shows AWS's known problems\n";
    let warning = "lazycred: warning: cannot read `web` (s3://acme-secrets/prod/web): ServiceUnavailable: Please try again.; using the cached record, which S3 confirmed 3 hours ago\n";
    let outcome = bench.get_stale().stdout(SECRET).stderr(warning).status(0);
    let mut operations = outcome.operations();
    operations.sort_unstable();
    assert_eq!(operations, ["Decrypt", "GetObject"]);
    // Their unwrapping may be on its way still when they have ended.
    bench.get().stderr(error).status(1);
    bench.run(command).stderr(error).status(125);
    // Nothing has confirmed it meanwhile.
    let outcome = bench.run(stale).stdout("hunter2-of-the-cache\n");
    outcome.stderr(warning).status(0);
    bench.get_stale().stdout(SECRET).status(0);
    bench.aws.fault("GetObject", AWAY.once());
    let run = bench.get_stale();
    run.stdout(SECRET).stderr_has(" seconds ago\n").status(0);
}

#[test]
fn every_kind_of_s3_outage_counts() {
    for fault in [
        Fault::Error(500, "InternalError", "We encountered an internal error."),
        Fault::Error(502, "BadGateway", "no"),
        Fault::Close,
        Fault::Reset,
        Fault::Cut(10),
    ] {
        let bench = Bench::warm();
        if matches!(fault, Fault::Cut(_)) {
            store(&bench.aws, WEB, "a newer one", 1);
        }
        bench.aws.fault("GetObject", fault);
        let outcome = bench.get_stale().stdout(SECRET);
        outcome
            .stderr_has("warning: cannot read `web`")
            .stderr_has("; using the cached record, which S3 confirmed ")
            .status(0);
        bench.get().fails(1);
    }
}

#[test]
fn an_s3_that_refuses_connections_counts() {
    let bench = Bench::new();
    let s3 = FakeAws::start();
    s3.put_object(WEB, &bench.aws.object(WEB).unwrap());
    let url = s3.url();
    let get = |run: Run| run.env("AWS_ENDPOINT_URL_S3", &url);
    get(bench.get()).stdout(SECRET).status(0);
    drop(s3);
    let outcome = get(bench.get()).fails(1);
    assert!(
        outcome
            .stderr
            .starts_with("lazycred: error: cannot read `web`")
    );
    get(bench.get_stale())
        .stdout(SECRET)
        .stderr_has("; using the cached record, which S3 confirmed ")
        .status(0);
}

#[test]
fn a_silent_s3_gets_half_the_timeout() {
    let bench = Bench::warm();
    bench.aws.fault("GetObject", Fault::Stall);
    bench
        .run(["get", "web", "--stale-if-error", "--timeout", "2"])
        .stdout(SECRET)
        .stderr_has("warning: timed out after 1 s trying to read `web` (s3://acme-secrets/prod/web): still waiting for S3; using the cached record")
        .status(0);
    bench
        .run(["get", "web", "--timeout", "1"])
        .stderr_has("error: timed out after 1 s trying to read `web`")
        .status(1);
}

#[test]
fn an_s3_that_throttles_gets_half_the_timeout_and_is_asked_again_until_then() {
    for (status, code) in [(503, "SlowDown"), (429, "TooManyRequests")] {
        let bench = Bench::warm();
        bench
            .aws
            .fault("GetObject", Fault::Error(status, code, "no"));
        let said = format!("trying to read `web` ({WEB_PATH}); the last response was {code}: no");
        bench
            .run(["get", "web", "--stale-if-error", "--timeout", "4"])
            .stdout(SECRET)
            .stderr_has(&format!(
                "warning: timed out after 2 s {said}; using the cached record, which S3 confirmed "
            ))
            .status(0);
        let run = bench.run(["get", "web", "--timeout", "2"]).never(SECRET);
        let said = format!("error: timed out after 2 s {said}\nlazycred: hint: ");
        run.stderr_has(&said).status(1);
    }
    let bench = Bench::warm();
    let slower = Fault::Error(503, "SlowDown", "no");
    bench.aws.fault("GetObject", slower.times(2));
    let outcome = bench.get_stale().stdout(SECRET).status(0);
    let mut operations = outcome.operations();
    operations.sort_unstable();
    assert_eq!(
        operations,
        ["Decrypt", "GetObject", "GetObject", "GetObject"]
    );
}

#[test]
fn exec_gets_every_reference_or_none() {
    let bench = Bench::warm();
    store(&bench.aws, "acme-secrets/prod/other", "x", 1);
    bench.aws.fault("GetObject", Fault::Stall);
    let command = "--timeout 2 exec web --stale-if-error -- printenv TOKEN";
    let run = bench.run(command).stdout("hunter2-of-the-cache\n");
    run.stderr_has("timed out after 1 s").status(0);
    let two = "--timeout 2 exec web other --stale-if-error -- touch ran";
    bench
        .run(two)
        .stderr_has("error: timed out after 2 s trying to read `other`")
        .status(125);
    assert_eq!(bench.sandbox.files(), [".lazycred"]);
}

/// Those that have to wait for their turn have half of the time that is left.
#[test]
fn more_references_than_are_fetched_at_once_are_in_time_too() {
    let bench = Bench::new();
    let names: Vec<String> = (0..40).map(|number| format!("s{number}")).collect();
    for name in &names {
        store(&bench.aws, &format!("acme-secrets/prod/{name}"), "x", 1);
    }
    let run = |options: &[&str]| {
        let names = names.iter().map(String::as_str);
        let arguments = ["exec"]
            .into_iter()
            .chain(names)
            .chain(options.iter().copied());
        let run = Run::new(arguments.chain(["--", "printenv", "S39"]));
        run.aws(&bench.aws).sandbox(&bench.sandbox).stdout("x\n")
    };
    run(&[]).status(0);
    bench.aws.fault("GetObject", Fault::Stall);
    let outcome = run(&["--stale-if-error", "--timeout", "6"])
        .any_stderr()
        .status(0);
    assert_eq!(
        outcome.stderr.matches("; using the cached record").count(),
        40
    );
}

#[test]
fn a_refusal_by_kms_stands_even_for_a_cached_record() {
    let bench = Bench::warm();
    bench.settings(r#""pin_key": true"#);
    for fault in [Fault::Denied, Fault::Close] {
        bench.aws.fault("GetObject", AWAY.once());
        bench.aws.fault("Decrypt", fault.once());
        let outcome = bench
            .get_stale()
            .never(SECRET)
            .stderr_has("error: cannot unwrap the data key of `web`")
            .status(1);
        assert_eq!(outcome.requests.len(), 2);
    }
    bench.aws.fault("*", AWAY);
    bench.get_stale().never(SECRET).fails(1);
}

#[test]
fn an_error_answer_from_s3_is_not_an_outage() {
    for (fault, status, left) in [
        (Fault::Denied, 1, 0),
        (Fault::Error(404, "NoSuchKey", "no"), 3, 0),
        (Fault::Error(404, "NoSuchBucket", "no"), 1, 0),
        (Fault::Error(400, "ExpiredToken", "no"), 1, 1),
        (Fault::Error(403, "InvalidAccessKeyId", "no"), 1, 1),
        (Fault::Error(403, "SignatureDoesNotMatch", "no"), 1, 1),
        (Fault::Error(301, "PermanentRedirect", "no"), 1, 1),
    ] {
        let bench = Bench::warm();
        bench.aws.fault("GetObject", fault);
        let outcome = bench.get_stale().never(SECRET).any_stderr().status(status);
        assert!(!outcome.stderr.contains("serves"), "{outcome}");
        assert_eq!(bench.files().len(), left, "{outcome}");
    }
}

#[test]
fn missing_credentials_are_not_an_outage() {
    let bench = Bench::warm();
    let run = bench.get_stale().unset("AWS_ACCESS_KEY_ID");
    let outcome = run.unset("AWS_SECRET_ACCESS_KEY").never(SECRET).fails(1);
    assert!(!outcome.stderr.contains("serves"), "{outcome}");
}

#[test]
fn a_record_that_is_not_cached_cannot_be_served_stale() {
    let bench = Bench::new();
    bench.aws.fault("GetObject", AWAY);
    bench
        .get_stale()
        .stderr_has("error: cannot read `web` (s3://acme-secrets/prod/web): ServiceUnavailable")
        .status(1);
    let run = bench.run(["get", "web", "--version", "v.1", "--stale-if-error"]);
    run.stderr_has("cannot be used with").status(2);
}

#[test]
fn a_folder_store_does_not_use_the_cache() {
    let sandbox = crate::support::harness::Sandbox::apart();
    sandbox.make_local();
    sandbox.write(
        "cached.json",
        r#"{"cache": true, "s3_path": "file:secrets/", "key_alias": "local:dev"}"#,
    );
    Run::new(["get", "web", "--stale-if-error", "--config", "cached.json"])
        .sandbox(&sandbox)
        .local()
        .secret("web", SECRET)
        .stdout(SECRET)
        .status(0);
    assert!(!sandbox.home().join(".cache").exists());
}
