//! `rekey`: another wrapping key, and nothing else.

mod local;
mod moved;
mod outcomes;

use crate::support::fake_aws::{Gate, Order};
use crate::support::harness::{Arguments, store_under};
use crate::support::{ACCOUNT, ALIAS, FakeAws, Fault, REGION, Run, S3_PATH, place, stored};

const SECRET: &str = "hunter2-hunter2";

/// Stores a record of either version under the wrapping key of an alias or an ARN.
fn store(aws: &FakeAws, name: &str, under: &str, version: u8) {
    store_under(aws, &place(name), SECRET, version, under);
}

/// A fake with a wrapping key `old` beside the configured one.
fn two_wrapping_keys() -> FakeAws {
    let aws = FakeAws::start();
    aws.wrapping_key("old", ACCOUNT, REGION);
    aws
}

fn run(aws: &FakeAws, args: impl Arguments) -> Run {
    aws.run(args).never(SECRET)
}

/// What is said before version 2 is put under a wrapping key that is not configured.
pub fn not_configured(id: &str) -> String {
    format!(
        "lazycred: warning: `{id}` is neither `key_alias` nor in `keys`, so version 2 records under it will not open here: change `key_alias`, or add it to `keys`\n"
    )
}

/// What is said at the end where that is set by a variable.
fn set(records: usize, to: &str, whole: bool) -> String {
    let are = if records == 1 {
        "record is"
    } else {
        "records are"
    };
    let when = if whole { "" } else { "when all are, " };
    format!("{records} {are} under `alias/{to}` now: {when}set LAZYCRED_KEY_ALIAS={to}\n")
}

#[track_caller]
fn opens(aws: &FakeAws, name: &str) {
    let run = aws.run(["get", name]);
    let outcome = run.stdout(SECRET).status(0);
    let told = outcome.told();
    assert_eq!(told[1..], [format!("Decrypt alias/{ALIAS}")], "{name}");
}

#[test]
fn rekey_changes_only_the_wrapped_data_key_and_sees_no_plaintext() {
    let aws = two_wrapping_keys();
    store(&aws, "db", "old", 1);
    store(&aws, "web", "old", 2);
    let (db, web) = (stored(&aws, "db"), stored(&aws, "web"));
    let outcome = run(&aws, "rekey --from old")
        .stderr("rekeyed db\nrekeyed web\nrekeyed 2 records\n")
        .status(0);
    let asked = outcome.operations();
    assert!(
        asked.contains(&"ReEncrypt") && !asked.contains(&"Decrypt"),
        "{asked:?}"
    );
    let now = stored(&aws, "db");
    let seen = (now["data"].clone(), now.as_object().unwrap().len());
    assert_eq!(seen, (db["data"].clone(), 2));
    let now = stored(&aws, "web");
    let mut expected = web.clone();
    expected["gen"] = 2.into();
    expected["wrapped_key"] = now["wrapped_key"].clone();
    assert_eq!(now, expected, "`created` and `tool` stay");
    opens(&aws, "db");
    opens(&aws, "web");
}

#[test]
fn records_under_the_right_wrapping_key_are_skipped_unless_all_is_given() {
    let aws = two_wrapping_keys();
    for (name, version) in [("db", 1), ("web", 2)] {
        store(&aws, name, ALIAS, version);
    }
    let (db, web) = (stored(&aws, "db"), stored(&aws, "web"));
    let outcome = run(&aws, "rekey")
        .stderr("rekeyed 0 records, 2 already up to date\n")
        .status(0);
    assert!(!outcome.operations().contains(&"PutObject"));
    assert_eq!((stored(&aws, "db"), stored(&aws, "web")), (db.clone(), web));
    run(&aws, "rekey --all")
        .stderr("rekeyed db\nrekeyed web\nrekeyed 2 records\n")
        .status(0);
    assert_ne!(stored(&aws, "db")["key"], db["key"]);
    assert_eq!(stored(&aws, "db")["data"], db["data"]);
    assert_eq!(stored(&aws, "web")["gen"], 2);
    opens(&aws, "db");
    opens(&aws, "web");
}

