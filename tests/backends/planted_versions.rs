//! Versions that somebody else put into a folder: none of them keeps what is
//! kept from being found again.

use std::fs;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::support::harness::Sandbox;
use crate::support::versions::undo;

const VERSIONS: &str = "secrets/.lazycred/versions/base.d";

#[test]
fn what_put_and_rm_promise_to_undo_can_be_undone_whatever_version_was_planted() {
    let hashes = ["0", "f"].map(|digit| digit.repeat(64));
    let nearly_last = format!("{:020}", i64::MAX - 9);
    for time in [
        "7".to_owned(),
        nearly_last.clone(),
        format!("{:020}", i64::MAX.unsigned_abs() + 1),
        u64::MAX.to_string(),
        "9".repeat(20),
        "9".repeat(30),
        "9".repeat(31),
    ] {
        for suffix in ["", ".removed"] {
            let sandbox = Sandbox::local();
            for hash in &hashes {
                sandbox.write(format!("{VERSIONS}/{time}-{hash}{suffix}"), "planted");
            }
            sandbox.put("base", "one");
            let put = |secret: &str| {
                let run = sandbox.run(["put", "base"]);
                let outcome = run.stdin(secret).any_stdout().any_stderr().ok();
                undo(&outcome.stderr)
            };
            let remove = || {
                let removed = sandbox.run(["rm", "base"]).outcome();
                let newest = sandbox.run(["history", "base"]).gives().lines();
                assert!(newest[0].ends_with("\tremoved"), "{newest:?}");
                undo(&removed.stderr)
            };
            let undoes = |command: Vec<String>, secret: &str| {
                sandbox.run(command).stderr_has("rolled back base").ok();
                sandbox.run(["get", "base"]).stdout(secret).ok();
            };
            undoes(put("two"), "one");
            undoes(remove(), "one");
            undoes(put("three"), "one");
            undoes(vec!["rollback".into(), "base".into()], "three");
            let listed = sandbox.run(["history", "base"]).gives().text();
            let is_listed = hashes.iter().any(|hash| listed.contains(hash));
            assert_eq!(is_listed, time == nearly_last, "{listed}");
        }
    }
}

#[test]
fn where_no_time_is_left_for_a_version_nothing_is_replaced() {
    let sandbox = Sandbox::local();
    sandbox.put("base", "one");
    for (left, suffix) in [(0, ""), (0, ".removed"), (1, ""), (1, ".removed")] {
        let zeros = "0".repeat(64);
        let last = format!("{VERSIONS}/{:020}-{zeros}{suffix}", i64::MAX - left);
        sandbox.write(&last, "planted");
        for command in ["put base", "rm base", "set base f"] {
            let outcome = sandbox.run(command).stdin("{}").any_stderr().outcome();
            assert!([2, 5].contains(&outcome.status), "{outcome}");
            sandbox.run(["get", "base"]).stdout("one").ok();
        }
        sandbox
            .run(["put", "base"])
            .stdin("two")
            .stderr_has("nothing changed: ")
            .stderr_has("hint: check `.lazycred/versions/base.d` in the store's folder")
            .status(2);
        fs::remove_dir_all(sandbox.home().join(VERSIONS)).unwrap();
    }
    sandbox.put("base", "two");
}

#[test]
fn a_version_that_has_only_the_name_of_what_is_replaced_does_not_stand_for_it() {
    let sandbox = Sandbox::local();
    sandbox.put("base", "one");
    let listed = sandbox.run(["history", "base"]).gives().text();
    let version = listed.split('\t').next().unwrap().to_owned();
    for later in [2, 1] {
        let time = i64::MAX / later - 1000;
        sandbox.write(format!("{VERSIONS}/{time:020}-{version}"), "planted");
    }
    let folder = sandbox.home().join(VERSIONS);
    mkfifo(&folder.join(format!("{:020}-{version}", 7)), Mode::S_IRWXU).unwrap();
    sandbox.put("base", "two");
    let time = i64::MAX - 1;
    sandbox.write(format!("{VERSIONS}/{time:020}-{version}"), "planted too");
    let get = ["get", "base", "--version", &version];
    sandbox.run(get).stdout("one").ok();
}
