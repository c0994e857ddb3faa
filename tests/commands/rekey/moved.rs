//! What `rekey` and `upgrade` say where records are then under a wrapping key that is
//! not configured, and that no hint undoes it.

use super::{SECRET, run, store, two_wrapping_keys};
use crate::support::harness::record;
use crate::support::{ALIAS, FakeAws, Fault, S3_PATH, Sandbox, place};

/// A configuration that names the wrapping key.
fn configured(key_alias: &str) -> String {
    format!("{{\"s3_path\": \"{S3_PATH}\", \"key_alias\": \"{key_alias}\"}}")
}

#[test]
fn what_to_set_is_said_for_where_it_is_set() {
    let aws = two_wrapping_keys();
    store(&aws, "db", ALIAS, 1);
    let now = "1 record is under `alias/old` now: ";
    let all = ["rekey", "--to", "old", "--all"];
    let file = format!("{now}set \"key_alias\": \"old\" in `");
    let found = run(&aws, &all).file(".lazycred", configured(ALIAS));
    let found = found.stderr_has(&file).status(0);
    assert!(found.stderr.ends_with("/.lazycred`\n"), "{found}");
    let named = run(&aws, &all).file("c.json", configured(ALIAS));
    let named = named
        .env("LAZYCRED_CONFIG", "c.json")
        .stderr_has(&file)
        .status(0);
    assert!(
        named.stderr.ends_with("c.json` (LAZYCRED_CONFIG)\n"),
        "{named}"
    );
    let variable = format!("{now}set LAZYCRED_KEY_ALIAS=old\n");
    run(&aws, &all).stderr_has(&variable).status(0);
    let flag = run(&aws, "rekey --to alias/old --all --key-alias acme");
    flag.stderr_has(&format!("{now}pass --key-alias old\n"))
        .status(0);
    // Readers need none, but it belongs beside the store.
    let none = format!("{{\"s3_path\": \"{S3_PATH}\"}}");
    run(&aws, &all)
        .file(".lazycred", none)
        .stderr_has(&file)
        .status(0);
}

#[test]
fn an_arn_is_not_set_in_a_file_that_would_then_be_refused() {
    let aws = two_wrapping_keys();
    store(&aws, "db", ALIAS, 1);
    let arn = aws.state().kms.key("old").arn.clone();
    let all = ["rekey", "--to", &arn, "--all"];
    let said = ", and name that file with LAZYCRED_CONFIG, since an ARN is refused where it is found by searching\n";
    run(&aws, &all)
        .file(".lazycred", configured(ALIAS))
        .stderr_has(said)
        .status(0);
    let named = run(&aws, &all).file("c.json", configured(ALIAS));
    let named = named
        .env("LAZYCRED_CONFIG", "c.json")
        .any_stderr()
        .status(0);
    let set = format!("set \"key_alias\": \"{arn}\" in `");
    assert!(
        named.stderr.contains(&set) && !named.stderr.contains(said),
        "{named}"
    );
}

#[test]
fn nothing_is_said_where_the_configured_one_is_meant_or_nothing_was_moved() {
    let aws = two_wrapping_keys();
    store(&aws, "db", "old", 1);
    let arn = aws.state().kms.key(ALIAS).arn.clone();
    let id = arn.rsplit_once('/').unwrap().1.to_owned();
    for to in [ALIAS, "alias/acme", &arn, &id] {
        let rekey = run(&aws, &["rekey", "--to", to, "--all"]);
        let stderr = "rekeyed db\nrekeyed 1 record\n";
        rekey.stderr(stderr).status(0);
    }
    run(&aws, "rekey --all")
        .stderr("rekeyed db\nrekeyed 1 record\n")
        .status(0);
    run(&aws, "rekey --to old --dry-run")
        .stdout("db\n")
        .status(0);
    let warning = "lazycred: warning: no secret names start with `x`\nrekeyed 0 records\n";
    run(&aws, "rekey --to old x").stderr(warning).status(0);
    // Who may not look wrapping keys up is told once too often.
    aws.fault("DescribeKey", Fault::Denied);
    let to = ["rekey", "--to", &arn, "--all"];
    run(&aws, &to)
        .stderr_has("now: set LAZYCRED_KEY_ALIAS=arn:")
        .status(0);
    run(&aws, "--quiet rekey --to old").status(0);
}

#[test]
fn while_some_records_are_left_it_says_to_wait_for_them() {
    let aws = two_wrapping_keys();
    store(&aws, "a", ALIAS, 1);
    aws.put_object(&place("b"), b"{\"data\": \"cut sho");
    let now = "1 record is under `alias/old` now: when all are, set LAZYCRED_KEY_ALIAS=old\n";
    run(&aws, "rekey --to old").stderr_has(now).status(4);
    run(&aws, "rekey --to old a").stderr_has(now).status(0);
    store(&aws, "b", ALIAS, 1);
    let now = "2 records are under `alias/old` now: set LAZYCRED_KEY_ALIAS=old\n";
    run(&aws, "rekey --to old").stderr_has(now).status(0);
    // What was said, done: no warning is left.
    for name in ["a", "b"] {
        let get = aws.run(["get", name]).env("LAZYCRED_KEY_ALIAS", "old");
        get.stdout(SECRET).status(0);
    }
}

