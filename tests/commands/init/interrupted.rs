//! `init --create` that is interrupted, or whose answers are lost: the same command
//! again does the rest, and nothing is made twice.

use super::create::changes;
use crate::support::{ACCOUNT, FakeAws, Fault, REGION, Sandbox};

fn sandbox(fake: &FakeAws, attempts: &str) -> Sandbox {
    let mut sandbox = Sandbox::aws(&fake.url(), "fresh/", "new");
    sandbox.set("AWS_MAX_ATTEMPTS", attempts);
    sandbox
}

fn times(fake: &FakeAws, operation: &str) -> usize {
    let operations = fake.operations();
    operations
        .iter()
        .filter(|known| *known == operation)
        .count()
}

#[test]
fn each_step_can_fail_and_the_same_command_does_the_others() {
    let steps = [
        "CreateBucket",
        "PutPublicAccessBlock",
        "PutBucketVersioning",
        "PutBucketPolicy",
        "CreateKey",
        "CreateAlias",
        "EnableKeyRotation",
    ];
    // The wrapping key, its alias and its rotation are one step.
    for (done, step) in [0, 1, 2, 3, 4, 4, 4].into_iter().zip(steps) {
        let fake = FakeAws::start();
        let sandbox = sandbox(&fake, "1");
        fake.fault(step, Fault::Denied.once());
        let said = format!(
            "lazycred: warning: {done} of 5 steps are done; the same command again does the others\n"
        );
        let failed = sandbox.run("init --create").stderr_has(&said).status(1);
        assert_eq!(failed.stderr.matches("\ndone: ").count(), done, "{failed}");
        sandbox.run("--quiet init --create").ok();
        let twice = steps.iter().filter(|known| times(&fake, known) > 1);
        assert!(twice.eq([&step]), "{step}: {:?}", changes(&fake));
        let rotated = fake.state().kms.key("new").rotated;
        assert!(rotated, "{step}");
        sandbox.run("--quiet init --create").ok();
    }
}

#[test]
fn a_wrapping_key_whose_answer_was_lost_is_found_again() {
    let fake = FakeAws::start();
    let sandbox = sandbox(&fake, "3");
    fake.fault("CreateKey", Fault::Lost.once());
    sandbox
        .run("init --create")
        .stderr_has("; it may still have been created\n")
        .stderr_has("hint: run the same command again: ")
        .status(1);
    assert_eq!(times(&fake, "CreateKey"), 1, "never repeated by itself");
    let second = format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/00000002-0000-4000-8000-000000000000");
    let plan = format!(
        "will point `alias/new` at {second}, which was created for it and has no alias yet, rotated yearly\n"
    );
    sandbox.run("init --create").stderr_has(&plan).ok();
    assert_eq!(times(&fake, "CreateKey"), 1);
    let mut state = fake.state();
    let key = state.kms.key("new");
    assert!(key.arn == second && key.rotated, "{}", key.arn);
}

#[test]
fn only_a_wrapping_key_made_for_this_alias_and_without_one_is_taken() {
    let fake = FakeAws::start();
    let description = "wraps data keys of lazycred, for alias/new";
    {
        let mut state = fake.state();
        let other = state.kms.create(ACCOUNT, REGION);
        state.kms.key(&other).description = "wraps data keys of lazycred, for alias/old".into();
        let pointed = state.kms.create(ACCOUNT, REGION);
        state.kms.key(&pointed).description = description.into();
        state.kms.point("used", &pointed);
        let theirs = state.kms.create("999988887777", REGION);
        state.kms.key(&theirs).description = description.into();
        let disabled = state.kms.create(ACCOUNT, REGION);
        state.kms.key(&disabled).description = description.into();
        state.kms.key(&disabled).status = crate::support::fake_aws::Status::PendingDeletion;
    }
    sandbox(&fake, "1").run("--quiet init --create").ok();
    assert_eq!(times(&fake, "CreateKey"), 1);
}

#[test]
fn who_may_not_list_wrapping_keys_makes_one_all_the_same() {
    for operation in ["ListKeys", "ListAliases"] {
        let fake = FakeAws::start();
        fake.fault(operation, Fault::Denied);
        sandbox(&fake, "1").run("--quiet init --create").ok();
        assert_eq!(times(&fake, "CreateKey"), 1);
    }
}

#[test]
fn a_lost_answer_to_a_step_that_can_be_repeated_is_no_failure() {
    for operation in ["CreateBucket", "CreateAlias"] {
        let fake = FakeAws::start();
        let sandbox = sandbox(&fake, "3");
        fake.fault(operation, Fault::Lost.once());
        sandbox.run("--quiet init --create").ok();
        assert_eq!((times(&fake, operation), times(&fake, "CreateKey")), (2, 1));
    }
}

#[test]
fn an_alias_that_somebody_else_made_meanwhile_is_not_taken_for_ours() {
    let fake = FakeAws::start();
    fake.before("CreateAlias", |state| {
        let theirs = state.kms.create(ACCOUNT, REGION);
        state.kms.point("new", &theirs);
    });
    sandbox(&fake, "1")
        .run("init --create")
        .stderr_has("alias/new points at arn:aws:kms:us-east-1:123456789012:key/00000003-")
        .stderr_has(
            "hint: `aws kms schedule-key-deletion --key-id 00000002-0000-4000-8000-000000000000`",
        )
        .status(1);
}

#[test]
fn the_look_for_an_earlier_wrapping_key_is_logged_as_of_the_account() {
    let fake = FakeAws::start();
    let run = sandbox(&fake, "1").run("-v init --create").any_stdout();
    let outcome = run.any_stderr().status(0);
    for operation in ["ListAliases", "ListKeys"] {
        let line = format!("{operation} of the account: done in ");
        assert!(outcome.stderr.contains(&line), "{}", outcome.stderr);
    }
}
