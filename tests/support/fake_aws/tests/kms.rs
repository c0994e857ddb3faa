//! Wrapping and unwrapping, and each way to be refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{element, kms, kms_in, signed};
use crate::support::fake_aws::{Context, FakeAws, Status};
use crate::support::http::ask;

const DATA_KEY: &str = "ZGF0YSBrZXk=";

fn wrapped(fake: &FakeAws, alias: &str) -> String {
    STANDARD.encode(fake.wrap(alias, b"data key", &Context::new()))
}

/// The error's code, or the plaintext.
fn decrypted(fake: &FakeAws, request: &Value) -> String {
    let (status, answer) = kms(fake, "Decrypt", request);
    let member = if status == 200 { "Plaintext" } else { "__type" };
    answer[member].as_str().unwrap().to_owned()
}

#[test]
fn what_was_wrapped_is_unwrapped_with_the_same_context_only() {
    let fake = FakeAws::start();
    let context = json!({"lazycred:path": "s3://b/a"});
    let request =
        json!({"KeyId": "alias/acme", "Plaintext": DATA_KEY, "EncryptionContext": context});
    let (status, answer) = kms(&fake, "Encrypt", &request);
    assert_eq!(status, 200);
    let arn = fake.state().kms.key("acme").arn.clone();
    assert_eq!(answer["KeyId"], arn);
    let blob = &answer["CiphertextBlob"];
    for (context, expected) in [
        (context, DATA_KEY),
        (
            json!({"lazycred:path": "s3://b/b"}),
            "InvalidCiphertextException",
        ),
        (
            json!({"Lazycred:path": "s3://b/a"}),
            "InvalidCiphertextException",
        ),
        (Value::Null, "InvalidCiphertextException"),
    ] {
        for key_id in [Value::Null, "alias/acme".into(), (*arn).into()] {
            let mut request = json!({"CiphertextBlob": blob, "EncryptionContext": context});
            if !key_id.is_null() {
                request["KeyId"] = key_id;
            }
            assert_eq!(decrypted(&fake, &request), expected, "{request}");
        }
    }
    let asked = &fake.requests()[0];
    assert_eq!(asked.to_string(), "Encrypt alias/acme");
    assert_eq!(asked.json(), request);
}

#[test]
fn each_refusal_has_the_code_that_kms_gives_it() {
    let fake = FakeAws::start();
    let other = fake.wrapping_key("other", "123456789012", "us-east-1");
    let foreign = fake.wrapping_key("foreign", "999999999999", "us-east-1");
    let blob = wrapped(&fake, "acme");
    let id = other.rsplit('/').next().unwrap();
    for (key_id, expected) in [
        ("alias/acme", DATA_KEY),
        ("alias/other", "IncorrectKeyException"),
        (id, "IncorrectKeyException"),
        ("alias/none", "NotFoundException"),
        ("00000000-0000-4000-8000-000000000000", "NotFoundException"),
        ("alias/foreign", "NotFoundException"),
        (&foreign, "AccessDeniedException"),
        (
            "arn:aws:kms:eu-west-1:123456789012:alias/acme",
            "NotFoundException",
        ),
    ] {
        let request = json!({"KeyId": key_id, "CiphertextBlob": blob});
        assert_eq!(decrypted(&fake, &request), expected, "{key_id}");
    }
    let flipped = format!("B{}", &blob[1..]);
    let request = json!({"KeyId": "alias/acme", "CiphertextBlob": flipped});
    assert_eq!(decrypted(&fake, &request), "InvalidCiphertextException");
}

#[test]
fn a_ciphertext_names_its_own_wrapping_key_if_it_may_be_used() {
    let fake = FakeAws::start();
    let foreign = fake.wrapping_key("foreign", "999999999999", "us-east-1");
    fake.wrapping_key("far", "123456789012", "eu-west-1");
    let unnamed = |alias: &str| json!({"CiphertextBlob": wrapped(&fake, alias)});
    let seen = decrypted(&fake, &unnamed("foreign"));
    assert_eq!(seen, "AccessDeniedException");
    assert_eq!(decrypted(&fake, &unnamed("far")), "AccessDeniedException");
    let open_to = vec!["123456789012".to_owned()];
    fake.state().kms.key("foreign").open_to = open_to;
    let (status, answer) = kms(&fake, "Decrypt", &unnamed("foreign"));
    assert_eq!((status, answer["KeyId"].as_str()), (200, Some(&*foreign)));
    let (status, _) = kms_in(&fake, "eu-west-1", "Decrypt", &unnamed("far"));
    assert_eq!(status, 200);
}

