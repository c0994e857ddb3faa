//! Policies in the parts of AWS that are kept apart: one partition throughout.

use serde_json::{Value, json};

use crate::support::{Answer, FakeAws, Sandbox};

const PARTITIONS: [(&str, &str); 7] = [
    ("us-east-1", "aws"),
    ("cn-north-1", "aws-cn"),
    ("us-gov-west-1", "aws-us-gov"),
    ("eusc-de-east-1", "aws-eusc"),
    ("us-iso-east-1", "aws-iso"),
    ("us-isob-east-1", "aws-iso-b"),
    ("eu-isoe-west-1", "aws-iso-e"),
];

/// All texts in a document that are ARNs.
fn arns(document: &Value, found: &mut Vec<String>) {
    match document {
        Value::String(text) if text.starts_with("arn:") => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| arns(item, found)),
        Value::Object(members) => members.values().for_each(|member| arns(member, found)),
        _ => {}
    }
}

#[track_caller]
fn one_partition(sandbox: &Sandbox, args: &[&str], partition: &str) {
    let shown = sandbox.run(args).gives().text();
    let mut found = Vec::new();
    arns(&serde_json::from_str(&shown).unwrap(), &mut found);
    assert!(!found.is_empty(), "{shown}");
    for arn in found {
        assert!(
            arn.starts_with(&format!("arn:{partition}:")),
            "{args:?}: {arn}"
        );
    }
}

/// Answers for an alias in a partition.
fn server(partition: &'static str, region: &'static str) -> FakeAws {
    FakeAws::scripted(move |_, operation| {
        let arn = format!(
            "arn:{partition}:kms:{region}:123456789012:key/11111111-2222-3333-4444-555555555555"
        );
        Some(match operation {
            "DescribeKey" => Answer::new(
                200,
                json!({"KeyMetadata": {"KeyId": "k", "Arn": arn, "KeyState": "Enabled"}})
                    .to_string(),
            ),
            _ => Answer::caller("123456789012"),
        })
    })
}

#[test]
fn a_policy_for_an_alias_has_the_partition_of_its_region() {
    for (region, partition) in PARTITIONS {
        let server = server(partition, region);
        let mut sandbox = Sandbox::aws(&server.url(), "acme-secrets/prod/", "acme");
        sandbox.set("AWS_REGION", region);
        for args in [
            &["policy", "reader"][..],
            &["policy", "writer"],
            &["policy", "admin"],
            &["policy", "bucket"],
            &["policy", "key"],
            &["policy", "key", "--reader", "app", "--owner", "ops"],
        ] {
            one_partition(&sandbox, args, partition);
        }
    }
}

#[test]
fn an_arns_own_partition_comes_before_that_of_the_region() {
    let server = server("aws", "us-east-1");
    let mut sandbox = Sandbox::aws(&server.url(), "acme-secrets/prod/", "acme");
    let arn = "arn:aws-cn:kms:cn-north-1:123456789012:key/11111111-2222-3333-4444-555555555555";
    sandbox.set("LAZYCRED_KEY_ALIAS", arn);
    for kind in ["reader", "writer", "admin", "bucket", "key"] {
        one_partition(&sandbox, &["policy", kind], "aws-cn");
    }
}
