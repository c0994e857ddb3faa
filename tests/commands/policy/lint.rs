//! All policies that `policy` prints and the documents show, as parliament and IAM's rules see them.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::documents::{ARN, DEV, OBJECT, PROD, THE_BUCKET, bound, configured, policy};
use super::iam::{HOME, allowed, asked, denied};
use crate::support::manifests::{read, schemas};

/// The blocks of `docs/iam.md`, in their order.
fn of_the_page() -> [Value; 4] {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/iam.md");
    let page = fs::read_to_string(page).unwrap();
    let blocks = page.split("```json\n").skip(1);
    let blocks = blocks.map(|rest| serde_json::from_str(rest.split("```").next().unwrap()));
    let blocks: Vec<Value> = blocks.map(Result::unwrap).collect();
    blocks.try_into().unwrap()
}

const ROLES: [&str; 9] = [
    "key", "--reader", "app", "--writer", "ci", "--admin", "ops", "--owner", "kms",
];

/// What the program prints, with what each is called here.
fn printed() -> Vec<(&'static str, Value)> {
    let (one, two) = (configured(1), configured(2));
    vec![
        ("reader 1", policy(&one, &["reader"])),
        ("reader 2", policy(&two, &["reader"])),
        ("writer 1", policy(&one, &["writer"])),
        ("writer 2", policy(&two, &["writer"])),
        ("admin 1", policy(&one, &["admin"])),
        ("admin 2", policy(&two, &["admin"])),
        ("bucket", policy(&one, &["bucket"])),
        ("key 1", policy(&one, &["key"])),
        ("key 2", policy(&two, &["key"])),
        ("key 2 for roles", policy(&two, &ROLES)),
    ]
}

#[test]
fn parliament_finds_nothing_in_fourteen_policies_but_what_those_of_resources_must_say() {
    let [reader, upgrader, no_blind_writes, access] = of_the_page();
    let mut documents = printed();
    documents.extend([
        ("the page's reader", reader),
        ("the page's upgrader", upgrader),
        ("the page's bucket", no_blind_writes),
        ("examples/policy.json", read::json("policy.json")),
    ]);
    assert_eq!(documents.len(), 14);
    // What it does find, so that it is known to look.
    let wrong = r#"{"Version": "2012-10-17", "Statement":
        {"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}}"#;
    documents.push(("wrong", serde_json::from_str(wrong).unwrap()));
    let all: Vec<&Value> = documents.iter().map(|(_, document)| document).collect();
    let Some(found) = schemas::findings(&all) else {
        return;
    };
    assert_eq!(found.len(), documents.len());
    for ((what, _), found) in documents.iter().zip(found) {
        // A Deny of every action has conditions that some of them do not know.
        let every_action = "UNKNOWN_CONDITION_FOR_ACTION MEDIUM";
        let expected: &[&str] = match what.split(' ').next() {
            Some("wrong") => &["UNKNOWN_ACTION LOW"],
            Some("bucket") => &[every_action],
            // There, `*` is the wrapping key whose policy it is.
            Some("key") => &["RESOURCE_STAR LOW", every_action],
            _ => &[],
        };
        assert_eq!(found, expected, "{what}");
    }
    // No policy of IAM, but four switches.
    let switches = access.as_object().unwrap();
    assert!(switches.len() == 4 && switches.values().all(|on| *on == true));
}

#[test]
fn thirty_requests_of_reader_writer_admin_and_upgrader_are_allowed_or_not_as_they_should_be() {
    let two = configured(2);
    let [reader, writer, admin] = ["reader", "writer", "admin"].map(|kind| policy(&two, &[kind]));
    let key = policy(&two, &ROLES);
    let [_, upgrader, no_blind_writes, _] = of_the_page();
    let (prod, dev) = (&bound(PROD)[..], &bound(DEV)[..]);
    let new = ARN.replace("1234abcd-", "99999999-");
    let some = [("kms:EncryptionContextKeys", "lazycred:path")];
    let mut cases = 0;
    for (who, document, action, resource, context, expected) in [
        ("reader", &reader, "kms:Decrypt", ARN, prod, true),
        ("reader", &reader, "kms:Decrypt", ARN, dev, false),
        ("reader", &reader, "kms:Decrypt", ARN, &[], false),
        ("reader", &reader, "kms:Encrypt", ARN, prod, false),
        ("reader", &reader, "s3:GetObject", OBJECT, &[], true),
        ("reader", &reader, "s3:PutObject", OBJECT, &[], false),
        ("writer", &writer, "kms:Encrypt", ARN, prod, true),
        ("writer", &writer, "kms:Encrypt", ARN, dev, false),
        ("writer", &writer, "kms:Decrypt", ARN, prod, false),
        ("writer", &writer, "s3:PutObject", OBJECT, &[], true),
        ("writer", &writer, "s3:DeleteObject", OBJECT, &[], false),
        ("admin", &admin, "kms:ReEncryptFrom", ARN, prod, true),
        ("admin", &admin, "kms:ReEncryptTo", ARN, prod, true),
        ("admin", &admin, "kms:ReEncryptTo", ARN, dev, false),
        ("admin", &admin, "kms:Decrypt", ARN, prod, false),
        ("admin", &admin, "s3:DeleteObject", OBJECT, &[], true),
        (
            "admin",
            &admin,
            "s3:DeleteObjectVersion",
            OBJECT,
            &[],
            false,
        ),
        ("upgrader", &upgrader, "kms:ReEncryptFrom", ARN, &[], true),
        (
            "upgrader",
            &upgrader,
            "kms:ReEncryptFrom",
            ARN,
            &some,
            false,
        ),
        ("upgrader", &upgrader, "kms:ReEncryptTo", &new, prod, true),
        ("upgrader", &upgrader, "kms:ReEncryptTo", &new, dev, false),
        ("upgrader", &upgrader, "kms:ReEncryptTo", ARN, prod, false),
        ("upgrader", &upgrader, "kms:Decrypt", ARN, &[], false),
        ("upgrader", &upgrader, "kms:Decrypt", &new, prod, false),
        (
            "upgrader",
            &upgrader,
            "s3:ListBucket",
            THE_BUCKET,
            &[("s3:prefix", "prod/")],
            true,
        ),
        ("upgrader", &upgrader, "s3:DeleteObject", OBJECT, &[], false),
    ] {
        let seen = allowed(document, &asked(action, resource, context));
        assert_eq!(seen, expected, "{who}: {action} {resource} {context:?}");
        cases += 1;
        // The wrapping key's own policy stands beside it, and agrees.
        let role = match who {
            "reader" => "app",
            "writer" => "ci",
            "admin" => "ops",
            _ => continue,
        };
        if action.starts_with("kms:") {
            let role = format!("arn:aws:iam::{HOME}:role/{role}");
            let mut request = asked(action, resource, context);
            request.context.push(("kms:CallerAccount", HOME));
            request.principal = &role;
            assert_eq!(allowed(&key, &request), expected, "{who}: {action}");
        }
    }
    let once = ("s3:ObjectCreationOperation", "true");
    for (context, blind) in [
        (&[once][..], true),
        (&[once, ("s3:if-match", "etag")], false),
        (&[once, ("s3:if-none-match", "*")], false),
        // The parts of an upload; what ends it has the condition.
        (&[("s3:ObjectCreationOperation", "false")], false),
    ] {
        let put = asked("s3:PutObject", OBJECT, context);
        assert_eq!(denied(&no_blind_writes, &put), blind, "{context:?}");
        cases += 1;
    }
    assert_eq!(cases, 30);
}
