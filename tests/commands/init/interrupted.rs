//! `init --create` that is interrupted, or whose answers are lost: the same command
//! again does the rest, and what it would make twice is told before.

use super::create::changes;
use crate::support::{ACCOUNT, FakeAws, Fault, REGION, Sandbox};

fn sandbox(fake: &FakeAws, attempts: &str) -> Sandbox {
    let mut sandbox = Sandbox::aws(&fake.url(), "fresh/", "new");
    sandbox.set("AWS_MAX_ATTEMPTS", attempts);
    sandbox
}

/// The ARN of the wrapping key that is made as this one of all; the first is there.
fn arn(number: u8) -> String {
    format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/0000000{number}-0000-4000-8000-000000000000")
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
            "lazycred: warning: {done} of 5 steps are done; the same command again does not repeat them\n"
        );
        let failed = sandbox.run("init --create").stderr_has(&said).status(1);
        assert_eq!(failed.stderr.matches("\ndone: ").count(), done, "{failed}");
        let by_hand = step == "CreateAlias";
        if by_hand {
            fake.state().kms.point("new", &arn(2));
        }
        sandbox.run("--quiet init --create").ok();
        let twice = steps.iter().filter(|known| times(&fake, known) > 1);
        let expected = [step].into_iter().filter(|_| !by_hand);
        assert!(twice.copied().eq(expected), "{step}: {:?}", changes(&fake));
        let rotated = fake.state().kms.key("new").rotated;
        assert!(rotated, "{step}");
        sandbox.run("--quiet init --create").ok();
    }
}

#[test]
fn a_wrapping_key_whose_answer_was_lost_is_named_and_never_used_by_a_later_run() {
    for (fault, cause) in [
        (Fault::Lost, ""),
        (Fault::DoneThenStall, ": timed out after 2 s"),
    ] {
        let fake = FakeAws::start();
        let sandbox = sandbox(&fake, "3");
        fake.fault("CreateKey", fault.once());
        let said = format!("{cause}; it may still have been created\n");
        sandbox
            .run("init --create --timeout 2")
            .stderr_has(&said)
            .stderr_has("hint: the same command again creates another wrapping key; ")
            .stderr_has("by its description, `wraps data keys of lazycred, for alias/new`\n")
            .status(1);
        assert_eq!(times(&fake, "CreateKey"), 1, "never repeated by itself");
        let plan = "will create the wrapping key `alias/new` in us-east-1, rotated yearly\n";
        sandbox.run("init --create").stderr_has(plan).ok();
        assert_eq!(times(&fake, "CreateKey"), 2);
        let mut state = fake.state();
        let key = state.kms.key("new");
        assert!(key.arn == arn(3) && key.rotated, "{}", key.arn);
    }
}

#[test]
fn a_wrapping_key_that_says_it_was_made_for_the_alias_is_not_taken() {
    let fake = FakeAws::start();
    let planted = {
        let mut state = fake.state();
        let planted = state.kms.create(ACCOUNT, REGION);
        state.kms.key(&planted).description = "wraps data keys of lazycred, for alias/new".into();
        planted
    };
    sandbox(&fake, "1").run("--quiet init --create").ok();
    assert_eq!(times(&fake, "CreateKey"), 1);
    assert_ne!(fake.state().kms.key("new").arn, planted);
}

#[test]
fn an_alias_that_there_was_no_time_for_is_finished_by_hand() {
    let fake = FakeAws::start();
    let sandbox = sandbox(&fake, "1");
    fake.fault("CreateAlias", Fault::Stall.once());
    let by_hand = format!(
        "error: cannot point the alias at the wrapping key: timed out after 2 s\n\
         lazycred: hint: the wrapping key exists: `aws kms create-alias --alias-name alias/new --target-key-id {} --region {REGION}`, then the same command again, finishes the setup; without the alias, it creates another\n",
        arn(2)
    );
    sandbox
        .run("init --create --timeout 2")
        .stderr_has(&by_hand)
        .status(1);
    fake.state().kms.point("new", &arn(2));
    sandbox.run("--quiet init --create").ok();
    assert_eq!(times(&fake, "CreateKey"), 1);
    assert!(fake.state().kms.key("new").rotated);
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
            "hint: `aws kms schedule-key-deletion --key-id 00000002-0000-4000-8000-000000000000 --region us-east-1`",
        )
        .status(1);
}
