//! `rm`, `history` and `rollback`: what there was, and how it comes back.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::fake_aws::{ACCOUNT, ALIAS, Context, FakeAws, Fault, REGION};
use crate::support::harness::record::{self, About};
use crate::support::harness::{Run, Sandbox, place, store};
use crate::support::moto::Moto;

/// A fake whose bucket keeps versions.
pub fn versioned() -> FakeAws {
    let aws = FakeAws::start();
    aws.versioning(true);
    aws
}

pub fn put(aws: &FakeAws, name: &str, secret: &str) -> String {
    store(aws, &place(name), secret, 1)
}

#[track_caller]
pub fn get(aws: &FakeAws, name: &str, expected: &str) {
    Run::new(["get", "--", name])
        .aws(aws)
        .stdout(expected)
        .status(0);
}

/// The command that stands in backquotes, as a shell reads it.
fn undo(message: &str) -> Vec<String> {
    let command = message.split('`').nth(1).unwrap();
    let words = shell_words::split(command).unwrap();
    assert_eq!(words[0], "lazycred");
    words[1..].to_vec()
}

#[test]
fn rm_asks_nothing_and_says_the_command_that_brings_each_back() {
    let aws = versioned();
    let names = ["web/prod", "it's a b", "-x"];
    let versions = names.map(|name| put(&aws, name, name));
    let [first, second, third] = &versions;
    let rm = Run::new(["rm", "--", names[0], names[1], names[2]]).aws(&aws);
    let outcome = rm
        .stderr(format!(
            "removed web/prod; `lazycred rollback web/prod --to {first}` brings it back\n\
             removed it's a b; `lazycred rollback 'it'\\''s a b' --to {second}` brings it back\n\
             removed -x; `lazycred rollback --to {third} -- -x` brings it back\n"
        ))
        .status(0);
    Run::new(["list"]).aws(&aws).status(0);
    for (name, line) in names.iter().zip(outcome.stderr.lines()) {
        let undone = Run::new(undo(line)).aws(&aws);
        undone.stderr_has(&format!("rolled back {name}")).status(0);
        get(&aws, name, name);
    }
}

#[test]
fn rm_says_so_where_nothing_can_be_brought_back() {
    let rm = Run::new(["rm", "s"]).secret("s", "hunter2");
    rm.stderr("removed s, and no version of it is kept\n")
        .status(0);
    let rm = Run::new(["rm", "s", "--quiet"]).secret("s", "hunter2");
    let outcome = rm.status(0);
    assert_eq!(outcome.aws.unwrap().object("acme-secrets/prod/s"), None);
}

