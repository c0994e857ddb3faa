//! What somebody who may write to the bucket can try. Nothing of it gives a
//! byte, or starts a command.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fernet::Fernet;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Context, about, place, sealed, stored};
use crate::support::harness::record::{self, About};
use crate::support::{ACCOUNT, ALIAS, FakeAws, REGION, Run};

const SECRET: &str = r#"{"TOKEN": "hunter2-hunter2"}"#;

/// Puts a record at `web`; neither `get` nor `exec` may do anything with it.
/// Gives what was asked of KMS.
#[track_caller]
fn refused(aws: &FakeAws, record: &Value, why: &str) -> Vec<String> {
    aws.put_object(&place("web"), record.to_string().as_bytes());
    let outcome = Run::new(["get", "web"])
        .aws(aws)
        .never("hunter2-hunter2")
        .stderr_has("lazycred: error: cannot open `web` (s3://acme-secrets/prod/web): ")
        .stderr_has(why)
        .status(4);
    assert_eq!(outcome.stdout, b"");
    let ran = Run::new(["exec", "web", "--", "/bin/echo", "ran"])
        .aws(aws)
        .never("hunter2-hunter2")
        .stderr_has(why)
        .status(125);
    assert_eq!(ran.stdout, b"");
    let told = outcome.told().into_iter();
    told.filter(|line| !line.starts_with("GetObject")).collect()
}

/// A fake with a good record at `web`, and that record.
fn good() -> (FakeAws, Value) {
    let aws = FakeAws::start();
    aws.put_object(
        &place("web"),
        &sealed(&aws, ALIAS, &about("web", SECRET), SECRET),
    );
    let record = stored(&aws, "web");
    (aws, record)
}

/// What every attack on the context comes to: KMS is asked once, under the
/// configured wrapping key, and says no.
#[track_caller]
fn refused_by_kms(aws: &FakeAws, record: &Value) {
    let told = refused(
        aws,
        record,
        "it fails authentication: KMS refuses to unwrap its data key",
    );
    assert_eq!(told, ["Decrypt alias/acme"]);
}

/// What can be seen without KMS is not shown to it.
#[track_caller]
fn refused_before_kms(aws: &FakeAws, record: &Value, why: &str) {
    assert_eq!(refused(aws, record, why), [""; 0]);
}

fn with(record: &Value, member: &str, value: impl Into<Value>) -> Value {
    let mut record = record.clone();
    record[member] = value.into();
    record
}

fn hash(token: &str) -> String {
    format!("{:x}", Sha256::digest(token))
}

#[test]
fn the_record_that_the_attacks_start_from_opens() {
    let (aws, _) = good();
    let run = Run::new(["get", "web"]).aws(&aws);
    run.stdout(SECRET).status(0);
}

#[test]
fn a_record_of_another_name_does_not_open() {
    let (aws, _) = good();
    let other = sealed(&aws, ALIAS, &about("dev/web", SECRET), SECRET);
    refused_by_kms(&aws, &serde_json::from_slice(&other).unwrap());
}

#[test]
fn a_record_of_the_same_name_in_another_bucket_or_prefix_does_not_open() {
    let (aws, _) = good();
    for path in "s3://acme-backup/prod/web s3://acme-secrets/web file://web".split(' ') {
        let other = sealed(&aws, ALIAS, &About::new(path, SECRET.as_bytes()), SECRET);
        refused_by_kms(&aws, &serde_json::from_slice(&other).unwrap());
    }
}

#[test]
fn no_part_of_another_record_fits() {
    let (aws, record) = good();
    let other = About {
        generation: 2,
        ..about("web", SECRET)
    };
    let other: Value = serde_json::from_slice(&sealed(&aws, ALIAS, &other, SECRET)).unwrap();
    refused_before_kms(
        &aws,
        &with(&record, "token", other["token"].clone()),
        "token_sha256",
    );
    let spliced = with(&record, "token", other["token"].clone());
    let spliced = with(&spliced, "token_sha256", other["token_sha256"].clone());
    let rewrapped = with(&record, "wrapped_key", other["wrapped_key"].clone());
    for spliced in [spliced, rewrapped] {
        refused_by_kms(&aws, &spliced);
        refused_by_kms(&aws, &with(&spliced, "gen", 2));
    }
    refused_by_kms(&aws, &with(&record, "gen", 2));
}

#[test]
fn no_member_can_be_edited() {
    let (aws, record) = good();
    for (member, value) in [
        ("gen", json!(9)),
        ("created", json!("2030-01-01T00:00:00Z")),
        ("type", json!("text/plain")),
        ("tool", json!("lazycred/9.9.9")),
    ] {
        refused_by_kms(&aws, &with(&record, member, value));
    }
    let mut blob = STANDARD
        .decode(record["wrapped_key"].as_str().unwrap())
        .unwrap();
    *blob.last_mut().unwrap() ^= 1;
    refused_by_kms(&aws, &with(&record, "wrapped_key", STANDARD.encode(blob)));
    let token = record["token"].as_str().unwrap();
    let mut edited = token.to_owned();
    edited.replace_range(30..31, if &token[30..31] == "A" { "B" } else { "A" });
    let hashed = hash(&edited);
    let edited = with(&record, "token", edited);
    refused_before_kms(&aws, &edited, "token_sha256");
    refused_by_kms(&aws, &with(&edited, "token_sha256", hashed));
    refused_before_kms(
        &aws,
        &with(&record, "token_sha256", "0".repeat(64)),
        "token_sha256",
    );
}

