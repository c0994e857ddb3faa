//! `history`: every version and removal.

use crate::support::versions::{get, put, versioned};
use crate::support::{FakeAws, place};
use serde_json::{Value, json};
use std::fmt::Write as _;

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
    aws.run(["history", "s"]).stdout(lines).status(0);
    let outcome = aws.run(["history", "s", "--json"]).any_stdout().status(0);
    let told: Value = serde_json::from_str(&outcome.text()).unwrap();
    assert_eq!(told, Value::from(expected));
    assert_eq!(outcome.operations(), ["ListObjectVersions"]);
    aws.refuses("history nope", 3, "no secret named `nope`");
}

#[test]
fn without_versioning_history_gives_the_current_records_etag() {
    let aws = FakeAws::start();
    put(&aws, "s", "one");
    let history = || {
        let outcome = aws.run(["history", "s", "--json"]).any_stdout().status(0);
        let told: Value = serde_json::from_str(&outcome.text()).unwrap();
        assert_eq!(told.as_array().unwrap().len(), 1);
        told[0]["version"].as_str().unwrap().to_owned()
    };
    let etag = history();
    let kept = aws.versions(&place("s"));
    assert_eq!(etag, kept[0].etag.trim_matches('"'));
    aws.prints(&["get", "s", "--version", &etag], "one");
    aws.run(&["rollback", "s", "--to", &etag])
        .stderr_has("rolled back s")
        .status(0);
    assert_ne!(history(), etag);
    aws.refuses(&["rollback", "s", "--to", &etag], 3, "no version `");
    get(&aws, "s", "one");
}
