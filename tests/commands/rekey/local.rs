//! `rekey` in a folder, from one local wrapping key to another.

use std::fs::File;

use super::{SECRET, not_configured};
use crate::support::harness::record;
use crate::support::{Sandbox, Screen, at_terminal};

/// A folder store with secrets in both versions, and a second wrapping key.
fn folder() -> Sandbox {
    let sandbox = Sandbox::local();
    sandbox.put("db", SECRET);
    sandbox.write(
        "two.json",
        r#"{"s3_path": "file:secrets/", "key_alias": "local:dev", "format": 2}"#,
    );
    let two = ["--quiet", "--config", "two.json", "put", "web"];
    sandbox.run(two).stdin(SECRET).ok();
    let file = ".local/share/lazycred/new.key";
    sandbox.write(file, record::local_wrapping_key());
    sandbox
}

#[test]
fn nothing_is_stored_where_wrapping_fails() {
    let sandbox = folder();
    let stored = || ["db", "web"].map(|name| sandbox.read(format!("secrets/{name}")));
    let before = stored();
    sandbox.run("rekey --to local:gone").fails(2);
    for name in ["db", "web", "new"] {
        let put = sandbox.run(["put", name, "--key-alias", "local:gone"]);
        put.stdin("two").fails(2);
    }
    assert_eq!(stored(), before);
    sandbox.run("get new").fails(3);
}

#[test]
fn a_local_wrapping_key_is_exchanged_as_well() {
    let sandbox = folder();
    let file = sandbox.home().join(".lazycred");
    let end = format!(
        "2 records are under `local:new` now: set \"key_alias\": \"local:new\" in `{}`\n",
        file.display()
    );
    sandbox
        .run(["rekey", "--to", "local:new"])
        .stderr(&format!(
            "rekeyed db\n{}rekeyed web\nrekeyed 2 records\n{end}",
            not_configured("local:new")
        ))
        .ok();
    let again = sandbox.run(["rekey", "--to", "local:new"]);
    again
        .stderr(&format!(
            "{}rekeyed 0 records, 2 already up to date\n{end}",
            not_configured("local:new")
        ))
        .ok();
    for name in ["db", "web"] {
        let get = |alias| sandbox.run(["get", name, "--key-alias", alias]);
        get("local:new").stdout(SECRET).ok();
        get("local:dev").fails(4);
    }
    sandbox
        .run(["rekey", "--from", "local:new"])
        .stderr("rekeyed db\nrekeyed web\nrekeyed 2 records\n")
        .ok();
    sandbox.run(["get", "web"]).stdout(SECRET).ok();
}

#[test]
fn a_terminal_shows_progress_and_wipes_it_at_the_end() {
    let sandbox = folder();
    let lock = sandbox.home().join("secrets/.lazycred/lock");
    let lock = File::options().write(true).open(lock).unwrap();
    lock.lock().unwrap();
    let run = sandbox.run(["rekey", "--to", "local:new"]);
    let mut screen = Screen::start(24, 60, run);
    screen.shows("0/2 [");
    drop(lock);
    assert_eq!(screen.ends(), 0);
    let shown = screen.unwrapped();
    // Each message is on a line of its own, and nothing is left at the end.
    let lines: Vec<&str> = shown.lines().collect();
    for line in ["rekeyed db", "rekeyed web", "rekeyed 2 records"] {
        assert!(lines.contains(&line), "{shown}");
    }
    assert!(!shown.contains("/2 ["), "{shown}");
    let last = lines.last().unwrap();
    assert!(
        last.starts_with("2 records are under `local:new` now: "),
        "{shown}"
    );
    let quiet = sandbox.run(["--quiet", "rekey", "--from", "local:new"]);
    assert_eq!(at_terminal(quiet, ""), (String::new(), 0));
}
