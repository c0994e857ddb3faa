//! What holds for every command of the store's life: nothing that somebody
//! writes meanwhile is lost, an etag does for a version, names are names.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::fake_aws::Context;
use crate::support::harness::record::{self, About};
use crate::support::versions::{get, put, versioned};
use crate::support::{
    ACCOUNT, ALIAS, FakeAws, PROGRAM, REGION, Run, S3_PATH, Sandbox, at_terminal, full, place,
    store,
};

/// The secrets that the versions of `s` hold, the oldest first.
fn secrets(aws: &FakeAws) -> Vec<String> {
    let versions = aws.versions(&place("s")).into_iter();
    let read = |version: String| {
        let run = Run::new(["get", "s", "--version", &version]).aws(aws);
        let outcome = run.any_stdout().any_stderr().status(0);
        outcome.text()
    };
    versions.map(|version| read(version.id)).collect()
}

#[test]
fn what_somebody_writes_meanwhile_is_what_is_changed_and_never_lost() {
    for (args, expected) in [
        ("rekey s", r#"{"a":"theirs"}"#),
        ("upgrade s", r#"{"a":"theirs"}"#),
        ("unset s a", "{}"),
        ("put s", "ours"),
        ("rollback s", r#"{"a":"first"}"#),
    ] {
        let aws = versioned();
        aws.wrapping_key("old", ACCOUNT, REGION);
        let under_old = |secret: &str| {
            record::version_1(secret.as_bytes(), |data_key, context| {
                aws.wrap("old", data_key, context)
            })
        };
        let first = aws.put_object(&place("s"), &under_old(r#"{"a":"first"}"#));
        aws.put_object(&place("s"), &under_old(r#"{"a":"second"}"#));
        let theirs = under_old(r#"{"a":"theirs"}"#);
        let at = place("s");
        aws.before("PutObject", move |state| {
            state.put_object(&at, &theirs);
        });
        let to = ["--to", &*first];
        let to = if args.starts_with("rollback") {
            &to[..]
        } else {
            &[]
        };
        let run = Run::new(args.split(' ').chain(to.iter().copied()))
            .aws(&aws)
            .stdin("ours");
        run.any_stdout().any_stderr().status(0);
        let told = secrets(&aws);
        let kept = [r#"{"a":"first"}"#, r#"{"a":"second"}"#, r#"{"a":"theirs"}"#];
        assert_eq!(told[..3], kept, "{args:?}");
        assert_eq!(told[3..], [expected], "{args:?}");
    }
}

#[test]
fn an_etag_does_wherever_a_version_does_and_is_only_the_current_records() {
    let aws = FakeAws::start();
    put(&aws, "s", "hunter2");
    let run = |args: &[&str]| Run::new(args).aws(&aws);
    let history = run(&["history", "s"]).any_stdout().status(0);
    let etag = history.text().split('\t').next().unwrap().to_owned();
    let reference = format!("V=s@{etag}");
    let exec = ["exec", &reference, "--", "/usr/bin/printenv", "V"];
    run(&exec).stdout("hunter2\n").status(0);
    run(&["diff", "s", "--version", &etag, "--exit-code"]).status(0);
    run(&["get", "s", "--version", &etag])
        .stdout("hunter2")
        .status(0);
    run(&["put", "s", "--if-version", &etag])
        .stdin("hunter3")
        .stderr("saved s\n")
        .status(0);
    // It is no longer the current one's, and nothing else is kept.
    let late = run(&["put", "s", "--if-version", &etag]).stdin("hunter4");
    late.fails(6);
    for args in [
        &["get", "s", "--version", &etag][..],
        &["diff", "s", "--version", &etag],
        &["rollback", "s", "--to", &etag],
    ] {
        run(args).fails(3);
    }
    run(&exec).fails(125);
    get(&aws, "s", "hunter3");
}

#[test]
fn a_bucket_that_no_longer_keeps_versions_never_calls_one_null() {
    let aws = versioned();
    let first = put(&aws, "s", "one");
    aws.versioning(false);
    put(&aws, "s", "two");
    let history = Run::new(["history", "s"]).aws(&aws).any_stdout().status(0);
    let told = history.lines();
    assert_eq!(told.len(), 2, "{history}");
    assert!(!history.text().contains("null"), "{history}");
    assert!(told[1].starts_with(&first), "{history}");
    let etag = told[0].split('\t').next().unwrap();
    let read = |version| Run::new(["get", "s", "--version", version]).aws(&aws);
    read(etag).stdout("two").status(0);
    read(&first).stdout("one").status(0);
}

#[test]
fn every_command_of_a_folder_refuses_what_is_no_file_name() {
    let sandbox = Sandbox::local();
    sandbox.put("good", r#"{"a": "hunter2"}"#);
    let bad = "a//b /a a/ / ./a a/../b .. . .lazycred .lazycred/x";
    for bad in bad.split(' ') {
        for args in [
            &["put", bad][..],
            &["get", bad],
            &["rm", bad],
            &["history", bad],
            &["rollback", bad, "--to", "x"],
            &["set", bad, "a"],
            &["unset", bad, "a"],
            &["edit", bad],
            &["cp", "good", bad],
            &["cp", bad, "new"],
            &["mv", "good", bad],
            &["diff", "good", bad],
            &["import", "-", "--format", "json", "--as", bad],
        ] {
            let run = sandbox.run(args).env("EDITOR", "true").stdin("{}");
            let outcome = run.fails(2);
            assert!(!outcome.stderr.contains("hunter2"));
        }
    }
    sandbox.run(["list"]).stdout("good\n").ok();
    for good in ["...", "a b", "a/.lazycred", "é"] {
        sandbox.put(good, "x");
    }
    let all = "...\na b\na/.lazycred\ngood\né\n";
    sandbox.run(["list"]).stdout(all).ok();
    // One name is a file or a folder.
    for taken in ["good/b", "a"] {
        let put = sandbox.run(["put", taken]).stdin("x");
        put.stderr_has("already exists").status(2);
        sandbox.run(["get", taken]).fails(3);
    }
}

#[test]
fn a_folder_does_all_that_a_bucket_does() {
    let sandbox = Sandbox::local();
    sandbox.put("s", r#"{"a": "one"}"#);
    sandbox
        .run(["set", "s", "a"])
        .stdin("two")
        .stderr("saved s (replaced; undo: lazycred rollback s)\n")
        .ok();
    let history = sandbox.run(["history", "s", "--json"]).gives();
    let history: Value = serde_json::from_slice(&history.stdout).unwrap();
    let rows = history.as_array().unwrap();
    assert_eq!(
        (rows.len(), &rows[0]["current"], &rows[0]["deleted"]),
        (2, &true.into(), &false.into())
    );
    let oldest = rows[1]["version"].as_str().unwrap();
    let diff = sandbox.run(["diff", "s", "--version", oldest, "--exit-code"]);
    diff.stdout("changed\t/a\n").status(7);
    let rollback = sandbox.run(["rollback", "s", "--to", oldest]);
    rollback.stderr_has("rolled back s").ok();
    sandbox.run(["cp", "s", "t"]).stderr("copied s to t\n").ok();
    let kept = "its history stays under t: lazycred history t";
    sandbox.says("mv t u", format!("renamed t to u ({kept})\n"));
    let upgrade = sandbox.run(["upgrade", "u"]);
    let run = upgrade.stdout("u\n");
    run.stderr("upgraded u\nupgraded 1 record\n").ok();
    sandbox.says("rekey --all", "rekeyed s\nrekeyed u\nrekeyed 2 records\n");
    for name in ["s", "u"] {
        sandbox.run(["get", name]).stdout(r#"{"a": "one"}"#).ok();
    }
}

#[test]
fn rm_does_not_prompt_at_a_terminal_either() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "hunter2");
    let (shown, status) = at_terminal(sandbox.run(["rm", "s"]), "");
    assert_eq!(status, 0, "{shown}");
    assert!(shown.starts_with("removed s (undo: lazycred rollback s)"));
    assert_eq!(shown.lines().count(), 1, "{shown}");
}

#[test]
fn what_is_upgraded_is_under_the_configured_wrapping_key_whatever_it_was_under() {
    let aws = FakeAws::start();
    let old = aws.wrapping_key("old", ACCOUNT, REGION);
    let wrap = |data_key: &[u8], context: &Context| aws.wrap("old", data_key, context);
    aws.put_object(&place("s"), &record::version_1(b"hunter2", wrap));
    let upgrade = Run::new(["upgrade"]).aws(&aws).stdout("s\n");
    upgrade.any_stderr().status(0);
    aws.state().kms.key(&old).denied.push("Decrypt".into());
    get(&aws, "s", "hunter2");
}

#[test]
fn version_2_is_rewrapped_from_the_configured_key_then_each_of_keys_then_from() {
    for args in ["rekey", "rollback s", "cp s t"] {
        let aws = versioned();
        for alias in ["two", "three", "four"] {
            aws.wrapping_key(alias, ACCOUNT, REGION);
        }
        let under = if args.starts_with("cp") {
            "three"
        } else {
            "four"
        };
        let wrap = |data_key: &[u8], context: &Context| aws.wrap(under, data_key, context);
        let about = About::new(format!("s3://{}", place("s")), b"hunter2");
        let record = record::version_2(&about, b"hunter2", wrap);
        let version = aws.put_object(&place("s"), &record);
        let mut expected = vec!["alias/acme", "alias/two", "alias/three"];
        let mut all = vec!["--config", "c.json"];
        all.extend(args.split(' '));
        if args.starts_with("rollback") {
            store(&aws, &place("s"), "newer", 2);
            all.extend(["--to", &version]);
        }
        if !args.starts_with("cp") {
            all.extend(["--from", "four"]);
            expected.push("alias/four");
        }
        let text = format!(
            r#"{{"s3_path": "{S3_PATH}", "key_alias": "{ALIAS}", "keys": ["two", "three"]}}"#
        );
        let run = Run::new(all).aws(&aws).file("c.json", text);
        let outcome = run.any_stderr().status(0);
        let requests = outcome.requests.iter();
        let asked: Vec<String> = requests
            .filter(|request| request.operation == "ReEncrypt")
            .map(|request| request.json()["SourceKeyId"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(asked, expected, "{args:?}");
    }
}

#[test]
fn edit_starts_no_editor_where_nothing_is_in_memory() {
    let sandbox = Sandbox::local();
    sandbox.put("db", "hunter2");
    let editor = sandbox.program("ed", "#!/bin/sh\ntouch started\n");
    let disk = crate::support::temporary::folder();
    let own = ["--mount", "--map-root-user"];
    let can = Command::new("unshare").args(own).arg("true").output();
    if !can.is_ok_and(|output| output.status.success()) {
        full::skip("a machine without memory for edit", "unshare cannot");
        return;
    }
    let script = format!(
        "mount --bind '{}' /dev/shm && exec '{PROGRAM}' edit db",
        disk.path().display()
    );
    let args = [&own[..], &["sh", "-c", &script]].concat();
    let run = sandbox.run(args).program("/usr/bin/unshare");
    run.env("EDITOR", &editor)
        .stderr(
            "lazycred: error: no in-memory folder available, and secrets are never written to disk\n\
             lazycred: hint: set XDG_RUNTIME_DIR to a folder of yours on a tmpfs, or change the secret with `lazycred set` or `put`\n",
        )
        .status(2);
    assert!(!sandbox.home().join("started").exists());
    assert_eq!(fs::read_dir(disk.path()).unwrap().count(), 0);
}
