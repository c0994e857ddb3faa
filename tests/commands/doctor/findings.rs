//! `doctor`: its findings and remedies, and that it changes nothing.

use std::fs;

use serde_json::Value;

use crate::support::fake_aws::{Status, nowhere};
use crate::support::{ACCOUNT, ALIAS, BUCKET, FakeAws, Fault, Sandbox};

/// A bucket with a secret, and all that makes it safer.
fn hardened() -> (FakeAws, Sandbox) {
    let fake = FakeAws::start();
    fake.versioning(true);
    let block = "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>\
        <IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy>\
        <RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>";
    let sandbox = Sandbox::aws(&fake.url(), &format!("{BUCKET}/prod/"), ALIAS);
    let policy = sandbox.run(["policy", "bucket"]).gives().stdout;
    {
        let mut state = fake.state();
        state.kms.key(ALIAS).rotated = true;
        let settings = &mut state.bucket(BUCKET).settings;
        settings.insert("publicAccessBlock".into(), block.into());
        settings.insert("policy".into(), policy);
    }
    sandbox.put("web", "hunter2");
    fake.forget();
    (fake, sandbox)
}

/// The findings without the verdict, which is the last, and the status.
pub fn findings(sandbox: &Sandbox, args: &[&str]) -> (Vec<Value>, i32) {
    let outcome = sandbox
        .run([&["doctor", "--json"], args].concat())
        .outcome();
    assert!(!outcome.text().contains("hunter2") && !outcome.stderr.contains("hunter2"));
    let mut findings: Vec<Value> = serde_json::from_slice(&outcome.stdout).unwrap();
    let verdict = findings.pop().unwrap();
    let errors = findings
        .iter()
        .filter(|finding| finding["status"] == "error");
    let errors = errors.count();
    let expected = if errors == 0 { "ok" } else { "error" };
    assert_eq!(
        (&verdict["check"], &verdict["status"]),
        (&"verdict".into(), &expected.into())
    );
    assert!(verdict["remedy"].is_null(), "{verdict}");
    let said = match errors {
        0 => String::new(),
        count => {
            format!("lazycred: error: a get or a put would fail; problems found: {count}\n")
        }
    };
    assert_eq!(outcome.stderr, said);
    for finding in &findings {
        let is_fine = finding["status"] == "ok";
        assert_eq!(finding["remedy"].is_null(), is_fine, "{finding}");
    }
    (findings, outcome.status)
}

/// A check finds an error, with this in its remedy, and the status says so.
#[track_caller]
pub fn errs(sandbox: &Sandbox, args: &[&str], check: &str, remedy: &str) {
    let (found, status) = findings(sandbox, args);
    let (seen, said) = of(&found, check);
    assert_eq!((status, seen), (1, "error"), "{check}");
    assert!(said.contains(remedy), "{check}: {said}");
}

/// Status and remedy of a check.
pub fn of<'a>(findings: &'a [Value], check: &str) -> (&'a str, &'a str) {
    let found = findings.iter().find(|finding| finding["check"] == check);
    let found = found.unwrap_or_else(|| panic!("no {check} in {findings:?}"));
    (
        found["status"].as_str().unwrap(),
        found["remedy"].as_str().unwrap_or_default(),
    )
}

#[test]
fn where_all_is_well_each_look_says_so_and_nothing_is_written() {
    let (fake, sandbox) = hardened();
    let arn = fake.state().kms.key(ALIAS).arn.clone();
    sandbox
        .run(["doctor"])
        .stdout(format!(
            "ok      s3_path: `{BUCKET}/prod/`, from LAZYCRED_S3_PATH\n\
             ok      key_alias: `{ALIAS}`, from LAZYCRED_KEY_ALIAS\n\
             ok      region: `us-east-1`, from AWS_REGION\n\
             ok      endpoint: `{}` for S3, KMS, STS, from AWS_ENDPOINT_URL\n\
             ok      credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\n\
             ok      identity: arn:aws:iam::{ACCOUNT}:user/tester, account {ACCOUNT}\n\
             ok      wrapping key: {arn} is enabled\n\
             ok      rotation: rotated yearly\n\
             ok      bucket: `{BUCKET}` exists\n\
             ok      versioning: the bucket is versioned\n\
             ok      public access: blocked\n\
             ok      bucket policy: it requires TLS\n\
             ok      read: opened `web`\n\
             verdict: everything needed to read works; --write tries storing too\n",
            fake.url()
        ))
        .ok();
    let mut seen = fake.operations();
    seen.retain(|operation| operation.starts_with("Put"));
    assert_eq!(seen, [""; 0]);
}

#[test]
fn missing_hardening_is_a_warning_with_its_remedy_and_no_failure() {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), &format!("{BUCKET}/"), ALIAS);
    let (findings, status) = findings(&sandbox, &[]);
    assert_eq!(status, 0);
    let rotation = "aws kms enable-key-rotation --key-id arn:aws:kms:";
    let public = "put-public-access-block --bucket acme-secrets";
    for (check, remedy) in [
        ("rotation", rotation),
        ("versioning", "put-bucket-versioning --bucket acme-secrets"),
        ("public access", public),
        ("bucket policy", "`lazycred policy bucket`"),
    ] {
        let (status, seen) = of(&findings, check);
        assert_eq!(status, "warning", "{check}");
        assert!(seen.contains(remedy), "{check}: {seen}");
    }
    assert_eq!(of(&findings, "read"), ("ok", ""));
}

