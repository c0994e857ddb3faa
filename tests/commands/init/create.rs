//! `init --create`: what it makes, what it leaves alone, and when it asks.

use std::fs;

use serde_json::json;

use crate::support::{ACCOUNT, ALIAS, BUCKET, FakeAws, Fault, Moto, PROGRAM, Sandbox};

/// What is said first where there is nothing yet.
pub fn plan(bucket: &str, alias: &str) -> String {
    format!(
        "will create the bucket `{bucket}` in us-east-1, with every object owned by the bucket's owner\n\
         will block public access to `{bucket}`\n\
         will enable versioning of `{bucket}`\n\
         will require TLS in the policy of `{bucket}`\n\
         will create the wrapping key `alias/{alias}` in us-east-1, rotated yearly\n"
    )
}

/// Who is told to be calling the fake, and moto.
pub const WHO: [&str; 2] = [
    "in account 123456789012, as arn:aws:iam::123456789012:user/tester, region us-east-1\n",
    "in account 123456789012, as arn:aws:sts::123456789012:user/moto, region us-east-1\n",
];

/// What is said last where a configuration was there.
const NEXT: &str = "next: `lazycred doctor --write` checks the setup\n\
    next: `lazycred policy reader` prints the permissions to read secrets, `lazycred policy writer` to store them\n";

/// Who is calling, what was planned, that it is done, and the next steps.
pub fn done(who: &str, plan: &str) -> String {
    format!("{who}{plan}{}{NEXT}", plan.replace("will ", "done: "))
}

/// The operations that changed something.
pub fn changes(fake: &FakeAws) -> Vec<String> {
    let operations = fake.operations().into_iter();
    let changes = ["Create", "Put", "Enable", "Delete"];
    operations
        .filter(|operation| changes.iter().any(|change| operation.starts_with(change)))
        .collect()
}

#[test]
fn init_announces_everything_it_creates_and_a_second_run_creates_nothing() {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), "fresh/p/", "new");
    let plan = plan("fresh", "new");
    sandbox
        .run(["init", "--create"])
        .stderr(&done(WHO[0], &plan))
        .ok();
    let made = [
        "CreateBucket",
        "PutPublicAccessBlock",
        "PutBucketVersioning",
        "PutBucketPolicy",
        "CreateKey",
        "CreateAlias",
        "EnableKeyRotation",
    ];
    assert_eq!(changes(&fake), made);
    let requests = fake.requests();
    let create = requests
        .iter()
        .find(|request| request.operation == "CreateBucket");
    let ownership = create.unwrap().header("x-amz-object-ownership");
    assert_eq!(ownership, Some("BucketOwnerEnforced"));
    assert!(fake.state().kms.key("new").rotated);

    let found = sandbox.run(["doctor", "--write"]).gives().text();
    assert!(found.lines().all(|line| line.starts_with("ok ")), "{found}");
    changes_nothing_more(&fake, &sandbox);
    assert!(!sandbox.home().join(".lazycred").exists());
}

#[track_caller]
fn changes_nothing_more(fake: &FakeAws, sandbox: &Sandbox) {
    fake.forget();
    sandbox
        .run(["init", "--create"])
        .stderr(format!(
            "{}bucket and wrapping key are already set up\n",
            WHO[0]
        ))
        .ok();
    assert_eq!(changes(fake), [""; 0]);
}

#[test]
fn init_adds_only_what_is_missing_and_keeps_an_existing_policy() {
    let fake = FakeAws::start();
    let theirs = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"*"}]}"#;
    fake.versioning(true);
    fake.state()
        .bucket(BUCKET)
        .settings
        .insert("policy".into(), theirs.into());
    let arn = fake.state().kms.key(ALIAS).arn.clone();
    let sandbox = Sandbox::aws(&fake.url(), &format!("{BUCKET}/"), ALIAS);
    let plan = format!(
        "will make the bucket's owner own every object in `{BUCKET}`\n\
         will block public access to `{BUCKET}`\n\
         will require TLS in the policy of `{BUCKET}`\n\
         will rotate {arn} yearly\n"
    );
    sandbox
        .run("init --create --yes")
        .stderr(&done(WHO[0], &plan))
        .ok();
    let policy = fake.state().bucket(BUCKET).settings["policy"].clone();
    let policy = String::from_utf8(policy).unwrap();
    assert!(
        policy.contains("Theirs") && policy.contains("aws:SecureTransport"),
        "{policy}"
    );
    changes_nothing_more(&fake, &sandbox);
}

