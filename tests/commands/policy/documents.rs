//! `policy`: the documents, and how IAM evaluates them.

use serde_json::{Value, json};

use super::iam::{self, allowed, asked, denied};
use crate::support::{ACCOUNT, ALIAS, BUCKET, FakeAws, Fault, Sandbox};

pub const ARN: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const HOME: &str = iam::HOME;

/// A configuration that names everything, so that nothing is asked.
pub fn configured(format: u8) -> Sandbox {
    configured_with(&json!({"format": format}))
}

fn configured_with(more: &Value) -> Sandbox {
    let mut sandbox = Sandbox::new();
    let mut config = json!({"s3_path": "acme-secrets/prod/", "key_alias": ARN, "account": HOME});
    for (name, value) in more.as_object().unwrap() {
        config[name] = value.clone();
    }
    sandbox.write("lazycred.json", config.to_string());
    sandbox.set("LAZYCRED_CONFIG", "lazycred.json");
    sandbox.set("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    sandbox
}

pub fn policy(sandbox: &Sandbox, args: &[&str]) -> Value {
    let shown = sandbox.run([&["policy"], args].concat()).gives().text();
    serde_json::from_str(&shown).unwrap()
}

/// The context of a record's data key.
pub fn bound(path: &str) -> [(&str, &str); 2] {
    [
        ("kms:EncryptionContext:lazycred:path", path),
        ("kms:EncryptionContext:lazycred:v", "2"),
    ]
}

pub const PROD: &str = "s3://acme-secrets/prod/web";
pub const DEV: &str = "s3://acme-secrets/dev/web";
pub const OBJECT: &str = "arn:aws:s3:::acme-secrets/prod/web";
const OTHER_OBJECT: &str = "arn:aws:s3:::acme-secrets/dev/web";
pub const THE_BUCKET: &str = "arn:aws:s3:::acme-secrets";

#[test]
fn a_readers_policy_is_this_document() {
    let records = json!({
        "Sid": "ReadRecords", "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:GetObjectVersion"],
        "Resource": "arn:aws:s3:::acme-secrets/prod/*",
    });
    let list = json!({
        "Sid": "ListPrefix", "Effect": "Allow", "Action": "s3:ListBucket",
        "Resource": THE_BUCKET, "Condition": {"StringLike": {"s3:prefix": "prod/*"}},
    });
    let mut unwrap = json!({
        "Sid": "UnwrapDataKeys", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": ARN,
    });
    let whole =
        |unwrap: &Value| json!({"Version": "2012-10-17", "Statement": [records, list, unwrap]});
    assert_eq!(policy(&configured(1), &["reader"]), whole(&unwrap));
    unwrap["Condition"] = json!({
        "StringLike": {"kms:EncryptionContext:lazycred:path": "s3://acme-secrets/prod/*"},
        "StringEquals": {"kms:EncryptionContext:lazycred:v": "2"},
    });
    assert_eq!(policy(&configured(2), &["reader"]), whole(&unwrap));
}

#[test]
fn a_reader_reads_its_own_prefix_and_writes_nothing() {
    let reader = policy(&configured(2), &["reader"]);
    let other = "arn:aws:kms:us-east-1:111122223333:key/other";
    for (action, resource, context, expected) in [
        ("s3:GetObject", OBJECT, &[][..], true),
        ("s3:GetObjectVersion", OBJECT, &[], true),
        ("s3:GetObject", OTHER_OBJECT, &[], false),
        ("s3:PutObject", OBJECT, &[], false),
        ("s3:DeleteObject", OBJECT, &[], false),
        ("s3:ListBucket", THE_BUCKET, &[("s3:prefix", "prod/")], true),
        ("s3:ListBucket", THE_BUCKET, &[("s3:prefix", "dev/")], false),
        ("s3:ListBucket", THE_BUCKET, &[], false),
        ("kms:Decrypt", ARN, &bound(PROD), true),
        ("kms:Decrypt", ARN, &bound(DEV), false),
        ("kms:Decrypt", ARN, &bound(PROD)[..1], false),
        ("kms:Decrypt", ARN, &[], false),
        ("kms:Decrypt", other, &bound(PROD), false),
        ("kms:Encrypt", ARN, &bound(PROD), false),
    ] {
        let seen = allowed(&reader, &asked(action, resource, context));
        assert_eq!(seen, expected, "{action} {resource} {context:?}");
    }
    let version_1 = policy(&configured(1), &["reader"]);
    assert!(allowed(&version_1, &asked("kms:Decrypt", ARN, &[])));
}