#[test]
fn each_right_that_is_missing_is_named_with_its_resource() {
    let (rotation, versioning) = ("kms:GetKeyRotationStatus", "s3:GetBucketVersioning");
    let policy = "s3:GetBucketPolicy";
    for (operation, check, expected, action) in [
        ("GetCallerIdentity", "identity", "warning", ""),
        ("DescribeKey", "wrapping key", "unknown", "kms:DescribeKey"),
        ("GetKeyRotationStatus", "rotation", "unknown", rotation),
        ("HeadBucket", "bucket", "unknown", "s3:ListBucket"),
        ("GetBucketVersioning", "versioning", "unknown", versioning),
        ("GetBucketPolicy", "bucket policy", "unknown", policy),
        ("ListObjectsV2", "list", "warning", "s3:ListBucket"),
        ("GetObject", "read", "error", "s3:GetObject"),
        ("Decrypt", "read", "error", "kms:Decrypt"),
    ] {
        let (fake, sandbox) = hardened();
        fake.fault(operation, Fault::Denied);
        let (findings, status) = findings(&sandbox, &[]);
        let (seen, remedy) = of(&findings, check);
        assert_eq!(seen, expected, "{operation}");
        assert_eq!(status, i32::from(expected == "error"), "{operation}");
        let allow = format!("allow {action}");
        assert!(remedy.contains(&allow), "{operation}: {remedy}");
        if action.starts_with("s3:") {
            assert!(remedy.contains("on arn:aws:s3:::acme-secrets"), "{remedy}");
        }
    }
}

#[test]
fn a_bare_refusal_still_names_action_and_resource() {
    let (fake, sandbox) = hardened();
    let arn = fake.state().kms.key(ALIAS).arn.clone();
    fake.fault("Decrypt", Fault::Error(400, "AccessDeniedException", "no"));
    let (findings, status) = findings(&sandbox, &[]);
    assert_eq!(status, 1);
    let (_, remedy) = of(&findings, "read");
    let allow = format!("allow kms:Decrypt on {arn};");
    assert!(remedy.starts_with(&allow), "{remedy}");
}

#[test]
fn write_makes_a_round_trip_and_leaves_nothing_behind() {
    let (fake, sandbox) = hardened();
    let (findings, status) = findings(&sandbox, &["--write"]);
    assert_eq!(status, 0);
    for check in ["write", "conditions", "read back", "remove"] {
        assert_eq!(of(&findings, check), ("ok", ""), "{check}");
    }
    let left: Vec<String> = {
        let mut state = fake.state();
        let bucket = state.bucket(BUCKET);
        let paths = bucket.paths().filter(|path| bucket.current(path).is_some());
        paths.map(str::to_owned).collect()
    };
    assert_eq!(left, ["prod/web"]);
}

#[test]
fn a_round_trip_that_fails_says_where() {
    let put = "allow s3:PutObject on arn:aws:s3:::";
    let delete = "allow s3:DeleteObject on arn:";
    for (operation, check, expected, remedy) in [
        ("Encrypt", "write", "error", "allow kms:Encrypt on "),
        ("PutObject", "write", "error", put),
        ("DeleteObject", "remove", "warning", delete),
        ("PutObject", "conditions", "warning", "If-None-Match"),
    ] {
        let (fake, sandbox) = hardened();
        let fault = match check {
            "conditions" => Fault::Unconditional,
            _ => Fault::Denied,
        };
        fake.fault(operation, fault);
        let (findings, status) = findings(&sandbox, &["--write"]);
        let (seen, said) = of(&findings, check);
        assert_eq!(seen, expected, "{operation}");
        assert!(said.contains(remedy), "{operation}: {said}");
        assert_eq!(status, i32::from(expected == "error"), "{operation}");
    }
}

#[test]
fn what_is_not_there_or_not_usable_is_an_error() {
    let (fake, sandbox) = hardened();
    let arn = fake.state().kms.key(ALIAS).arn.clone();
    fake.state().kms.key(ALIAS).status = Status::Disabled;
    let (found, status) = findings(&sandbox, &[]);
    assert_eq!((status, of(&found, "wrapping key").0), (1, "error"));
    let expected = format!("`aws kms enable-key --key-id {arn} --region us-east-1`");
    assert_eq!(of(&found, "wrapping key").1, expected);
    fake.state().kms.key(ALIAS).status = Status::PendingDeletion;
    let (found, _) = findings(&sandbox, &[]);
    assert!(of(&found, "wrapping key").1.contains("cancel-key-deletion"));

    let nope = ["--key-alias", "nope"];
    errs(&sandbox, &nope, "wrapping key", "`key_alias` and `region`");
    errs(&sandbox, &["--s3-path", "nope/"], "bucket", "");
}