/// Asserts that a message offers the rotated wrapping key first, and moving back only
/// to who did not mean it.
#[track_caller]
fn undoes_nothing(stderr: &str) {
    let place = |text| stderr.find(text).unwrap_or(usize::MAX);
    let set = place("if records were moved there, set `key_alias` to its alias; ");
    let back = place("otherwise `lazycred rekey ");
    assert!(set < back && back < usize::MAX, "{stderr}");
    assert_eq!(stderr.matches("rekey").count(), 1, "{stderr}");
}

#[test]
fn no_hint_moves_a_record_back_that_was_moved_on_purpose() {
    let aws = two_wrapping_keys();
    store(&aws, "v1", ALIAS, 1);
    store(&aws, "v2", ALIAS, 2);
    run(&aws, "--quiet rekey --to old").status(0);
    let get = |name| aws.run(["get", name]).may_leak();
    let v1 = get("v1").stdout(SECRET).any_stderr().status(0);
    undoes_nothing(&v1.stderr);
    assert!(v1.stderr.contains(
        "otherwise `lazycred rekey v1` moves it, and all names that start with it, to alias/acme\n"
    ));
    let v2 = get("v2").any_stderr().status(4);
    undoes_nothing(&v2.stderr);
    let hint = "otherwise `lazycred rekey --from ALIAS v2` moves it, and all names that start with it, to alias/acme\n";
    let other = "otherwise `lazycred rekey v2 --from ALIAS` moves it, and all names that start with it, to alias/acme\n";
    assert!(
        v2.stderr.contains(hint) || v2.stderr.contains(other),
        "{v2}"
    );
    for command in [
        "exec v2 -- true",
        "list --long",
        "history v2",
        "rekey",
        "upgrade",
        "doctor",
    ] {
        let outcome = aws.run(command).may_leak().outcome();
        let blind = outcome.stderr.contains("run `lazycred rekey");
        assert!(
            !blind && !outcome.text().contains("run `lazycred rekey"),
            "{outcome}"
        );
    }
}

#[test]
fn where_the_alias_is_gone_moving_back_to_it_is_not_advised() {
    let aws = two_wrapping_keys();
    store(&aws, "db", "old", 1);
    aws.state().kms.unpoint(ALIAS);
    let said = "set `key_alias` to one that exists, or move the record with `lazycred rekey db --to ALIAS`\n";
    aws.run("get db")
        .may_leak()
        .stdout(SECRET)
        .stderr_has(said)
        .status(0);
    // Both ways work.
    aws.run("get db --key-alias old")
        .may_leak()
        .stdout(SECRET)
        .status(0);
    run(&aws, "rekey db --to old").any_stderr().status(0);
}

#[test]
fn a_local_wrapping_key_that_records_were_moved_to_is_named() {
    let sandbox = Sandbox::local();
    sandbox.put("s", SECRET);
    sandbox.write(
        ".local/share/lazycred/new.key",
        record::local_wrapping_key(),
    );
    sandbox.run("--quiet rekey --to local:new").ok();
    let refused = sandbox
        .run("get s")
        .stderr_has("hint: set `key_alias` to `local:new` if records were moved there; an old version opens with `--from local:new`\n");
    let refused = refused.status(4);
    assert!(!refused.stderr.contains("rekey"), "{refused}");
}

#[test]
fn upgrade_says_it_too() {
    let aws = FakeAws::start();
    aws.wrapping_key("two", crate::support::ACCOUNT, crate::support::REGION);
    store(&aws, "a", ALIAS, 1);
    store(&aws, "b", ALIAS, 2);
    let now = "1 record is under `alias/two` now: when all are, set LAZYCRED_KEY_ALIAS=two\n";
    run(&aws, "upgrade --to two")
        .stdout("a\n")
        .stderr_has(now)
        .status(0);
    let nothing = run(&aws, "upgrade --to two").stderr_has("upgraded 0 records");
    let nothing = nothing.status(0);
    assert!(!nothing.stderr.contains("now: "), "{nothing}");
}

#[test]
fn an_old_version_is_opened_as_its_hint_says_and_nothing_is_moved_back() {
    let sandbox = Sandbox::local();
    sandbox.put("s", SECRET);
    sandbox.write(
        ".local/share/lazycred/new.key",
        record::local_wrapping_key(),
    );
    sandbox.run("--quiet rekey --to local:new").ok();
    let text = "{\"s3_path\": \"file:secrets/\", \"key_alias\": \"local:new\"}";
    sandbox.write(".lazycred", text);
    let history = sandbox.run("history s").gives().text();
    let oldest = history.lines().last().unwrap();
    let version = oldest.split('\t').next().unwrap();
    let get = ["get", "s", "--version", version];
    let refused = sandbox
        .run(&get[..])
        .stderr_has("an old version opens with `--from local:dev`\n");
    refused.status(4);
    let from = [&get[..], &["--from", "local:dev"]].concat();
    sandbox.run(&from[..]).may_leak().stdout(SECRET).ok();
}