#[test]
fn a_writer_wraps_and_an_admin_rewraps_and_neither_opens_anything() {
    for format in [1, 2] {
        let context = if format == 2 { &bound(PROD)[..] } else { &[] };
        let writer = policy(&configured(format), &["writer"]);
        let admin = policy(&configured(format), &["admin"]);
        let below = [("s3:prefix", "prod/w")];
        for (action, resource, context, of_writer, of_admin) in [
            ("s3:PutObject", OBJECT, &[][..], true, true),
            ("s3:GetObject", OBJECT, &[], true, true),
            ("s3:GetObjectVersion", OBJECT, &[], true, true),
            ("s3:PutObject", OTHER_OBJECT, &[], false, false),
            ("s3:DeleteObject", OBJECT, &[], false, true),
            ("s3:DeleteObjectVersion", OBJECT, &[], false, false),
            ("s3:ListBucketVersions", THE_BUCKET, &below, false, true),
            ("kms:Encrypt", ARN, context, true, false),
            ("kms:Decrypt", ARN, context, false, false),
            ("kms:ReEncryptFrom", ARN, context, false, true),
            ("kms:ReEncryptTo", ARN, context, false, true),
            ("kms:DescribeKey", ARN, &[], false, true),
        ] {
            let asked = asked(action, resource, context);
            let seen = (allowed(&writer, &asked), allowed(&admin, &asked));
            assert_eq!(seen, (of_writer, of_admin), "{format} {action} {resource}");
        }
        let elsewhere = asked("kms:ReEncryptTo", ARN, &bound(DEV));
        assert_eq!(allowed(&admin, &elsewhere), format == 1);
    }
}

#[test]
fn further_wrapping_keys_open_and_wrap_nothing_new() {
    let old = ARN.replace("1234abcd-", "99999999-");
    let sandbox = configured_with(&json!({"format": 2, "keys": [old]}));
    let [reader, writer] = ["reader", "writer"].map(|kind| policy(&sandbox, &[kind]));
    assert!(allowed(&reader, &asked("kms:Decrypt", &old, &bound(PROD))));
    assert!(allowed(&reader, &asked("kms:Decrypt", ARN, &bound(PROD))));
    assert!(allowed(&writer, &asked("kms:Encrypt", ARN, &bound(PROD))));
    assert!(!allowed(&writer, &asked("kms:Encrypt", &old, &bound(PROD))));
}

#[test]
fn s3_alone_may_use_the_kms_key_that_encrypts_what_it_stores() {
    let of_s3 = "arn:aws:kms:eu-west-1:111122223333:key/99999999-12ab-34cd-56ef-1234567890ab";
    let by_s3 = [("kms:ViaService", "s3.eu-west-1.amazonaws.com")];
    let elsewhere = [("kms:ViaService", "s3.us-east-1.amazonaws.com")];
    let by_another = [("kms:ViaService", "ebs.eu-west-1.amazonaws.com")];
    // The wrapping key, too: it must not open anything but through S3.
    for sse in [of_s3, ARN] {
        let region = if sse == ARN { &elsewhere } else { &by_s3 };
        let sandbox = configured_with(&json!({"sse": format!("aws:kms:{sse}")}));
        let [reader, writer, admin] =
            ["reader", "writer", "admin"].map(|kind| policy(&sandbox, &[kind]));
        for (action, context, of_reader, of_others) in [
            ("kms:Decrypt", &region[..], true, true),
            ("kms:GenerateDataKey", region, false, true),
            ("kms:GenerateDataKey", &by_another, false, false),
            ("kms:GenerateDataKey", &[], false, false),
        ] {
            let asked = asked(action, sse, context);
            let seen = [&reader, &writer, &admin].map(|document| allowed(document, &asked));
            assert_eq!(
                seen,
                [of_reader, of_others, of_others],
                "{action} {sse} {context:?}"
            );
        }
        for document in [&writer, &admin] {
            assert!(!allowed(document, &asked("kms:Decrypt", sse, &[])), "{sse}");
        }
    }
    for sse in ["AES256", "aws:kms"] {
        let sandbox = configured_with(&json!({"sse": sse}));
        let shown = policy(&sandbox, &["writer"]).to_string();
        assert!(!shown.contains("GenerateDataKey"), "{shown}");
    }
}

