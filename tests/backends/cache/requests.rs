//! What is asked of S3 and KMS, and in which order.

use super::{Bench, SECRET, WEB, condition};
use crate::support::fake_aws::{ACCOUNT, ALIAS, Fault, REGION, Request, etag};
use crate::support::harness::{Outcome, Run, store};

fn sorted(outcome: &Outcome) -> Vec<String> {
    let mut told = outcome.told();
    told.sort();
    told
}

#[test]
fn a_repeat_asks_whether_the_record_has_changed_and_unwraps_the_one_at_hand() {
    for version in [1, 2] {
        let bench = Bench::of(version);
        let told = ["Decrypt alias/acme", "GetObject acme-secrets/prod/web"];
        let first = bench.get().stdout(SECRET).status(0);
        assert_eq!(
            (condition(&first), sorted(&first)),
            (None, told.map(str::to_owned).to_vec())
        );
        let etag = etag(&bench.aws.object(WEB).unwrap());
        let command = ["exec", "web", "--", "printenv", "TOKEN"];
        for _ in 0..2 {
            let again = bench.get().stdout(SECRET).status(0);
            assert_eq!(condition(&again), Some(etag.as_str()));
            assert_eq!(sorted(&again), told);
            let run = bench.run(command);
            let again = run.stdout("hunter2-of-the-cache\n").status(0);
            assert_eq!(condition(&again), Some(etag.as_str()));
            assert_eq!(sorted(&again), told);
        }
    }
}

#[test]
fn both_are_asked_before_either_has_answered() {
    for (held, other) in [("GetObject", "Decrypt"), ("Decrypt", "GetObject")] {
        let bench = Bench::warm();
        let gate = bench.aws.hold(held);
        let running = bench.get().stdout(SECRET).spawn();
        bench.aws.wait_for(other, 1);
        bench.aws.wait_for(held, 1);
        gate.open();
        assert_eq!(running.status(0).requests.len(), 2);
    }
}

#[test]
fn a_record_that_has_changed_is_the_one_that_is_opened_and_kept() {
    let bench = Bench::warm();
    store(&bench.aws, WEB, "a newer one", 1);
    let gate = bench.aws.hold("GetObject");
    let running = bench.get().stdout("a newer one").spawn();
    bench.aws.wait_for("Decrypt", 1);
    gate.open();
    let outcome = running.status(0);
    let mut operations = outcome.operations();
    operations.sort_unstable();
    assert_eq!(operations, ["Decrypt", "Decrypt", "GetObject"]);
    let again = bench.get().stdout("a newer one").status(0);
    let etag = etag(&bench.aws.object(WEB).unwrap());
    assert_eq!(condition(&again), Some(etag.as_str()));
    assert_eq!(again.requests.len(), 2);
    assert_eq!(bench.files().len(), 1);
}