#[test]
fn a_member_too_many_too_few_or_of_another_form_is_damage() {
    let (aws, record) = good();
    for name in record.as_object().unwrap().keys() {
        let mut lacking = record.clone();
        lacking.as_object_mut().unwrap().remove(name);
        refused_before_kms(&aws, &lacking, "");
        if name != "lazycred" {
            refused_before_kms(&aws, &with(&record, name, Value::Null), "");
        }
    }
    for (member, value) in [
        ("extra", json!(1)),
        ("lazycred", json!(3)),
        ("lazycred", json!("2")),
        ("lazycred", json!(1)),
        ("gen", json!(0)),
        ("gen", json!("1")),
        ("created", json!("2026-01-01T00:00:00+00:00")),
        ("type", json!("text/html")),
        (
            "token_sha256",
            json!(record["token_sha256"].as_str().unwrap().to_uppercase()),
        ),
        (
            "token",
            json!(record["token"].as_str().unwrap().trim_end_matches('=')),
        ),
    ] {
        let edited = with(&record, member, value);
        if edited != record {
            refused_before_kms(&aws, &edited, "");
        }
    }
}

#[test]
fn a_member_that_stands_twice_is_damage() {
    let (aws, record) = good();
    let twice = record.to_string().replacen('{', r#"{"gen":1,"#, 1);
    aws.put_object(&place("web"), twice.as_bytes());
    let run = Run::new(["get", "web"]).aws(&aws);
    let outcome = run.stderr_has("gen").status(4);
    assert_eq!(outcome.operations(), ["GetObject"]);
}

#[test]
fn a_reader_who_kept_the_data_key_cannot_forge() {
    let (aws, record) = good();
    let blob = STANDARD
        .decode(record["wrapped_key"].as_str().unwrap())
        .unwrap();
    let kept = aws.state().kms.look_into(&blob).unwrap().plaintext.clone();
    let kept = Fernet::new(std::str::from_utf8(&kept).unwrap()).unwrap();
    let token = kept.encrypt(br#"{"TOKEN": "of the attacker"}"#);
    let forged = with(&record, "token_sha256", hash(&token));
    let forged = with(&forged, "token", token.clone());
    refused_by_kms(&aws, &forged);
    refused_before_kms(&aws, &with(&record, "token", token), "token_sha256");
}

#[test]
fn a_wrapping_key_that_is_not_configured_opens_nothing() {
    let (aws, _) = good();
    for account in ["999988887777", ACCOUNT] {
        let arn = aws.wrapping_key("theirs", account, REGION);
        let mut state = aws.state();
        state.kms.key(&arn).open_to = vec![ACCOUNT.to_owned()];
        drop(state);
        let record = sealed(&aws, &arn, &about("web", SECRET), SECRET);
        let record = serde_json::from_slice(&record).unwrap();
        let told = refused(&aws, &record, "`lazycred rekey web --from ALIAS`");
        assert_eq!(told, ["Decrypt alias/acme"], "{account}");
    }
}

#[test]
fn a_local_wrapping_key_that_the_attacker_made_opens_nothing() {
    let (aws, _) = good();
    let file = record::local_wrapping_key();
    let wrap = |data_key: &[u8], context: &_| record::wrap_locally("dev", &file, data_key, context);
    let record = record::version_2(&about("web", SECRET), SECRET.as_bytes(), wrap);
    let record = serde_json::from_slice(&record).unwrap();
    refused_before_kms(&aws, &record, "the local wrapping key `local:dev`");
}

#[test]
fn version_2_without_its_context_is_no_version_1() {
    let (aws, record) = good();
    let first = json!({"data": record["token"], "key": record["wrapped_key"]});
    refused_by_kms(&aws, &first);
    // Nor does a data key of version 1 open a version 2 record.
    let blob = STANDARD.decode(record["wrapped_key"].as_str().unwrap());
    let known = aws.state().kms.look_into(&blob.unwrap()).cloned();
    let free = aws.wrap(ALIAS, &known.unwrap().plaintext, &Context::new());
    refused_by_kms(&aws, &with(&record, "wrapped_key", STANDARD.encode(free)));
}

#[test]
fn a_record_of_version_1_is_refused_where_version_2_is_the_least() {
    let aws = FakeAws::start();
    let wrap = |data_key: &[u8], context: &_| aws.wrap(ALIAS, data_key, context);
    let first = record::version_1(SECRET.as_bytes(), wrap);
    aws.put_object(&place("web"), &first);
    aws.prints("get web", SECRET);
    for command in ["get web", "exec web -- /bin/echo ran"] {
        let status = if command.starts_with("get") { 4 } else { 125 };
        let outcome = aws.run(command)
            .file(".lazycred", r#"{"min_format": 2}"#)
            .stderr_has("it is a version 1 record, which `min_format` refuses; lazycred 0.2.3 may have written it")
            .stderr_has("lazycred: hint: if you trust it, run `lazycred upgrade web`; otherwise store it again")
            .stdout("")
            .status(status);
        assert_eq!(outcome.operations(), ["GetObject"]);
    }
}

#[test]
fn a_record_moved_within_a_folder_does_not_open() {
    let run = |args: &[&str]| Run::new(args).local();
    let put = run(&["--quiet", "put", "dev/web"])
        .env("LAZYCRED_CONFIG", "two.json")
        .file(
            "two.json",
            r#"{"s3_path": "file:secrets/", "key_alias": "local:dev", "format": 2}"#,
        )
        .stdin(SECRET)
        .status(0);
    let record = put.sandbox.read("secrets/dev/web").unwrap();
    let get = |name| Run::new(["get", name]).local().sandbox(&put.sandbox);
    get("dev/web").stdout(SECRET).status(0);
    get("web")
        .record("secrets/web", record)
        .never("hunter2-hunter2")
        .stderr_has("it fails authentication: `local:dev` does not open its data key")
        .stdout("")
        .status(4);
}
