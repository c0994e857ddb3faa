//! Which requests go to KMS, under which wrapping keys, and what its answers mean.

use serde_json::Value;

use crate::support::harness::store_under;
use crate::support::{ACCOUNT, ALIAS, FakeAws, Fault, Outcome, REGION, place, store};

const SECRET: &str = "hunter2-hunter2";
const FORMAT_2: &str = r#"{"format": 2}"#;

/// A fake with a record of version 1 under the wrapping key `old`.
fn under_old() -> FakeAws {
    let aws = FakeAws::start();
    aws.wrapping_key("old", ACCOUNT, REGION);
    store_under(&aws, &place("db"), SECRET, 1, "old");
    aws
}

/// The wrapping keys that an operation was asked for, in turn; `-` for none.
fn asked(outcome: &Outcome, operation: &str, member: &str) -> Vec<String> {
    let requests = outcome.requests.iter();
    let requests = requests.filter(|request| request.operation == operation);
    let named = requests.map(|request| request.json()[member].as_str().unwrap_or("-").to_owned());
    named.collect()
}

#[test]
fn version_1_is_tried_under_the_configured_wrapping_key_then_under_its_own() {
    for alias in [ALIAS, "gone", "shut"] {
        let aws = under_old();
        aws.wrapping_key("shut", ACCOUNT, REGION);
        aws.state().kms.key("shut").denied.push("Decrypt".into());
        let get = aws.run(["get", "db", "--key-alias", alias]);
        let outcome = get.stdout(SECRET).any_stderr().status(0);
        let expected = [format!("alias/{alias}"), "-".to_owned()];
        assert_eq!(asked(&outcome, "Decrypt", "KeyId"), expected);
    }
}

#[test]
fn a_data_key_is_moved_by_one_request_that_names_both_contexts() {
    let aws = FakeAws::start();
    store(&aws, &place("a"), SECRET, 2);
    let copy = aws.run("cp a b").any_stderr().status(0);
    let mut requests = copy.requests.iter();
    let request = requests.find(|request| request.operation == "ReEncrypt");
    let request = request.unwrap().json();
    for (side, name) in [("Source", "a"), ("Destination", "b")] {
        assert_eq!(request[format!("{side}KeyId")], "alias/acme");
        let context = &request[format!("{side}EncryptionContext")];
        assert_eq!(context["lazycred:path"], format!("s3://{}", place(name)));
    }
    assert_eq!(asked(&copy, "ReEncrypt", "SourceKeyId").len(), 1);
    aws.prints("get b", SECRET);
    // With the context that it had before, it neither opens nor moves.
    let moved = aws.object(&place("b")).unwrap();
    aws.put_object(&place("a"), &moved);
    for command in ["get a", "cp a c"] {
        aws.refuses(command, 4, "it fails authentication");
    }
}

#[test]
fn version_1_is_rewrapped_from_accepted_wrapping_keys_only() {
    let aws = under_old();
    let pinned = r#"{"s3_path": "acme-secrets/prod/", "key_alias": "acme", "pin_key": true}"#;
    aws.run("rekey --config pinned.json")
        .file("pinned.json", pinned)
        .stderr_has("hint: remove `pin_key` to accept other wrapping keys")
        .status(4);
    let upgrade = aws.run("upgrade").any_stdout();
    let upgrade = upgrade.stderr_has("upgraded 1 record").status(0);
    let sources = asked(&upgrade, "ReEncrypt", "SourceKeyId");
    assert_eq!(sources, ["alias/acme", "-"]);
    let targets = asked(&upgrade, "ReEncrypt", "DestinationKeyId");
    assert_eq!(targets, ["alias/acme"; 2]);
    aws.prints("get db", SECRET);
    let theirs = aws.wrapping_key("theirs", "444455556666", REGION);
    aws.state().kms.key(&theirs).open_to.push(ACCOUNT.into());
    store_under(&aws, &place("db"), SECRET, 1, &theirs);
    for args in [&["rekey"][..], &["rekey", "--from", &theirs]] {
        aws.refuses(args, 4, "which is not in account");
    }
}

#[test]
fn a_local_wrapping_key_is_no_source_for_kms() {
    let aws = under_old();
    let rekey = aws.run("rekey --from local:dev");
    let rekey = rekey
        .stderr_has("are different kinds of wrapping key")
        .status(2);
    assert!(!rekey.operations().contains(&"ReEncrypt"), "{rekey}");
}

#[test]
fn a_wrapping_key_that_does_not_exist_is_named_in_writing() {
    let aws = FakeAws::start();
    aws.run("put db --key-alias gone")
        .file(".lazycred", FORMAT_2)
        .stdin(SECRET)
        .stderr_has(
            "hint: check `key_alias` and `region`: the wrapping key must exist in us-east-1",
        )
        .status(1);
}

#[test]
fn a_data_key_is_not_bound_by_an_answer_that_names_no_wrapping_key() {
    let aws = FakeAws::start();
    let mute = Fault::sent(|body| {
        let mut answer: Value = serde_json::from_slice(&body).unwrap();
        answer.as_object_mut().unwrap().remove("KeyId");
        answer.to_string().into_bytes()
    });
    aws.fault("Encrypt", mute);
    let put = aws.run("put db").file(".lazycred", FORMAT_2);
    let put = put.stdin(SECRET).stderr_has("the response from KMS lacks");
    let put = put.status(1);
    assert!(!put.operations().contains(&"PutObject"), "{put}");
    aws.run("put db").stdin(SECRET).any_stderr().status(0);
}