/// The first Decrypt, of the record at hand, fails or never ends.
#[test]
fn what_becomes_of_the_older_records_data_key_does_not_matter() {
    for fault in [
        Fault::Stall,
        Fault::Close,
        Fault::Denied,
        Fault::Error(500, "KMSInternalException", "no"),
        Fault::Error(400, "InvalidCiphertextException", ""),
    ] {
        let bench = Bench::warm();
        bench.settings(r#""pin_key": true"#);
        store(&bench.aws, WEB, "a newer one", 1);
        bench.aws.fault("Decrypt", fault.once());
        let gate = bench.aws.hold("GetObject");
        let running = bench.get().stdout("a newer one").spawn();
        bench.aws.wait_for("Decrypt", 1);
        gate.open();
        running.status(0);
    }
}

#[test]
fn a_record_that_is_gone_is_missing_and_forgotten() {
    let bench = Bench::warm();
    bench.aws.state().delete_object(WEB);
    bench
        .get()
        .stderr_has("error: no secret named `web` (s3://acme-secrets/prod/web)\n")
        .status(3);
    assert!(bench.files().is_empty());
    let command = ["exec", "web", "--", "touch", "ran"];
    bench.run(command).stderr_has("no secret named").status(125);
    assert_eq!(bench.sandbox.files(), [".lazycred"]);
}

#[test]
fn a_record_that_may_not_be_read_any_more_never_serves() {
    for arguments in [
        ["get", "web"].as_slice(),
        &["get", "web", "--stale-if-error"],
    ] {
        let bench = Bench::warm();
        bench.aws.fault("GetObject", Fault::Denied.once());
        Run::new(arguments)
            .aws(&bench.aws)
            .sandbox(&bench.sandbox)
            .never(SECRET)
            .stderr_has("missing or not permitted: AccessDenied")
            .status(1);
        // Not even when S3 fails after it has said so.
        bench.aws.fault("GetObject", Fault::Close);
        let run = bench.run(["get", "web", "--stale-if-error"]);
        run.never(SECRET).stderr_has("no response from").status(1);
    }
}

#[test]
fn a_kms_failure_is_reported_once_and_not_retried() {
    for (fault, said) in [
        (Fault::Denied, "AccessDeniedException"),
        (
            Fault::Error(400, "DisabledException", "off"),
            "DisabledException: off",
        ),
        (Fault::Close, "no response from"),
    ] {
        let bench = Bench::warm();
        bench.settings(r#""pin_key": true"#);
        bench.aws.fault("Decrypt", fault);
        let outcome = bench.get().stderr_has(said).status(1);
        assert_eq!(outcome.requests.len(), 2, "{outcome}");
    }
}

#[test]
fn cached_records_must_meet_the_same_requirements() {
    let bench = Bench::warm();
    let refused = |settings: &str, arguments: &[&str], said: &str| {
        bench.settings(settings);
        let outcome = Run::new(arguments)
            .aws(&bench.aws)
            .sandbox(&bench.sandbox)
            .never(SECRET)
            .stderr_has(said)
            .status(4);
        assert!(condition(&outcome).is_some());
        assert_eq!(outcome.operations(), ["GetObject"]);
    };
    let get = ["get", "web"];
    refused(r#""min_format": 2"#, &get, "which `min_format` refuses");
    let least = ["get", "web", "--min-gen", "web=2"];
    refused(r#""format": 1"#, &least, "at least 2 is required");

    let second = Bench::of(2);
    second.get().stdout(SECRET).status(0);
    second.settings(r#""max_age": "1h""#);
    let run = second.get();
    let outcome = run.stderr_has("than `max_age` (1h) allows").status(4);
    assert_eq!(outcome.operations(), ["GetObject"]);
    second
        .run(["get", "web", "--min-gen", "web=2"])
        .stderr_has("it has generation 1, but at least 2 is required")
        .status(4);
}

#[test]
fn further_wrapping_keys_are_tried_for_a_record_at_hand_too() {
    let bench = Bench::of(2);
    bench.settings(r#""keys": ["acme"]"#);
    let config = bench.sandbox.work().join(".lazycred");
    bench.aws.wrapping_key("newer", ACCOUNT, REGION);
    for _ in 0..2 {
        let outcome = bench
            .get()
            .env("LAZYCRED_CONFIG", &config)
            .env("LAZYCRED_KEY_ALIAS", "newer")
            .stdout(SECRET)
            .status(0);
        let told = sorted(&outcome);
        assert_eq!(
            told,
            [
                "Decrypt alias/acme",
                "Decrypt alias/newer",
                "GetObject acme-secrets/prod/web"
            ]
        );
    }
}

#[test]
fn a_record_of_version_1_under_a_re_pointed_alias_is_warned_of_each_time() {
    let bench = Bench::warm();
    bench.aws.wrapping_key(ALIAS, ACCOUNT, REGION);
    for _ in 0..2 {
        let outcome = bench
            .get()
            .stdout(SECRET)
            .stderr_has("otherwise `lazycred rekey web` moves it, and all names that start with it, to alias/")
            .status(0);
        assert_eq!(outcome.stderr.lines().count(), 1);
    }
}

#[test]
fn reading_a_named_version_bypasses_the_cache() {
    let bench = Bench::new();
    bench.aws.versioning(true);
    let version = store(&bench.aws, WEB, SECRET, 1);
    let reference = format!("web@{version}");
    let both = |bench: &Bench| {
        let named = bench.run(["get", "web", "--version", &version]);
        let outcome = named.stdout(SECRET).status(0);
        assert_eq!(condition(&outcome), None);
        let run = bench.run(["exec", &reference, "--", "printenv", "TOKEN"]);
        let outcome = run.stdout("hunter2-of-the-cache\n").status(0);
        assert_eq!(condition(&outcome), None);
    };
    both(&bench);
    assert!(bench.files().is_empty());
    bench.get().stdout(SECRET).status(0);
    both(&bench);
}

#[test]
fn a_write_ignores_the_cache() {
    let bench = Bench::warm();
    let put = ["--quiet", "put", "web", "--if-version"];
    let etag = etag(&bench.aws.object(WEB).unwrap());
    let outcome = Run::new(put.into_iter().chain([etag.as_str()]))
        .aws(&bench.aws)
        .sandbox(&bench.sandbox)
        .stdin("a newer one")
        .status(0);
    assert!(outcome.operations().contains(&"GetObject"));
    for request in &outcome.requests {
        assert_eq!(request.header("if-none-match"), None, "{request}");
    }
}

#[test]
fn a_write_or_removal_drops_the_cached_record() {
    for arguments in ["put web", "set web token", "rm web", "mv web b"] {
        let bench = Bench::warm();
        let run = Run::new(arguments).aws(&bench.aws).sandbox(&bench.sandbox);
        run.stdin("a newer one").any_stderr().status(0);
        assert!(bench.files().is_empty(), "{arguments:?}");
    }
    let bench = Bench::warm();
    bench.run("--quiet set other f").stdin("a value").fails(3);
    assert!(bench.is_warm());
}

#[test]
fn each_reference_is_cached_on_its_own() {
    let bench = Bench::new();
    let names = ["a", "b", "c", "d"];
    for name in names {
        store(
            &bench.aws,
            &format!("acme-secrets/prod/{name}"),
            format!("of {name}"),
            1,
        );
    }
    let command = ["exec", "a", "b", "c", "--", "printenv", "A", "B", "C"];
    bench.run(command).stdout("of a\nof b\nof c\n").status(0);
    assert_eq!(bench.files().len(), 3);
    store(&bench.aws, "acme-secrets/prod/b", "newer", 1);
    let command = "exec a b c d -- printenv A B C D";
    let run = bench.run(command);
    let outcome = run.stdout("of a\nnewer\nof c\nof d\n").status(0);
    let gets = outcome.requests.iter();
    let gets = gets.filter(|request| request.operation == "GetObject");
    let conditional = gets.filter(|request| request.header("if-none-match").is_some());
    let mut names: Vec<&str> = conditional.map(Request::object).collect();
    names.sort_unstable();
    assert_eq!(names, ["prod/a", "prod/b", "prod/c"]);
    bench.aws.state().delete_object("acme-secrets/prod/b");
    bench.aws.state().delete_object("acme-secrets/prod/c");
    let outcome = bench.run(command).fails(125);
    assert!(outcome.stderr.contains("named `b`") && outcome.stderr.contains("named `c`"));
    assert_eq!(bench.files().len(), 2);
}

#[test]
fn a_server_that_knows_no_conditions_is_no_worse_than_without_a_cache() {
    let bench = Bench::warm();
    bench.aws.fault("GetObject", Fault::Unconditional);
    let outcome = bench.get().stdout(SECRET).status(0);
    assert_eq!(
        sorted(&outcome),
        ["Decrypt alias/acme", "GetObject acme-secrets/prod/web"]
    );
}

#[test]
fn a_bucket_of_another_region_is_followed() {
    let bench = Bench::new();
    bench.aws.state().bucket("acme-secrets").region = "eu-west-1".to_owned();
    bench.get().stdout(SECRET).status(0);
    let outcome = bench.get().stdout(SECRET).status(0);
    let gets = outcome.requests.iter();
    let gets = gets.filter(|request| request.operation == "GetObject");
    let asked: Vec<(&str, bool)> = gets
        .map(|request| (&*request.region, request.header("if-none-match").is_some()))
        .collect();
    assert_eq!(asked, [("us-east-1", true), ("eu-west-1", true)]);
}

#[test]
fn with_v_a_not_modified_answer_is_not_called_a_failure() {
    let bench = Bench::warm();
    let outcome = bench.run(["-v", "get", "web"]).stdout(SECRET);
    let outcome = outcome.any_stderr().status(0);
    let said = &outcome.stderr;
    assert!(said.contains("prod/web: unchanged in "), "{said}");
    assert!(!said.contains("failed"), "{said}");
}
