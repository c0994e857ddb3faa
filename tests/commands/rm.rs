//! `rm`, and how to get a removed secret back.

use std::collections::HashSet;

use serde_json::Value;

use crate::support::harness::record;
use crate::support::versions::{get, put, undo, versioned};
use crate::support::{ALIAS, FakeAws, Fault, Moto, Run, Sandbox};

#[test]
fn rm_asks_nothing_and_says_the_command_that_brings_each_back() {
    let aws = versioned();
    let names = ["web/prod", "it's a b", "-x"];
    for name in names {
        put(&aws, name, name);
    }
    let rm = aws.run(["rm", "--", names[0], names[1], names[2]]);
    let outcome = rm
        .stderr(
            "removed web/prod (undo: lazycred rollback web/prod)\n\
             removed it's a b (undo: lazycred rollback 'it'\\''s a b')\n\
             removed -x (undo: lazycred rollback -- -x)\n",
        )
        .status(0);
    aws.run(["list"]).status(0);
    for (name, line) in names.iter().zip(outcome.stderr.lines()) {
        let undone = aws.run(undo(line));
        undone.stderr_has(&format!("rolled back {name}")).status(0);
        get(&aws, name, name);
    }
}

#[test]
fn rm_says_so_where_nothing_can_be_brought_back() {
    let rm = Run::new(["rm", "s"]).secret("s", "hunter2");
    rm.stderr("removed s permanently\n").status(0);
    let rm = Run::new(["rm", "s", "--quiet"]).secret("s", "hunter2");
    let outcome = rm.status(0);
    assert_eq!(outcome.aws.unwrap().object("acme-secrets/prod/s"), None);
}

#[test]
fn what_rm_removes_in_a_folder_comes_back_too() {
    let removed = Run::new(["rm", "web/s"]).local().secret("web/s", "hunter2");
    let outcome = removed
        .stderr("removed web/s (undo: lazycred rollback web/s)\n")
        .status(0);
    let run = |args: Vec<String>| Run::new(args).local().sandbox(&outcome.sandbox);
    run(vec!["get".into(), "web/s".into()]).fails(3);
    run(undo(&outcome.stderr))
        .stderr_has("rolled back web/s")
        .status(0);
    run(vec!["get".into(), "web/s".into()])
        .stdout("hunter2")
        .status(0);
}

#[test]
fn a_removal_is_listed_with_a_version_of_its_own_in_a_folder_too() {
    let sandbox = Sandbox::local();
    for secret in ["one", "two"] {
        sandbox.put("web/s", secret);
        sandbox.run("rm web/s").any_stderr().ok();
    }
    let json = sandbox.run("history web/s --json").gives();
    let told: Value = serde_json::from_slice(&json.stdout).unwrap();
    let told = told.as_array().unwrap();
    let deleted: Vec<_> = told.iter().map(|version| &version["deleted"]).collect();
    assert_eq!(deleted, [true, false, true, false]);
    let current = told.iter().any(|version| version["current"] == true);
    assert!(!current, "{told:?}");
    let ids: HashSet<_> = told.iter().map(|version| &version["version"]).collect();
    assert_eq!(ids.len(), 4);
    let lines = sandbox.run("history web/s").gives().lines();
    for (line, version) in lines.iter().zip(told) {
        assert!(line.starts_with(version["version"].as_str().unwrap()));
        assert_eq!(line.ends_with("\t0\tremoved"), version["deleted"] == true);
    }
}

#[test]
fn a_secret_that_cannot_be_removed_is_named_and_the_others_go() {
    let aws = FakeAws::start();
    put(&aws, "a", "hunter2");
    put(&aws, "b", "hunter2");
    let rm = aws.run(["rm", "a", "nope", "b"]);
    rm.stderr(
        "removed a permanently\n\
         removed b permanently\n\
         lazycred: error: no secret named `nope` (s3://acme-secrets/prod/nope)\n\
         lazycred: hint: `lazycred list` shows the names\n",
    )
    .status(3);
    aws.run(["list"]).status(0);
    put(&aws, "a", "hunter2");
    aws.fault("DeleteObject", Fault::Denied.once());
    aws.refuses("rm a", 1, "cannot remove `a`");
    Run::new(["rm"])
        .stderr_has("`lazycred rm` needs NAME")
        .status(2);
}

#[test]
fn rm_never_removes_what_somebody_writes_meanwhile() {
    let aws = FakeAws::start();
    put(&aws, "s", "old");
    let theirs = record::version_1(b"theirs", |data_key, context| {
        aws.wrap(ALIAS, data_key, context)
    });
    aws.before("DeleteObject", move |state| {
        state.put_object("acme-secrets/prod/s", &theirs);
    });
    aws.refuses("rm s", 6, "it was changed by a concurrent write");
    get(&aws, "s", "theirs");
    aws.fault("DeleteObject", Fault::Lost.once());
    aws.says("rm s", "removed s permanently\n");
}

#[test]
fn moto_gives_back_what_was_removed() {
    let Some(moto) = Moto::shared() else {
        return;
    };
    moto.fresh_wrapping_key("test-life");
    let s3_path = format!("{}/app/", moto.fresh_versioned_bucket());
    let sandbox = Sandbox::aws(&moto.endpoint(), &s3_path, "test-life");
    sandbox.put("web/s", "one");
    sandbox.put("web/s", "two");
    let removed = sandbox.run(["rm", "web/s"]).any_stdout().any_stderr().ok();
    let told = sandbox.run(["history", "web/s"]).gives().lines();
    assert!(
        told.len() == 3 && told[0].ends_with("\t0\tremoved"),
        "{told:?}"
    );
    let run = sandbox.run(undo(&removed.stderr));
    run.stderr_has("rolled back web/s").ok();
    sandbox.run(["get", "web/s"]).stdout("two").ok();
    let oldest = told[2].split('\t').next().unwrap();
    let run = sandbox.run(["rollback", "web/s", "--to", oldest]);
    run.stderr_has("rolled back web/s").ok();
    sandbox.run(["get", "web/s"]).stdout("one").ok();
}
