//! Where standard output is a terminal, what is listed is a table that fits it.

mod narrow;
mod piped;
mod tables;

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::{Sandbox, Screen};

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// Makes a record look as if it had been stored so long ago, and half a minute.
fn stored(sandbox: &Sandbox, name: &str, seconds: u64) {
    let time = SystemTime::now() - Duration::from_secs(seconds + 30);
    let record = sandbox.work().join("secrets").join(name);
    set_time(&record, time);
}

fn set_time(file: &Path, time: SystemTime) {
    File::open(file).unwrap().set_modified(time).unwrap();
}

/// The versions of a secret, newest first.
fn versions(sandbox: &Sandbox, name: &str) -> Vec<String> {
    let history = sandbox.run(["history", name, "--json"]).gives().text();
    let history: Vec<Value> = serde_json::from_str(&history).unwrap();
    let versions = history.iter().map(|version| version["version"].as_str());
    versions
        .map(|version| version.unwrap().to_owned())
        .collect()
}

/// What a terminal of this width shows of a command, with its colours.
#[track_caller]
fn marked(sandbox: &Sandbox, columns: u16, command: &str) -> String {
    let mut screen = Screen::start(24, columns, sandbox.run(command));
    assert_eq!(screen.ends(), 0, "{}", screen.text());
    screen.marked()
}

/// The same without colours.
#[track_caller]
fn shown(sandbox: &Sandbox, columns: u16, command: &str) -> String {
    let (text, status) = Screen::of(24, columns, sandbox.run(command));
    assert_eq!(status, 0, "{text}");
    text
}
