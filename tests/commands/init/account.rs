//! `init --create` says whose account it works in, and works in no other.

use super::create::{WHO, changes};
use crate::support::{ALIAS, FakeAws, Fault, REGION, Sandbox};

fn named(fake: &FakeAws, members: &str) -> Sandbox {
    let mut sandbox = Sandbox::aws(&fake.url(), "", "");
    let text = format!("{{\"s3_path\": \"fresh/\", \"key_alias\": \"{ALIAS}\"{members}}}");
    sandbox.write("c.json", text);
    sandbox.set("LAZYCRED_CONFIG", "c.json");
    sandbox
}

#[test]
fn who_it_is_is_said_though_nobody_is_asked() {
    for args in ["init --create", "init --create --yes"] {
        let fake = FakeAws::start();
        let sandbox = Sandbox::aws(&fake.url(), "fresh/", "new");
        let init = sandbox.run(args).any_stderr().ok();
        assert!(init.stderr.starts_with(WHO[0]), "{init}");
        let mut asked = fake.operations();
        asked.retain(|operation| operation == "GetCallerIdentity");
        assert_eq!(asked.len(), 1);
    }
}

#[test]
fn both_regions_and_the_profile_are_said() {
    let fake = FakeAws::start();
    let sandbox = named(
        &fake,
        ", \"region\": \"us-east-1\", \"bucket_region\": \"eu-west-1\"",
    );
    sandbox.write(".aws/config", "[profile dev]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = s\nregion = us-east-1\n");
    let said = ", region eu-west-1 and us-east-1, profile `dev`\n";
    let init = sandbox.run("init --create --profile dev").stderr_has(said);
    init.ok();
    assert_eq!(fake.state().bucket("fresh").region, "eu-west-1");
}

#[test]
fn nothing_is_made_where_sts_does_not_say_who_it_is() {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), "fresh/", "new");
    fake.fault("GetCallerIdentity", Fault::Denied);
    sandbox.refuses("init --create --yes", 1, "cannot identify the caller");
    assert_eq!(changes(&fake), [""; 0]);
}

#[test]
fn a_bucket_for_another_account_is_not_made_in_ours() {
    let fake = FakeAws::start();
    let sandbox = named(&fake, ", \"account\": \"999988887777\"");
    let said = "the bucket `fresh` is to belong to account 999988887777, but the credentials belong to account 123456789012";
    sandbox.refuses("init --create", 2, said);
    assert_eq!(changes(&fake), [""; 0]);
    named(&fake, ", \"account\": \"123456789012\"")
        .run("--quiet init --create")
        .ok();
    // One that is there, and belongs to another than `account` says.
    sandbox.refuses(
        "init --create",
        1,
        "hint: if it does not belong to account 999988887777, correct `account`",
    );
}

#[test]
fn a_files_own_settings_count_and_not_those_of_the_file_that_it_hides() {
    let fake = FakeAws::start();
    let mut sandbox = Sandbox::aws(&fake.url(), "", "");
    let above = r#"{"s3_path": "other/", "key_alias": "other", "bucket_region": "eu-west-1", "account": "999988887777"}"#;
    sandbox.write("project/.lazycred", above);
    sandbox.write("project/new/x", "");
    sandbox.set("HOME", "/nowhere");
    let init = "--quiet init --create --s3-path fresh/ --key-alias new --region us-east-1";
    sandbox.run(init).cwd("project/new").ok();
    assert_eq!(fake.state().bucket("fresh").region, REGION);
    let first = fake
        .requests()
        .into_iter()
        .find(|one| one.operation == "HeadBucket");
    assert_eq!(first.unwrap().header("x-amz-expected-bucket-owner"), None);
}