#[test]
fn what_rm_removes_in_a_folder_comes_back_too() {
    let removed = Run::new(["rm", "web/s"]).local().secret("web/s", "hunter2");
    let outcome = removed
        .stderr_has("removed web/s; `lazycred rollback web/s --to ")
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
fn a_secret_that_cannot_be_removed_is_named_and_the_others_go() {
    let aws = FakeAws::start();
    put(&aws, "a", "hunter2");
    put(&aws, "b", "hunter2");
    let rm = Run::new(["rm", "a", "nope", "b"]).aws(&aws);
    rm.stderr(
        "removed a, and no version of it is kept\n\
         removed b, and no version of it is kept\n\
         lazycred: error: no secret named `nope` (s3://acme-secrets/prod/nope)\n\
         lazycred: hint: `lazycred put nope FILE` stores it, if the name is right\n",
    )
    .status(3);
    Run::new(["list"]).aws(&aws).status(0);
    Run::new(["rm"])
        .stderr_has("required arguments were not provided")
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
    let rm = Run::new(["rm", "s"]).aws(&aws);
    rm.stderr_has("somebody else wrote it meanwhile").status(6);
    get(&aws, "s", "theirs");
    aws.fault("DeleteObject", Fault::Lost.once());
    let rm = Run::new(["rm", "s"]).aws(&aws);
    rm.stderr("removed s, and no version of it is kept\n")
        .status(0);
}

#[test]
fn history_tells_every_version_and_removal_the_newest_first() {
    let aws = versioned();
    let place = place("s");
    put(&aws, "s", "one");
    put(&aws, "s", "two");
    aws.state().delete_object(&place);
    put(&aws, "s", "three");
    put(&aws, "s2", "no version of this name");
    let kept = aws.versions(&place);
    let (mut lines, mut expected) = (String::new(), Vec::new());
    for (age, version) in kept.iter().rev().enumerate() {
        let (id, time) = (&version.id, version.modified.iso().replace(".000", ""));
        let size = version.body.as_ref().map_or(0, Vec::len);
        let (current, deleted) = (age == 0, age == 1);
        let state = ["\tcurrent", "\tremoved", "", ""][age];
        writeln!(lines, "{id}\t{time}\t{size}{state}").unwrap();
        expected.push(json!({"version": id, "modified": time, "size": size,
            "deleted": deleted, "current": current}));
    }
    assert_eq!(expected.len(), 4);
    Run::new(["history", "s"]).aws(&aws).stdout(lines).status(0);
    let outcome = Run::new(["history", "s", "--json"])
        .aws(&aws)
        .any_stdout()
        .status(0);
    let told: Value = serde_json::from_str(&outcome.text()).unwrap();
    assert_eq!(told, Value::from(expected));
    assert_eq!(outcome.operations(), ["ListObjectVersions"]);
    let missing = Run::new(["history", "nope"]).aws(&aws);
    missing.stderr_has("no secret named `nope`").status(3);
}

#[test]
fn without_versions_history_gives_an_etag_that_stands_for_the_current_record() {
    let aws = FakeAws::start();
    put(&aws, "s", "one");
    let history = || {
        let outcome = Run::new(["history", "s", "--json"])
            .aws(&aws)
            .any_stdout()
            .status(0);
        let told: Value = serde_json::from_str(&outcome.text()).unwrap();
        assert_eq!(told.as_array().unwrap().len(), 1);
        told[0]["version"].as_str().unwrap().to_owned()
    };
    let etag = history();
    let kept = aws.versions(&place("s"));
    assert_eq!(etag, kept[0].etag.trim_matches('"'));
    let run = |args: &[&str]| Run::new(args).aws(&aws);
    run(&["get", "s", "--version", &etag])
        .stdout("one")
        .status(0);
    run(&["rollback", "s", "--to", &etag])
        .stderr_has("rolled back s")
        .status(0);
    assert_ne!(history(), etag);
    let gone = run(&["rollback", "s", "--to", &etag]);
    gone.stderr_has("no version `").status(3);
    get(&aws, "s", "one");
}

#[test]
fn rollback_stores_an_old_version_again_without_opening_it() {
    for format in [1, 2] {
        let aws = versioned();
        let place = place("s");
        let old = store(&aws, &place, "one", format);
        let new = store(&aws, &place, "two", format);
        aws.forget();
        let rollback = Run::new(["rollback", "s", "--to", &old]).aws(&aws);
        let outcome = rollback.stderr_has("rolled back s").status(0);
        assert!(!outcome.operations().contains(&"Decrypt"), "{outcome}");
        let saved = outcome
            .requests
            .iter()
            .find(|request| request.operation == "PutObject");
        assert!(saved.unwrap().header("if-match").is_some());
        get(&aws, "s", "one");
        let kept: Vec<String> = aws
            .versions(&place)
            .into_iter()
            .map(|kept| kept.id)
            .collect();
        assert_eq!(kept.len(), 3);
        assert_eq!(kept[..2], [old, new]);
    }
}

#[test]
fn a_rollback_counts_on_from_the_current_generation_and_keeps_the_rest() {
    let aws = versioned();
    let place = place("s");
    let stored = |generation, tool: &str| {
        let mut about = About::new(format!("s3://{place}"), b"hunter2");
        (about.generation, about.tool) = (generation, tool.into());
        let wrap = |data_key: &[u8], context: &Context| aws.wrap(ALIAS, data_key, context);
        aws.put_object(&place, &record::version_2(&about, b"hunter2", wrap))
    };
    let old = stored(3, "old/1");
    stored(8, "new/1");
    let rollback = Run::new(["rollback", "s", "--to", &old]).aws(&aws);
    rollback.stderr_has("rolled back s").status(0);
    let record: Value = serde_json::from_slice(&aws.object(&place).unwrap()).unwrap();
    assert_eq!(
        (&record["gen"], &record["tool"], &record["created"]),
        (&json!(9), &json!("old/1"), &json!("2026-01-01T00:00:00Z"))
    );
    get(&aws, "s", "hunter2");
}

#[test]
fn a_version_under_another_wrapping_key_comes_back_under_the_configured_one() {
    for format in [1, 2] {
        let aws = versioned();
        let earlier = aws.wrapping_key("earlier", ACCOUNT, REGION);
        let place = place("s");
        let wrap = |data_key: &[u8], context: &Context| aws.wrap("earlier", data_key, context);
        let bytes = match format {
            1 => record::version_1(b"one", wrap),
            _ => record::version_2(&About::new(format!("s3://{place}"), b"one"), b"one", wrap),
        };
        let old = aws.put_object(&place, &bytes);
        store(&aws, &place, "two", format);
        let mut args = vec!["rollback", "s", "--to", &old];
        if format == 2 {
            let refused = Run::new(&args).aws(&aws);
            refused.stderr_has("cannot open `s`").status(4);
            assert_eq!(aws.versions(&place).len(), 2);
            args.extend(["--from", "earlier"]);
        }
        let rollback = Run::new(args).aws(&aws);
        rollback.stderr_has("rolled back s").status(0);
        aws.state().kms.key(&earlier).denied.push("Decrypt".into());
        get(&aws, "s", "one");
    }
}

#[test]
fn a_rollback_to_what_is_no_version_changes_nothing() {
    let aws = versioned();
    let place = place("s");
    put(&aws, "s", "one");
    aws.state().delete_object(&place);
    put(&aws, "s", "two");
    let kept = aws.versions(&place);
    let removal = kept[1].id.clone();
    for version in [removal.as_str(), "nope", "-nope"] {
        let rollback = Run::new(["rollback", "s", "--to", version]).aws(&aws);
        let said = format!("no version `{version}` of `s` (s3://acme-secrets/prod/s)");
        rollback
            .stderr(format!("lazycred: error: {said}\n"))
            .status(3);
    }
    Run::new(["rollback", "s"])
        .stderr_has("--to <VERSION>")
        .status(2);
    assert_eq!(aws.versions(&place).len(), 3);
}

#[test]
fn a_version_of_another_accounts_wrapping_key_is_never_stored_again() {
    let aws = versioned();
    let foreign = aws.wrapping_key("foreign", "999999999999", REGION);
    aws.state().kms.key(&foreign).open_to.push(ACCOUNT.into());
    let place = place("s");
    let planted = record::version_1(b"planted", |data_key, context| {
        aws.wrap(&foreign, data_key, context)
    });
    let planted = aws.put_object(&place, &planted);
    put(&aws, "s", "ours");
    let rollback = Run::new(["rollback", "s", "--to", &planted]).aws(&aws);
    rollback
        .stderr_has("which is not in account 123456789012")
        .status(4);
    assert_eq!(aws.versions(&place).len(), 2);
    get(&aws, "s", "ours");
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
