//! `upgrade`: version 1 made version 2, after a look at the names.

use serde_json::Value;

use crate::commands::rekey::not_configured;
use crate::support::harness::record;
use crate::support::{ACCOUNT, FakeAws, REGION, Run, Sandbox, at_terminal, place, store, stored};

const SECRET: &str = r#"{"TOKEN": "hunter2-hunter2"}"#;

fn run(aws: &FakeAws, args: &str) -> Run {
    aws.run(args).never("hunter2-hunter2")
}

#[test]
fn version_1_is_bound_where_it_lies_and_its_names_are_printed() {
    let aws = FakeAws::start();
    store(&aws, &place("db"), SECRET, 1);
    store(&aws, &place("web"), SECRET, 2);
    let (db, web) = (stored(&aws, "db"), stored(&aws, "web"));
    let outcome = run(&aws, "upgrade")
        .stdout("db\n")
        .stderr("upgraded db\nupgraded 1 record, 1 already up to date\n")
        .status(0);
    assert!(!outcome.operations().contains(&"Decrypt"));
    let now = stored(&aws, "db");
    assert_eq!((&now["lazycred"], &now["gen"]), (&2.into(), &1.into()));
    assert_eq!(now["token"], db["data"]);
    assert_eq!(now["type"], "application/octet-stream");
    let tool = concat!("lazycred/", env!("CARGO_PKG_VERSION"));
    assert_eq!(now["tool"], tool);
    assert!(now["created"].as_str().unwrap() > "2026-01-02", "{now}");
    assert_eq!(stored(&aws, "web"), web);
    aws.run(["get", "db"])
        .file(".lazycred", r#"{"min_format": 2, "max_age": "1h"}"#)
        .stdout(SECRET)
        .status(0);
    let again = run(&aws, "upgrade")
        .stderr("upgraded 0 records, 2 already up to date\n")
        .status(0);
    assert!(!again.operations().contains(&"PutObject"));
}

#[test]
fn a_wrapping_key_of_its_own_can_be_given() {
    let aws = FakeAws::start();
    aws.wrapping_key("two", ACCOUNT, REGION);
    store(&aws, &place("db"), SECRET, 1);
    let outcome = run(&aws, "upgrade --to two")
        .stdout("db\n")
        .stderr(format!(
            "{}upgraded db\nupgraded 1 record\n1 record is under `alias/two` now: set LAZYCRED_KEY_ALIAS=two\n",
            not_configured("alias/two")
        ))
        .status(0);
    let requests = outcome.requests.iter();
    let mut asked = requests.filter(|request| request.operation == "ReEncrypt");
    let first = asked.next().unwrap().json();
    assert_eq!(first["DestinationKeyId"], "alias/two");
    let get = |alias| aws.run(["get", "db", "--key-alias", alias]);
    get("two").stdout(SECRET).status(0);
    get("acme").fails(4);
}

#[test]
fn upgrade_names_failures_goes_on_and_respects_the_prefix() {
    let aws = FakeAws::start();
    for name in ["a", "web/a", "web/c d", "web/e"] {
        store(&aws, &place(name), SECRET, 1);
    }
    aws.put_object(&place("web/b"), b"{\"data\": \"cut sho");
    let arn = aws.wrapping_key("theirs", "999988887777", REGION);
    aws.state().kms.key(&arn).open_to = vec![ACCOUNT.to_owned()];
    let wrap = |data_key: &[u8], context: &_| aws.wrap(&arn, data_key, context);
    let foreign = record::version_1(SECRET.as_bytes(), wrap);
    aws.put_object(&place("web/f"), &foreign);
    run(&aws, "upgrade web/")
        .stdout("web/a\nweb/c d\nweb/e\nweb/f\n")
        .stderr_has("upgraded web/a\nupgraded web/e\nupgraded 2 records, 3 failed\n")
        .stderr_has("cannot open `web/b`")
        .stderr_has(
            "`web/c d` (s3://acme-secrets/prod/web/c d) is not a valid name for a version 2 record",
        )
        .stderr_has("is not in account 123456789012")
        .status(4);
    assert_eq!(aws.object(&place("web/f")).unwrap(), foreign);
    assert_eq!(stored(&aws, "a")["lazycred"], Value::Null);
}

#[test]
fn a_token_that_is_leniently_spelt_is_stored_canonically() {
    let aws = FakeAws::start();
    store(&aws, &place("db"), SECRET, 1);
    let mut record = stored(&aws, "db");
    let token = record["data"].as_str().unwrap().to_owned();
    record["data"] = format!("{} {}", &token[..20], &token[20..]).into();
    aws.put_object(&place("db"), record.to_string().as_bytes());
    let upgrade = run(&aws, "upgrade").stdout("db\n");
    upgrade.stderr("upgraded db\nupgraded 1 record\n").status(0);
    assert_eq!(stored(&aws, "db")["token"], token);
    aws.run(["get", "db"]).stdout(SECRET).status(0);
}

/// Whether the record in a folder has version 2.
fn is_upgraded(sandbox: &Sandbox) -> bool {
    let record = std::fs::read_to_string(sandbox.home().join("secrets/db")).unwrap();
    record.contains("\"lazycred\"")
}

#[test]
fn at_a_terminal_upgrade_lists_the_names_and_proceeds_only_on_yes() {
    for (answer, yes) in [
        ("y\n", true),
        ("YES\n", true),
        ("n\n", false),
        ("\n", false),
        ("\u{4}", false),
    ] {
        let sandbox = Sandbox::local();
        sandbox.put("db", SECRET);
        let (shown, status) = at_terminal(sandbox.run(["upgrade"]), answer);
        assert_eq!(status, 0, "{shown}");
        let question = shown.find("upgrade 1 record to version 2? [y/N]");
        assert!(shown.find("db\n") < question, "{shown}");
        assert_eq!(is_upgraded(&sandbox), yes, "{answer:?}: {shown}");
        let last = if yes {
            "upgraded db\n"
        } else {
            "nothing changed\n"
        };
        assert!(shown.contains(last), "{shown}");
    }
}

#[test]
fn upgrade_asks_after_its_warning_and_only_if_there_is_something_to_upgrade() {
    let sandbox = Sandbox::local();
    sandbox.put("db", SECRET);
    let elsewhere = sandbox.run(["upgrade", "--to", "local:new"]);
    let (shown, _) = at_terminal(elsewhere, "n\n");
    let warned = shown.find("`local:new` is neither `key_alias` nor in `keys`");
    assert!(warned.is_some() && warned < shown.find("[y/N]"), "{shown}");
    let (shown, status) = at_terminal(sandbox.run(["upgrade", "--yes"]), "");
    assert_eq!(status, 0, "{shown}");
    assert!(is_upgraded(&sandbox) && !shown.contains("[y/N]"), "{shown}");
    let (shown, status) = at_terminal(sandbox.run(["upgrade"]), "");
    assert_eq!(status, 0, "{shown}");
    assert!(!shown.contains("[y/N]"), "{shown}");
}