#[test]
fn a_dry_run_prints_the_names_and_stores_nothing() {
    let aws = two_wrapping_keys();
    store(&aws, "a", "old", 1);
    store(&aws, "b", ALIAS, 1);
    store(&aws, "c", "old", 2);
    let dry = "rekey --dry-run --from old";
    let outcome = run(&aws, dry).stdout("a\nc\n").status(0);
    assert!(!outcome.operations().contains(&"PutObject"));
    run(&aws, &format!("{dry} --all"))
        .stdout("a\nb\nc\n")
        .status(0);
    run(&aws, "rekey --dry-run b").status(0);
}

#[test]
fn to_names_another_wrapping_key_than_the_configured_one() {
    let aws = two_wrapping_keys();
    store(&aws, "db", ALIAS, 1);
    store(&aws, "web", ALIAS, 2);
    store(&aws, "www", ALIAS, 2);
    run(&aws, "rekey --to old db")
        .stderr(format!(
            "rekeyed db\nrekeyed 1 record\n{}",
            set(1, "old", false)
        ))
        .status(0);
    let warning = not_configured("alias/old");
    run(&aws, "rekey --to old")
        .stderr(format!(
            "{warning}rekeyed web\nrekeyed www\nrekeyed 2 records, 1 already up to date\n{}",
            set(3, "old", true)
        ))
        .status(0);
    let at_the_end = "3 records are under `alias/old` now: set \"key_alias\": \"old\" in `";
    for (configured, said) in [
        (r#""old""#, false),
        (r#""acme", "keys": ["alias/old"]"#, true),
    ] {
        let text = format!(r#"{{"s3_path": "{S3_PATH}", "key_alias": {configured}}}"#);
        let all = run(&aws, "--config c.json rekey --to old --all")
            .file("c.json", text)
            .stderr_has("rekeyed db\nrekeyed web\nrekeyed www\nrekeyed 3 records\n")
            .status(0);
        assert_eq!(all.stderr.contains(at_the_end), said, "{all}");
        assert_eq!(all.stderr.contains("c.json` (--config)\n"), said, "{all}");
    }
    let get = |name| run(&aws, &["get", name, "--key-alias", "old"]).may_leak();
    get("db").stdout(SECRET).status(0);
    get("web").stdout(SECRET).status(0);
}

#[test]
fn what_is_under_that_other_wrapping_key_already_is_left_too() {
    let nothing = "rekeyed 0 records, 3 already up to date\n";
    for version in [1, 2] {
        let aws = two_wrapping_keys();
        aws.wrapping_key("new", ACCOUNT, REGION);
        store(&aws, "a", "new", version);
        store(&aws, "b", ALIAS, version);
        store(&aws, "c", "old", version);
        let a = stored(&aws, "a");
        for (args, said) in [
            (
                "rekey --to new --from old",
                "rekeyed b\nrekeyed c\nrekeyed 2 records, 1 already up to date\n",
            ),
            ("rekey --to new --from old", nothing),
            ("rekey --to new", nothing),
        ] {
            let rekey = run(&aws, args).stderr_has(said).status(0);
            assert!(said != nothing || !rekey.stderr.contains("rekeyed b"));
        }
        assert_eq!(stored(&aws, "a"), a);
    }
}

#[test]
fn only_names_that_start_with_the_prefix_are_touched() {
    let aws = two_wrapping_keys();
    for name in ["db", "web/dev", "web/prod", "webcam"] {
        store(&aws, name, "old", 1);
    }
    let webcam = stored(&aws, "webcam");
    run(&aws, "rekey web/")
        .stderr("rekeyed web/dev\nrekeyed web/prod\nrekeyed 2 records\n")
        .status(0);
    assert_eq!(stored(&aws, "webcam"), webcam);
    run(&aws, "rekey wbe/")
        .stderr(
            "lazycred: warning: no secret names start with `wbe/`\n\
             rekeyed 0 records\n",
        )
        .status(0);
    run(&aws, "--quiet rekey web").status(0);
    opens(&aws, "webcam");
}

#[test]
fn a_record_that_fails_is_named_and_the_others_go_on() {
    let aws = two_wrapping_keys();
    for name in ["a", "c", "e"] {
        store(&aws, name, "old", 1);
    }
    aws.put_object(&place("b"), b"{\"data\": \"cut sho");
    store(&aws, "d", "old", 2);
    run(&aws, "rekey")
        .stderr_has("rekeyed a\nrekeyed c\nrekeyed e\nrekeyed 3 records, 2 failed\n")
        .stderr_has("lazycred: error: cannot open `b` (s3://acme-secrets/prod/b): ")
        .stderr_has("lazycred: error: cannot open `d` (s3://acme-secrets/prod/d): its data key is wrapped by another wrapping key")
        .status(4);
    opens(&aws, "e");
    // The first failure's status, whatever comes after.
    store(&aws, "b", "old", 1);
    aws.fault(
        "PutObject",
        Fault::Error(500, "InternalError", "We encountered an internal error.").once(),
    );
    run(&aws, "rekey")
        .stderr_has("`b`")
        .stderr_has("`d`")
        .stderr_has("rekeyed 0 records, 3 already up to date, 2 failed\n")
        .status(1);
}

#[test]
fn what_was_interrupted_is_finished_by_the_same_command() {
    let aws = two_wrapping_keys();
    let names: Vec<String> = (0..40).map(|number| format!("n{number:02}")).collect();
    for name in &names {
        store(&aws, name, "old", 1);
    }
    let gate = aws.hold("PutObject");
    let running = run(&aws, "rekey").any_stderr().spawn();
    aws.wait_for("PutObject", 1);
    running.send(nix::sys::signal::Signal::SIGKILL);
    running.wait();
    gate.open();
    run(&aws, "rekey").any_stderr().status(0);
    for name in &names {
        opens(&aws, name);
    }
}

#[test]
fn no_more_than_forty_eight_are_worked_on_at_once() {
    let aws = two_wrapping_keys();
    let gate = Gate::default();
    for number in 0..120 {
        let name = format!("n{number:03}");
        store(&aws, &name, "old", 1);
        // The first of them show that AWS throttles nothing.
        if number >= 60 {
            let held = Order::from(Fault::Hold(gate.clone()));
            aws.fault("GetObject", held.on(&name));
        }
    }
    let running = run(&aws, "rekey").any_stderr().spawn();
    // Each of those is read back.
    aws.wait_for("GetObject", 60 + 60 + 48);
    let operations = aws.operations().into_iter();
    let got = operations.filter(|known| known == "GetObject").count();
    assert_eq!(got, 60 + 60 + 48);
    gate.open();
    running.status(0);
}

#[test]
fn a_record_that_an_unknown_account_wrapped_is_not_taken_over() {
    let aws = FakeAws::start();
    let arn = aws.wrapping_key("theirs", "999988887777", REGION);
    aws.state().kms.key(&arn).open_to = vec![ACCOUNT.to_owned()];
    store(&aws, "db", &arn, 1);
    let before = stored(&aws, "db");
    run(&aws, "rekey")
        .stderr_has("is not in account 123456789012")
        .status(4);
    assert_eq!(stored(&aws, "db"), before);
}

#[test]
fn what_is_wrong_with_the_configuration_is_told_once() {
    let aws = FakeAws::start();
    for name in ["a", "b"] {
        store(&aws, name, ALIAS, 1);
    }
    run(&aws, "rekey --to local:dev")
        .stderr(
            "rekeyed 0 records, 2 failed\n\
             lazycred: error: `local:dev` and the configured one in KMS are different kinds of wrapping key\n\
             lazycred: hint: a data key can be rewrapped from KMS to KMS, or from one local wrapping key to another\n",
        )
        .status(2);
    run(&aws, &["rekey", "--to", "no alias"])
        .stderr_has("is not a valid `key_alias`")
        .status(2);
}
