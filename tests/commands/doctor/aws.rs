//! `doctor` on what AWS's own settings do: profile files, endpoints, regions,
//! clocks, and the metadata of a machine.

use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::Value;

use crate::commands::doctor::findings::{errs, findings, of};
use crate::support::fake_aws::nowhere;
use crate::support::harness::SECRET_ACCESS_KEY;
use crate::support::tls::loopback;
use crate::support::{ALIAS, Answer, BUCKET, FakeAws, Fault, Sandbox};

/// Configured by variables but for the region, the endpoints and a profile.
fn by_profile(config: &str) -> Sandbox {
    let mut sandbox = Sandbox::new();
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_MAX_ATTEMPTS", "1"),
        ("LAZYCRED_S3_PATH", &format!("{BUCKET}/")),
        ("LAZYCRED_KEY_ALIAS", ALIAS),
    ] {
        sandbox.set(name, value);
    }
    sandbox.write(".aws/config", config);
    sandbox
}

/// Each check that asks AWS has this in its remedy.
#[track_caller]
fn all_say(findings: &[Value], said: &str) {
    for check in ["identity", "wrapping key", "bucket", "read"] {
        let (_, remedy) = of(findings, check);
        assert!(remedy.contains(said), "{check}: {remedy}");
    }
}

/// The details of all findings of one check.
fn details(findings: &[Value], check: &str) -> Vec<String> {
    let found = findings.iter().filter(|finding| finding["check"] == check);
    found
        .map(|finding| finding["detail"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn endpoints_and_the_region_of_a_profile_are_shown_with_the_profile() {
    let (all, s3) = (FakeAws::start(), FakeAws::start());
    let mut sandbox = by_profile(&format!(
        "[default]\nregion = us-east-1\nendpoint_url = {all}\nservices = here\n\
         [services here]\ns3 =\n  endpoint_url = {s3}\n\
         [profile plain]\nregion = us-east-1\nendpoint_url = {all}\n\
         aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = s\n",
        all = all.url(),
        s3 = s3.url(),
    ));
    let (all, s3) = (all.url(), s3.url());
    let (found, status) = findings(&sandbox, &[]);
    assert_eq!((status, of(&found, "read")), (0, ("ok", "")));
    assert_eq!(
        details(&found, "endpoint"),
        [
            format!("`{s3}` for S3, from the AWS profile `default`"),
            format!("`{all}` for KMS, STS, from the AWS profile `default`"),
        ]
    );
    let seen = details(&found, "region");
    assert_eq!(seen, ["`us-east-1`, from the AWS profile `default`"]);
    let (found, status) = findings(&sandbox, &["--profile", "plain"]);
    assert_eq!(status, 0);
    assert_eq!(details(&found, "profile"), ["`plain`, from --profile"]);
    let expected = format!("`{all}` for S3, KMS, STS, from the AWS profile `plain`");
    assert_eq!(details(&found, "endpoint"), [expected]);
    // A variable overrides a profile, and a service's own variable the general one.
    sandbox.set("AWS_ENDPOINT_URL_KMS", &all);
    sandbox.set("AWS_ENDPOINT_URL", &s3);
    let (found, _) = findings(&sandbox, &[]);
    assert_eq!(
        details(&found, "endpoint"),
        [
            format!("`{s3}` for S3, STS, from AWS_ENDPOINT_URL"),
            format!("`{all}` for KMS, from AWS_ENDPOINT_URL_KMS"),
        ]
    );
    let local = Sandbox::local();
    assert_eq!(details(&findings(&local, &[]).0, "endpoint"), [""; 0]);
}

#[test]
fn the_region_of_an_arn_is_told_from_the_buckets() {
    let aws = FakeAws::start();
    let arn = aws.wrapping_key("west", crate::support::ACCOUNT, "eu-west-1");
    let sandbox = by_profile(&format!(
        "[default]\nregion = us-east-1\nendpoint_url = {}\n",
        aws.url()
    ));
    let (found, _) = findings(&sandbox, &["--key-alias", &arn]);
    assert_eq!(
        details(&found, "region"),
        [
            "`eu-west-1` for KMS, from the ARN in `key_alias`",
            "`us-east-1`, from the AWS profile `default`",
        ]
    );
}

#[test]
fn every_member_of_the_file_is_shown_with_the_file() {
    let aws = FakeAws::start();
    let sandbox = Sandbox::aws(&aws.url(), "unused/", "unused");
    for (text, members) in [
        (
            r#""region": "us-east-1", "bucket_region": "us-east-1", "account": "123456789012", "format": 2,
               "min_format": 2, "keys": ["two", "three"], "key_accounts": ["111122223333"], "max_age": "90d""#,
            &[
                ("bucket_region", "us-east-1"),
                ("account", "123456789012"),
                ("format", "2"),
                ("min_format", "2"),
                ("keys", "alias/two, alias/three"),
                ("key_accounts", "111122223333"),
                ("max_age", "90d"),
            ][..],
        ),
        (r#""pin_key": true"#, &[("pin_key", "true")]),
    ] {
        let text = format!(r#"{{"s3_path": "{BUCKET}/", "key_alias": "{ALIAS}", {text}}}"#);
        let file = sandbox.write("c.json", text);
        let (found, _) = findings(&sandbox, &["--config", file.to_str().unwrap()]);
        for (member, value) in members {
            let expected = format!("`{value}`, from `{}` (--config)", file.display());
            assert_eq!(details(&found, member), [expected], "{member}");
        }
    }
}

#[test]
fn doctor_warns_about_allowed_plain_http_to_another_machine() {
    let sandbox = Sandbox::aws("http://192.0.2.7", "acme/", "acme");
    errs(&sandbox, &[], "bucket", "LAZYCRED_ALLOW_HTTP=1");
    let mut sandbox = Sandbox::aws("http://no-such-host.invalid", "acme/", "acme");
    sandbox.set("LAZYCRED_ALLOW_HTTP", "1");
    let (found, _) = findings(&sandbox, &[]);
    let expected = ("warning", "use https://, and unset LAZYCRED_ALLOW_HTTP");
    assert_eq!(of(&found, "endpoint"), expected);
    // On this machine nobody listens in.
    let aws = FakeAws::start();
    let mut sandbox = Sandbox::aws(&aws.url(), &format!("{BUCKET}/"), ALIAS);
    sandbox.set("LAZYCRED_ALLOW_HTTP", "1");
    assert_eq!(of(&findings(&sandbox, &[]).0, "endpoint"), ("ok", ""));
}

#[test]
fn a_host_that_there_is_not_is_what_the_remedy_asks_about() {
    let sandbox = Sandbox::aws("https://kms.us-esat-1.invalid", "acme/", "acme");
    let (found, status) = findings(&sandbox, &[]);
    assert_eq!(status, 1);
    for check in ["identity", "wrapping key", "bucket", "read"] {
        let (_, remedy) = of(&found, check);
        let said = "check that a server answers there, or change the endpoint in AWS_ENDPOINT_URL";
        assert_eq!(remedy, said);
    }
}

#[test]
fn a_profile_that_cannot_be_used_is_named_with_what_to_do() {
    let config = "[default]\nregion = us-east-1\n[profile sso]\nregion = us-east-1\nsso_session = s\n\
        sso_account_id = 123456789012\nsso_role_name = r\n[sso-session s]\nsso_region = us-east-1\n\
        sso_start_url = https://sso.invalid/start\n";
    let mut sandbox = by_profile(config);
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", &nowhere()),
    ] {
        sandbox.set(name, value);
    }
    let said = "there are `default`, `sso`; in the first file `[profile NAME]` starts one";
    errs(&sandbox, &["--profile", "nope"], "configuration", said);
    let (found, status) = findings(&sandbox, &["--profile", "sso"]);
    assert_eq!(status, 1);
    all_say(&found, "`aws sso login --profile sso`");
}

#[test]
fn doctor_computes_the_clock_error_from_the_date_header() {
    let (skewed, mismatch) = ("RequestTimeTooSkewed", "SignatureDoesNotMatch");
    for (code, minutes, expected) in [
        (skewed, 20, "clock is 20 minutes behind AWS's"),
        (mismatch, -7, "clock is 7 minutes ahead of AWS's"),
        (mismatch, 0, "does not belong to this access key id"),
    ] {
        let server = FakeAws::scripted(move |_, _| {
            // Half a minute more, so that time passing during the test does not count.
            let away = Duration::from_secs(60 * i64::unsigned_abs(minutes) + 30);
            let now = SystemTime::now();
            let date = DateTime::from(match minutes {
                0 => now,
                1.. => now + away,
                _ => now - away,
            });
            let date = date.fmt(Format::HttpDate).unwrap();
            Some(Answer::s3(403, code, "no").header("date", date))
        });
        let sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
        errs(&sandbox, &[], "read", expected);
    }
}

#[test]
fn metadata_whose_token_does_not_come_back_names_what_says_where_it_is() {
    let imds = FakeAws::stalled();
    let aws = FakeAws::start();
    let mut sandbox = Sandbox::aws(&aws.url(), &format!("{BUCKET}/"), ALIAS);
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &imds.url()),
    ] {
        sandbox.set(name, value);
    }
    let (found, status) = findings(&sandbox, &[]);
    assert_eq!(status, 1);
    all_say(&found, "unset AWS_EC2_METADATA_SERVICE_ENDPOINT");
    assert!(!imds.operations().is_empty() && aws.operations().is_empty());
}

#[test]
fn missing_kms_permissions_name_the_wrapping_key_and_missing_s3_permissions_the_bucket() {
    for (operation, check) in [
        ("GetKeyRotationStatus", "rotation"),
        ("Decrypt", "read"),
        ("Encrypt", "write"),
    ] {
        let aws = FakeAws::start();
        let arn = aws.state().kms.key(ALIAS).arn.clone();
        let sandbox = Sandbox::aws(&aws.url(), &format!("{BUCKET}/"), ALIAS);
        sandbox.put("web", "hunter2");
        aws.fault(operation, Fault::Error(400, "AccessDeniedException", "no"));
        let (found, _) = findings(&sandbox, &["--write"]);
        let (_, remedy) = of(&found, check);
        let allow = format!("allow kms:{operation} on {arn}");
        assert!(remedy.contains(&allow), "{remedy}");
    }
    let aws = FakeAws::start();
    aws.fault(
        "GetPublicAccessBlock",
        Fault::Error(403, "AccessDenied", "no"),
    );
    let sandbox = Sandbox::aws(&aws.url(), &format!("{BUCKET}/"), ALIAS);
    let (found, status) = findings(&sandbox, &[]);
    let (seen, remedy) = of(&found, "public access");
    assert_eq!((status, seen), (0, "unknown"));
    let right = format!("allow s3:GetBucketPublicAccessBlock on arn:aws:s3:::{BUCKET}");
    assert_eq!(remedy, right);
}

#[test]
fn offline_shows_where_credentials_come_from_and_how_aws_is_reached() {
    let mut sandbox = by_profile(
        "[default]\nregion = us-east-1\n\
         [profile sso]\nregion = us-east-1\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n\
         [sso-session s]\nsso_region = us-east-1\nsso_start_url = https://sso.invalid/start\n\
         [profile k]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = hunter2\n\
         [profile r]\nregion = us-east-1\nrole_arn = arn:aws:iam::111122223333:role/web\nsource_profile = k\nexternal_id = hunter2\n\
         [profile t]\nregion = us-east-1\nendpoint_url = http://127.0.0.1:1\nrole_arn = arn:aws:iam::111122223333:role/web\nweb_identity_token_file = /run/token\n",
    );
    for (name, value) in [
        ("AWS_ENDPOINT_URL_SSO", "http://127.0.0.1:1"),
        ("HTTPS_PROXY", "http://user:hunter2@proxy.invalid:3128"),
    ] {
        sandbox.set(name, value);
    }
    let role = "arn:aws:iam::111122223333:role/web";
    let file = sandbox.home().join(".aws/config");
    for (args, source, endpoints) in [
        (
            &["--offline"][..],
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned(),
            &[][..],
        ),
        (
            &["--offline", "--profile", "sso"],
            "IAM Identity Center, by the AWS profile `sso`".into(),
            &["`http://127.0.0.1:1` for SSO, from AWS_ENDPOINT_URL_SSO"],
        ),
        (
            &["--offline", "--profile", "r"],
            format!(
                "the AWS profile `k`, in `{}`, which assumes {role} of the AWS profile `r`",
                file.display()
            ),
            &[],
        ),
        (
            &["--offline", "--profile", "t"],
            format!(
                "the web identity in `/run/token`, from `web_identity_token_file` of the AWS profile `t`, as {role}"
            ),
            &["`http://127.0.0.1:1` for S3, KMS, STS, from the AWS profile `t`"],
        ),
    ] {
        let (found, status) = findings(&sandbox, args);
        assert_eq!((status, details(&found, "credentials")), (0, vec![source]));
        assert_eq!(details(&found, "endpoint"), endpoints);
        let proxy = "`http://…@proxy.invalid:3128`, from HTTPS_PROXY";
        assert_eq!(details(&found, "proxy"), [proxy]);
    }
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        sandbox.set(name, "");
    }
    let (found, status) = findings(&sandbox, &["--offline"]);
    assert_eq!((status, of(&found, "credentials").0), (0, "warning"));
    sandbox.set(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "http://127.0.0.1:1/role",
    );
    let (found, _) = findings(&sandbox, &["--offline"]);
    assert_eq!(
        details(&found, "credentials"),
        [
            "the container's role, asked for at `http://127.0.0.1:1/role`, from AWS_CONTAINER_CREDENTIALS_FULL_URI"
        ]
    );
}

#[test]
fn offline_certificates_are_read_and_shown_with_what_names_them() {
    let mut sandbox = by_profile("[default]\nregion = us-east-1\n");
    let (_, pem) = loopback();
    let file = sandbox.write("authority.pem", pem);
    for name in ["AWS_CA_BUNDLE", "SSL_CERT_FILE"] {
        sandbox.set(name, &file);
        let (found, status) = findings(&sandbox, &["--offline"]);
        let expected = format!("`{}`, from {name}", file.display());
        assert_eq!(
            (status, details(&found, "certificates")),
            (0, vec![expected])
        );
        sandbox.set(name, "/no/such.pem");
        errs(
            &sandbox,
            &["--offline"],
            "certificates",
            "a file of PEM certificates",
        );
        sandbox.set(name, "");
    }
    let config = "[default]\nregion = us-east-1\nca_bundle = /no/such.pem\n";
    sandbox.write(".aws/config", config);
    errs(&sandbox, &["--offline"], "certificates", "");
}
