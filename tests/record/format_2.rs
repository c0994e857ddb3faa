//! Record version 2 through the program: what is written, and what somebody
//! who may write to the bucket cannot make it believe.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::harness::{record, stored as members};
use crate::support::{FakeAws, Moto, Run, Sandbox, place, store};

const FORMAT_2: &str = r#"{"format": 2}"#;

fn put(aws: &FakeAws, name: &str, secret: &str) {
    let run = Run::new(["--quiet", "put", name]).aws(aws);
    run.file(".lazycred", FORMAT_2).stdin(secret).status(0);
}

/// Refused with 4, for this reason, after these requests.
#[track_caller]
fn refused(run: Run, reason: &str, operations: &[&str]) {
    let outcome = run.fails(4);
    assert!(outcome.stderr.contains(reason), "{}", outcome.stderr);
    assert_eq!(outcome.operations(), operations);
}

#[test]
fn a_record_of_version_2_becomes_an_environment_like_any_other() {
    let run = |arguments: &[&str]| Run::new(arguments).secret_2("web", r#"{"TOKEN": "hunter2"}"#);
    let outcome = run(&["get", "web", "--field", "TOKEN"]);
    let outcome = outcome.stdout("hunter2").status(0);
    let asked = ["GetObject acme-secrets/prod/web", "Decrypt alias/acme"];
    assert_eq!(outcome.told(), asked);
    let printed = run(&["exec", "web", "--", "printenv", "TOKEN"]);
    printed.stdout("hunter2\n").status(0);
    let local = run(&["get", "web", "--field", "TOKEN"]).local();
    local.stdout("hunter2").status(0);
}

#[test]
fn what_is_written_is_bound_to_its_place_and_counts_the_writes() {
    let aws = FakeAws::start();
    for (secret, generation, kind) in [
        (r#"{"a": 1}"#, "1", "application/json"),
        ("hunter2", "2", "text/plain"),
    ] {
        put(&aws, "web", secret);
        let stored = members(&aws, "web");
        let bytes = aws.object(&place("web")).unwrap();
        let mut context = BTreeMap::new();
        let opened = record::open(&bytes, |wrapped| {
            let state = aws.state();
            let wrapped = state.kms.look_into(wrapped).unwrap();
            context = wrapped.context.clone();
            wrapped.plaintext.clone()
        });
        assert_eq!(opened, secret.as_bytes());
        let text = |name: &str| stored[name].as_str().unwrap().to_owned();
        let expected = [
            ("created", text("created")),
            ("gen", generation.to_owned()),
            ("path", "s3://acme-secrets/prod/web".to_owned()),
            ("token-sha256", text("token_sha256")),
            ("tool", format!("lazycred/{}", env!("CARGO_PKG_VERSION"))),
            ("type", kind.to_owned()),
            ("v", "2".to_owned()),
        ];
        let expected = expected.map(|(name, value)| (format!("lazycred:{name}"), value));
        assert_eq!(context, BTreeMap::from(expected));
    }
    // Without the configuration it stays what it is.
    let run = Run::new(["--quiet", "put", "web"]).aws(&aws);
    run.stdin("three").status(0);
    assert_eq!(members(&aws, "web")["gen"], 3);
}

#[test]
fn a_record_that_was_put_at_another_path_is_refused_by_kms() {
    let aws = FakeAws::start();
    put(&aws, "web", "hunter2");
    put(&aws, "dev", "swapped");
    let swapped = aws.object(&place("dev")).unwrap();
    aws.state().put_object(&place("web"), &swapped);
    let get = Run::new(["get", "web"]).aws(&aws);
    refused(get, "InvalidCiphertextException", &["GetObject", "Decrypt"]);
    let exec = Run::new(["exec", "web", "--", "printenv"]).aws(&aws);
    exec.fails(125);
}

#[test]
fn a_record_that_was_edited_is_refused_whatever_was_edited() {
    let aws = FakeAws::start();
    put(&aws, "web", "hunter2");
    let good = members(&aws, "web");
    let by_kms = "InvalidCiphertextException";
    for (name, value, reason) in [
        ("gen", json!(7), by_kms),
        ("type", json!("application/json"), by_kms),
        ("created", json!("2031-01-01T00:00:00Z"), by_kms),
        ("tool", json!("x"), by_kms),
        ("token_sha256", json!("0".repeat(64)), "is not the hash"),
        ("gen", json!("7"), "`gen` is not an integer"),
        ("note", json!(1), "version 2 has no member `note`"),
        ("lazycred", json!(3), "a newer lazycred (format 3)"),
    ] {
        let asked = if reason == by_kms { 2 } else { 1 };
        let operations = &["GetObject", "Decrypt"][..asked];
        let mut edited = good.clone();
        edited[name] = value;
        aws.state()
            .put_object(&place("web"), edited.to_string().as_bytes());
        refused(Run::new(["get", "web"]).aws(&aws), reason, operations);
    }
}

#[test]
fn a_record_of_version_1_is_refused_where_the_configuration_wants_2_before_kms_is_asked() {
    let aws = FakeAws::start();
    store(&aws, &place("web"), "old", 1);
    let get = || Run::new(["get", "web"]).aws(&aws);
    get().stdout("old").status(0);
    let get = get().file(".lazycred", r#"{"min_format": 2}"#);
    refused(get, "lazycred 0.2.3 may have written it", &["GetObject"]);
    // What is stored now is of version 2.
    let put = Run::new(["--quiet", "put", "web"]).aws(&aws).stdin("new");
    put.file(".lazycred", r#"{"min_format": 2}"#).status(0);
    let get = aws.run("get web").stdout("new");
    get.file(".lazycred", r#"{"min_format": 2}"#).status(0);
}

#[test]
fn a_record_older_than_the_configuration_allows_is_refused() {
    let aws = FakeAws::start();
    store(&aws, &place("web"), "from 2026-01-01", 2);
    let get = || Run::new(["get", "web"]).aws(&aws);
    get().stdout("from 2026-01-01").status(0);
    let get = get().file(".lazycred", r#"{"max_age": "12h"}"#);
    let said = "longer ago than `max_age` (12h) allows";
    refused(get, said, &["GetObject"]);
}

#[test]
fn version_2_opens_only_under_a_configured_wrapping_key() {
    let aws = FakeAws::start();
    put(&aws, "web", "hunter2");
    let run = aws.run(["get", "web"]).unset("LAZYCRED_KEY_ALIAS");
    let run = run.stderr_has("opens only under a configured wrapping key");
    assert_eq!(run.status(2).operations(), ["GetObject"]);
}

#[test]
fn a_name_that_no_policy_could_match_is_refused_before_anything_is_written() {
    let aws = FakeAws::start();
    let run = aws.run(["put", "a b"]).file(".lazycred", FORMAT_2);
    let outcome = run.stdin("x").fails(2);
    assert_eq!(outcome.operations(), ["GetObject"]);
    assert!(outcome.stderr.contains("`._/-`"), "{}", outcome.stderr);
}

/// The context is moto's to compare, and the data key is unwrapped by hand.
#[test]
fn moto_unwraps_what_is_written_with_the_documented_context_only() {
    let Some(moto) = Moto::shared() else { return };
    moto.fresh_wrapping_key("format-2");
    let bucket = moto.fresh_bucket();
    let sandbox = Sandbox::aws(&moto.endpoint(), &format!("{bucket}/p/"), "format-2");
    sandbox.write(".lazycred", FORMAT_2);
    sandbox.put("web/prod", "hunter2");
    sandbox.run(["get", "web/prod"]).stdout("hunter2").ok();
    let bytes = moto.object(&bucket, "p/web/prod").unwrap();
    let stored: Value = serde_json::from_slice(&bytes).unwrap();
    let context = json!({
        "lazycred:v": "2",
        "lazycred:path": format!("s3://{bucket}/p/web/prod"),
        "lazycred:gen": "1",
        "lazycred:created": stored["created"],
        "lazycred:type": "text/plain",
        "lazycred:tool": stored["tool"],
        "lazycred:token-sha256": stored["token_sha256"],
    });
    let request = json!({"CiphertextBlob": stored["wrapped_key"], "EncryptionContext": context});
    let answer = moto.kms("Decrypt", &request);
    let data_key = answer["Plaintext"].as_str().unwrap().to_owned();
    let opened = record::open(&bytes, |_| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD
            .decode(data_key)
            .unwrap()
    });
    assert_eq!(opened, b"hunter2");
    moto.put_object(&bucket, "p/web/dev", &bytes);
    sandbox.run(["get", "web/dev"]).fails(4);
}