#[test]
fn a_wrapping_key_that_cannot_be_used_says_why() {
    let fake = FakeAws::start();
    let blob = wrapped(&fake, "acme");
    let arn = fake.state().kms.key("acme").arn.clone();
    for (status, code, message) in [
        (Status::Disabled, "DisabledException", "is disabled."),
        (
            Status::PendingDeletion,
            "KMSInvalidStateException",
            "is pending deletion.",
        ),
    ] {
        fake.state().kms.key("acme").status = status;
        for key_id in [json!("alias/acme"), json!(arn)] {
            let request = json!({"KeyId": key_id, "CiphertextBlob": blob});
            let (_, answer) = kms(&fake, "Decrypt", &request);
            let expected = json!({"__type": code, "message": format!("{arn} {message}")});
            assert_eq!(answer, expected);
        }
        let request = json!({"KeyId": "alias/acme", "Plaintext": DATA_KEY});
        assert_eq!(kms(&fake, "Encrypt", &request).1["__type"], code);
    }
    fake.state().kms.key("acme").status = Status::Enabled;
    fake.state().kms.key("acme").denied = vec!["Decrypt".into()];
    let request = json!({"KeyId": "alias/acme", "CiphertextBlob": blob});
    assert_eq!(decrypted(&fake, &request), "AccessDeniedException");
    let request = json!({"KeyId": "alias/acme", "Plaintext": DATA_KEY});
    assert_eq!(kms(&fake, "Encrypt", &request).0, 200);
}

#[test]
fn a_ciphertext_is_rewrapped_without_its_plaintext_being_seen() {
    let fake = FakeAws::start();
    fake.wrapping_key("other", "123456789012", "us-east-1");
    let context = json!({"a": "1"});
    let request = json!({
        "CiphertextBlob": wrapped(&fake, "acme"),
        "SourceKeyId": "alias/acme",
        "DestinationKeyId": "alias/other",
        "DestinationEncryptionContext": context,
    });
    let (status, answer) = kms(&fake, "ReEncrypt", &request);
    assert_eq!(status, 200);
    assert!(answer.get("Plaintext").is_none());
    let blob = &answer["CiphertextBlob"];
    let request =
        json!({"KeyId": "alias/other", "CiphertextBlob": blob, "EncryptionContext": context});
    assert_eq!(decrypted(&fake, &request), DATA_KEY);
    let request = json!({
        "CiphertextBlob": blob,
        "SourceKeyId": "alias/acme",
        "DestinationKeyId": "alias/other",
    });
    let (_, answer) = kms(&fake, "ReEncrypt", &request);
    assert_eq!(answer["__type"], "IncorrectKeyException");
}

#[test]
fn no_more_than_4096_bytes_are_wrapped() {
    let fake = FakeAws::start();
    for (length, expected) in [(0, 400), (1, 200), (4096, 200), (4097, 400)] {
        let plaintext = STANDARD.encode(vec![0; length]);
        let request = json!({"KeyId": "alias/acme", "Plaintext": plaintext});
        assert_eq!(kms(&fake, "Encrypt", &request).0, expected, "{length}");
    }
}

#[test]
fn wrapping_keys_and_aliases_are_made_and_described() {
    let fake = FakeAws::start();
    let (_, made) = kms(&fake, "CreateKey", &json!({}));
    let made = &made["KeyMetadata"]["KeyId"];
    let alias = json!({"AliasName": "alias/fresh", "TargetKeyId": made});
    assert_eq!(kms(&fake, "CreateAlias", &alias).0, 200);
    let (_, twice) = kms(&fake, "CreateAlias", &alias);
    assert_eq!(twice["__type"], "AlreadyExistsException");
    let fresh = json!({"KeyId": "alias/fresh"});
    let (_, about) = kms(&fake, "DescribeKey", &fresh);
    assert_eq!(&about["KeyMetadata"]["KeyId"], made);
    assert_eq!(about["KeyMetadata"]["KeyState"], "Enabled");
    let rotated = || kms(&fake, "GetKeyRotationStatus", &fresh).1["KeyRotationEnabled"].clone();
    assert_eq!(rotated(), false);
    let by_id = json!({"KeyId": made});
    assert_eq!(kms(&fake, "EnableKeyRotation", &by_id).0, 200);
    assert_eq!(rotated(), true);
    let (_, listed) = kms(&fake, "ListAliases", &json!({}));
    let names = listed["Aliases"].as_array().unwrap().iter();
    let names: Vec<_> = names
        .map(|alias| alias["AliasName"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["alias/acme", "alias/fresh"]);
}

#[test]
fn the_caller_is_told_who_he_is() {
    let fake = FakeAws::start();
    fake.state().caller = "999999999999".into();
    let headers = [("authorization", &*signed("us-east-1", "sts"))];
    let body = b"Action=GetCallerIdentity&Version=2011-06-15";
    let answer = ask(fake.port(), "POST", "/", &headers, body).unwrap();
    let body = String::from_utf8(answer.body).unwrap();
    assert_eq!(element(&body, "Account").as_deref(), Some("999999999999"));
    assert_eq!(fake.told(), ["GetCallerIdentity"]);
}