#[test]
fn the_kms_key_of_s3_is_looked_up_where_the_bucket_is() {
    let fake = FakeAws::start();
    let arn = fake.wrapping_key("of-s3", ACCOUNT, "eu-west-1");
    let sandbox = Sandbox::aws(&fake.url(), "", "");
    let config = json!({"s3_path": "b/p/", "key_alias": ALIAS, "region": "us-east-1",
        "bucket_region": "eu-west-1", "sse": "aws:kms:alias/of-s3"});
    sandbox.write("lazycred.json", config.to_string());
    let policy = || sandbox.run("--config lazycred.json policy writer");
    let shown = policy().gives().text();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["Statement"][3]["Resource"], *arn);
    let asked = fake.requests();
    assert_eq!(
        (&*asked[0].region, &*asked[1].region),
        ("us-east-1", "eu-west-1")
    );
    fake.fault("DescribeKey", Fault::Denied.at(2));
    let hint = "lazycred: hint: name the KMS key by its ARN in `sse` to skip the look-up\n";
    policy().stderr_has(hint).status(1);
}

#[test]
fn the_bucket_policy_requires_tls_and_its_own_account_and_protects_versions() {
    let bucket = policy(&configured(1), &["bucket"]);
    let ours = [
        ("aws:SecureTransport", "true"),
        ("s3:TlsVersion", "1.3"),
        ("aws:PrincipalAccount", HOME),
        ("aws:PrincipalIsAWSService", "false"),
    ];
    let but = |name: &'static str, value: &'static str| {
        let mut context = ours;
        let place = context.iter().position(|(known, _)| *known == name);
        context[place.unwrap()].1 = value;
        context
    };
    let elsewhere = but("aws:PrincipalAccount", "444455556666");
    for (action, context, expected) in [
        ("s3:GetObject", ours, false),
        ("s3:GetObject", but("aws:SecureTransport", "false"), true),
        ("s3:GetObject", but("s3:TlsVersion", "1.1"), true),
        ("s3:GetObject", elsewhere, true),
        ("s3:DeleteObject", ours, false),
        ("s3:DeleteObjectVersion", ours, true),
        ("s3:PutBucketVersioning", ours, true),
    ] {
        for resource in [OBJECT, THE_BUCKET] {
            let seen = denied(&bucket, &asked(action, resource, &context));
            assert_eq!(seen, expected, "{action} {resource} {context:?}");
        }
    }
    let other = policy(&configured(1), &["bucket", "--break-glass", "fire"]);
    for (document, role) in [(bucket, "secrets-breakglass"), (other, "fire")] {
        let arn = format!("arn:aws:iam::{HOME}:role/{role}");
        let mut context = ours.to_vec();
        context.push(("aws:PrincipalArn", &arn));
        let erase = asked("s3:DeleteObjectVersion", OBJECT, &context);
        assert!(!denied(&document, &erase), "{role}");
    }
}