#[test]
fn with_flags_the_file_is_written_last() {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), "other/", "other");
    let args = "init --create --s3-path fresh/p/ --key-alias new --region us-east-1";
    fake.fault("PutBucketVersioning", Fault::Denied.once());
    let failed = sandbox.run(args).fails(1);
    let last = failed.stderr.lines().last().unwrap();
    assert!(
        last.contains("cannot turn on the bucket's versioning: AccessDenied"),
        "{last}"
    );
    assert!(!sandbox.home().join(".lazycred").exists());
    // What was made before the failure is not made again.
    let again = sandbox.run(args).any_stdout().any_stderr().ok();
    assert!(!again.stderr.contains("create the bucket"), "{again}");
    assert!(again.stderr.contains("created .lazycred\n"), "{again}");
    let file = fs::read_to_string(sandbox.home().join(".lazycred")).unwrap();
    assert_eq!(
        file,
        "{\"s3_path\": \"fresh/p/\", \"key_alias\": \"new\", \"region\": \"us-east-1\"}\n"
    );
}

#[test]
fn a_bucket_in_another_region_is_made_there() {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), "fresh/", "new");
    sandbox.run("--quiet init --create --region eu-west-1").ok();
    assert_eq!(fake.state().bucket("fresh").region, "eu-west-1");
    let requests = fake.requests();
    let create = requests
        .iter()
        .find(|request| request.operation == "CreateBucket");
    let body = String::from_utf8_lossy(&create.unwrap().body).into_owned();
    assert!(
        body.contains("<LocationConstraint>eu-west-1</LocationConstraint>"),
        "{body}"
    );
}

#[test]
fn what_cannot_be_made_is_refused_before_anything_is() {
    let fake = FakeAws::start();
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let sandbox = Sandbox::aws(&fake.url(), "fresh/", id);
    let refused = sandbox.run(["init", "--create"]).outcome();
    assert_eq!((refused.status, changes(&fake).len()), (2, 0), "{refused}");
    fake.fault("HeadBucket", Fault::Denied.once());
    let theirs = sandbox.run("init --create --key-alias new").outcome();
    assert_eq!((theirs.status, changes(&fake).len()), (1, 0), "{theirs}");
    assert!(theirs.stderr.contains("hint: bucket names are global"));
    let local = Sandbox::local();
    local.run(["init", "--create"]).fails(2);
    local.run(["init", "--yes"]).fails(2);
    local.run(["init", "--create", "--local"]).fails(2);
}

#[test]
fn a_wrapping_key_that_no_alias_points_to_is_named() {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), "fresh/", "new");
    fake.fault("CreateAlias", Fault::Denied.once());
    let failed = sandbox.run(["init", "--create"]).outcome();
    let hint = format!(
        "hint: the wrapping key exists: `aws kms create-alias --alias-name alias/new --target-key-id arn:aws:kms:us-east-1:{ACCOUNT}:key/"
    );
    assert!(
        failed.status == 1 && failed.stderr.contains(&hint),
        "{}",
        failed.stderr
    );
}

#[test]
fn at_a_terminal_nothing_is_made_before_a_yes() {
    for (args, typed, made) in [
        ("init --create", "n\n", false),
        ("init --create", "\n", false),
        ("init --create", "y\n", true),
        ("init --create --yes", "", true),
    ] {
        let fake = FakeAws::start();
        let sandbox = Sandbox::aws(&fake.url(), "fresh/", "new");
        // Its end would be typed as one.
        let run = sandbox.run(["-qec", &format!("'{PROGRAM}' {args}"), "/dev/null"]);
        let mut running = run.program("/usr/bin/script").stdin_open().spawn();
        if !typed.is_empty() {
            fake.wait_for("DescribeKey", 1);
            running.write_stdin(typed.as_bytes());
        }
        assert_eq!(running.wait().status, 0, "{args} {typed:?}");
        assert_eq!(changes(&fake).is_empty(), !made, "{args} {typed:?}");
    }
}

#[test]
fn what_is_made_in_moto_is_set_as_it_should_be() {
    let Some(moto) = Moto::shared() else { return };
    let name = "created-by-init";
    let sandbox = Sandbox::aws(&moto.endpoint(), &format!("{name}/p/"), name);
    sandbox.run(["--quiet", "init", "--create"]).ok();
    for (setting, expected, times) in [
        ("versioning", "<Status>Enabled</Status>", 1),
        ("publicAccessBlock", ">true<", 4),
        ("policy", "aws:SecureTransport", 1),
        ("ownershipControls", "BucketOwnerEnforced", 1),
    ] {
        let answer = moto.s3("GET", &format!("/{name}?{setting}"), &[]);
        let answer = String::from_utf8_lossy(&answer.body).into_owned();
        let seen = answer.matches(expected).count();
        assert_eq!(seen, times, "{setting}: {answer}");
    }
    let alias = json!({"KeyId": format!("alias/{name}")});
    let described = moto.kms("DescribeKey", &alias);
    let rotation = moto.kms(
        "GetKeyRotationStatus",
        &json!({"KeyId": described["KeyMetadata"]["KeyId"]}),
    );
    assert_eq!(rotation["KeyRotationEnabled"], true);
}