#[test]
fn doctor_says_which_bucket_region_to_configure() {
    let (fake, sandbox) = hardened();
    fake.state().bucket(BUCKET).region = "eu-west-1".into();
    let (findings, status) = findings(&sandbox, &[]);
    let remedy = "add \"bucket_region\": \"eu-west-1\" to `.lazycred`";
    assert_eq!((status, of(&findings, "bucket")), (0, ("warning", remedy)));
}

#[test]
fn a_wrong_clock_and_old_credentials_are_told_apart() {
    for (code, remedy) in [
        ("RequestTimeTooSkewed", "clock is wrong"),
        ("ExpiredToken", "the credentials have expired"),
        ("InvalidAccessKeyId", "does not know these credentials"),
    ] {
        let (fake, sandbox) = hardened();
        fake.fault("ListObjectsV2", Fault::Error(403, code, "no"));
        errs(&sandbox, &[], "read", remedy);
    }
}

#[test]
fn without_credentials_the_profile_or_the_endpoint_of_metadata_is_named() {
    let fake = FakeAws::start();
    let mut sandbox = Sandbox::aws(&fake.url(), &format!("{BUCKET}/"), ALIAS);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        sandbox.set(name, "");
    }
    let (found, status) = findings(&sandbox, &[]);
    let (seen, remedy) = of(&found, "read");
    assert_eq!((status, seen), (1, "error"));
    assert!(
        remedy.contains("--profile") && !remedy.contains("hop limit"),
        "{remedy}"
    );
    sandbox.set("AWS_EC2_METADATA_DISABLED", "false");
    sandbox.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", nowhere());
    errs(
        &sandbox,
        &[],
        "read",
        "check that IMDS answers there, or unset AWS_EC2_METADATA_SERVICE_ENDPOINT",
    );
    let silent = FakeAws::stalled();
    sandbox.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", silent.url());
    errs(
        &sandbox,
        &[],
        "read",
        "check that IMDS answers there, or unset AWS_EC2_METADATA_SERVICE_ENDPOINT",
    );
}

#[test]
fn each_value_is_shown_with_what_gave_it() {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), "other/", "other");
    let text = format!(r#"{{"s3_path": "{BUCKET}/x", "key_alias": "nope", "format": 2}}"#);
    let file = sandbox.write(".lazycred", text);
    let run = sandbox.run(["doctor", "--json", "--key-alias", ALIAS]);
    let outcome = run.env("LAZYCRED_CONFIG", &file).outcome();
    let findings: Vec<Value> = serde_json::from_slice(&outcome.stdout).unwrap();
    let file = file.display();
    let by_file = |value: &str| format!("`{value}`, from `{file}` (LAZYCRED_CONFIG)");
    for (check, expected) in [
        ("s3_path", by_file(&format!("{BUCKET}/x"))),
        ("key_alias", format!("`{ALIAS}`, from --key-alias")),
        ("format", by_file("2")),
        ("region", "`us-east-1`, from AWS_REGION".to_owned()),
    ] {
        let found = findings.iter().find(|finding| finding["check"] == check);
        assert_eq!(found.unwrap()["detail"], *expected, "{check}");
    }
}

#[test]
fn a_configuration_that_is_missing_or_wrong_is_a_finding() {
    let sandbox = Sandbox::new();
    errs(&sandbox, &[], "configuration", "lazycred init --local");
    sandbox.write(".lazycred", r#"{"s3_path": "b"}"#);
    errs(&sandbox, &[], "configuration", "");
    sandbox.write(".lazycred", r#"{"s3_path": "b/", "key_alias": "k"}"#);
    errs(&sandbox, &[], "configuration", "--region");
}

#[test]
fn a_reader_needs_no_wrapping_key_and_is_told_so() {
    let (_fake, mut sandbox) = hardened();
    sandbox.set("LAZYCRED_KEY_ALIAS", "");
    let (found, status) = findings(&sandbox, &[]);
    assert_eq!((status, of(&found, "key_alias").0), (0, "warning"));
    assert_eq!(of(&found, "read"), ("ok", ""));
}

#[test]
fn a_file_in_the_place_of_the_folder_is_an_error() {
    let sandbox = Sandbox::local();
    sandbox.write("secrets", "");
    for folder in ["file:secrets", "file:secrets/below"] {
        errs(&sandbox, &["--s3-path", folder], "folder", "");
    }
}

#[test]
fn a_folder_is_examined_without_aws_and_nothing_is_made() {
    let sandbox = Sandbox::local();
    let (found, status) = findings(&sandbox, &[]);
    assert_eq!((status, of(&found, "read")), (0, ("ok", "")));
    assert!(!sandbox.home().join("secrets").exists());
    let (found, status) = findings(&sandbox, &["--write"]);
    assert_eq!((status, of(&found, "remove")), (0, ("ok", "")));
    let visible = fs::read_dir(sandbox.home().join("secrets")).unwrap();
    let names: Vec<_> = visible.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, [".lazycred"]);
    sandbox.put("s", "hunter2");
    fs::remove_file(sandbox.home().join(".local/share/lazycred/dev.key")).unwrap();
    errs(&sandbox, &[], "wrapping key", "lazycred init --local");
}