#[test]
fn the_wrapping_keys_policy_gives_each_role_only_its_calls_and_requires_the_context() {
    let args = [
        "key", "--reader", "app", "--writer", "ci", "--admin", "ops", "--owner", "kms",
    ];
    let document = policy(&configured(2), &args);
    for (role, action, path, expected) in [
        ("app", "kms:Decrypt", Some(PROD), true),
        ("app", "kms:Decrypt", Some(DEV), false),
        ("app", "kms:Decrypt", None, false),
        ("app", "kms:Encrypt", Some(PROD), false),
        ("ci", "kms:Encrypt", Some(PROD), true),
        ("ci", "kms:Decrypt", Some(PROD), false),
        ("ops", "kms:ReEncryptFrom", Some(PROD), true),
        ("ops", "kms:ReEncryptTo", Some(DEV), false),
        ("ops", "kms:Decrypt", Some(PROD), false),
        ("ops", "kms:DescribeKey", None, true),
        ("kms", "kms:PutKeyPolicy", None, true),
        ("kms", "kms:Decrypt", Some(PROD), false),
        ("app", "kms:PutKeyPolicy", None, false),
    ] {
        let arn = format!("arn:aws:iam::{HOME}:role/{role}");
        let mut context = vec![("kms:CallerAccount", HOME)];
        context.extend(path.map(bound).into_iter().flatten());
        let mut asked = asked(action, ARN, &context);
        asked.principal = &arn;
        let seen = allowed(&document, &asked);
        assert_eq!(seen, expected, "{role} {action} {path:?}");
        asked.context[0].1 = "444455556666";
        assert!(denied(&document, &asked), "{role} {action} from elsewhere");
    }
}

#[test]
fn roles_that_are_not_named_are_left_to_the_accounts_own_policies() {
    let document = policy(
        &configured(1),
        &["key", "--reader", "arn:aws:iam::111122223333:user/u"],
    );
    let principal = |sid: &str| {
        let mut statements = document["Statement"].as_array().unwrap().iter();
        let found = statements.find(|statement| statement["Sid"] == sid);
        found.unwrap()["Principal"]["AWS"].clone()
    };
    assert_eq!(principal("Readers"), "arn:aws:iam::111122223333:user/u");
    for sid in ["Owners", "Writers", "Movers"] {
        assert_eq!(principal(sid), "arn:aws:iam::111122223333:root", "{sid}");
    }
    let home = [("kms:CallerAccount", HOME)];
    assert!(allowed(&document, &asked("kms:Encrypt", ARN, &home)));
}

#[test]
fn policy_looks_up_the_alias_and_asks_for_the_account_if_it_is_not_configured() {
    let fake = FakeAws::start();
    let arn = fake.state().kms.key(ALIAS).arn.clone();
    let sandbox = Sandbox::aws(&fake.url(), &format!("{BUCKET}/p/"), ALIAS);
    let reader = policy(&sandbox, &["reader"]);
    assert_eq!(reader["Statement"][2]["Resource"], *arn);
    let bucket = policy(&sandbox, &["bucket"]);
    let of_account = &bucket["Statement"][2]["Condition"]["StringNotEquals"];
    assert_eq!(of_account["aws:PrincipalAccount"], ACCOUNT);
    assert_eq!(
        fake.told(),
        [
            format!("DescribeKey alias/{ALIAS}"),
            "GetCallerIdentity".into()
        ]
    );
    fake.fault("DescribeKey", Fault::Denied.once());
    let hint = "lazycred: hint: pass --key-alias ARN to skip the look-up\n";
    let policy = sandbox.run(["policy", "writer"]);
    let refused = policy.stderr_has("kms:DescribeKey").status(1);
    assert!(refused.stderr.ends_with(hint), "{}", refused.stderr);
}

#[test]
fn what_is_not_in_aws_has_no_policy() {
    let local = Sandbox::local();
    for kind in ["reader", "writer", "admin", "bucket", "key"] {
        local.run(["policy", kind]).fails(2);
    }
    let mut sandbox = configured(1);
    sandbox.set("LAZYCRED_CONFIG", "");
    let in_s3 = |region| {
        let args = ["policy", "reader", "--s3-path", "b/", "--region", region];
        let args = args.into_iter().chain(["--key-alias", "local:dev"]);
        sandbox.run(args).gives().text()
    };
    let shown = in_s3("r");
    assert!(
        shown.contains("arn:aws:s3:::b/*") && !shown.contains("kms:"),
        "{shown}"
    );
    assert!(in_s3("cn-north-1").contains("arn:aws-cn:s3:::b/*"));
    sandbox
        .run(["policy", "reader", "--s3-path", "b/", "--region", "r"])
        .fails(2);
}

#[test]
fn an_option_of_another_policy_is_refused() {
    let sandbox = configured(1);
    for args in [["reader", "--reader", "x"], ["key", "--break-glass", "x"]] {
        sandbox.run([&["policy"], &args[..]].concat()).fails(2);
    }
}
