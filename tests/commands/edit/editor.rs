//! `edit`: the secret stays in memory, and no typed text is lost.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::support::{ALIAS, FakeAws, Fault, Outcome, Run, Sandbox, harness, temporary};

const PLACE: &str = "acme-secrets/prod/db";

/// A home, and a session's folder in memory.
pub struct Desk {
    pub sandbox: Sandbox,
    pub memory: TempDir,
}

impl Desk {
    /// `None` where there is no memory, after it was said.
    pub fn local() -> Option<Self> {
        Self::new(Sandbox::local())
    }

    /// The same, with a secret `db`.
    pub fn with_db() -> Option<Self> {
        let desk = Self::local()?;
        desk.sandbox.put("db", "before");
        Some(desk)
    }

    pub fn aws(fake: &FakeAws) -> Option<Self> {
        Self::new(Sandbox::aws(&fake.url(), harness::S3_PATH, ALIAS))
    }

    fn new(mut sandbox: Sandbox) -> Option<Self> {
        let memory = temporary::in_memory_or_skip()?;
        sandbox.set("XDG_RUNTIME_DIR", memory.path());
        Some(Self { sandbox, memory })
    }

    /// An editor that runs this, with the file as `$1`.
    pub fn editor(&self, name: &str, script: &str) -> PathBuf {
        self.sandbox.program(name, format!("#!/bin/sh\n{script}\n"))
    }

    /// Edits `db` by a script.
    pub fn edit(&self, script: &str, more: &[&str]) -> Run {
        let editor = self.editor("ed", script);
        let args = [&["edit", "db"], more].concat();
        self.sandbox.run(args).env("EDITOR", editor)
    }

    #[track_caller]
    fn saves(&self, script: &str, more: &[&str]) {
        self.edit(script, more).stderr_has("saved db").ok();
    }

    /// The files below the session's folder, a line each.
    pub fn left(&self) -> Vec<String> {
        let folders = fs::read_dir(self.memory.path()).unwrap();
        let mut files = Vec::new();
        for folder in folders {
            let folder = folder.unwrap().path();
            let entries = fs::read_dir(&folder).unwrap();
            files.extend(entries.map(|entry| entry.unwrap().path().display().to_string()));
        }
        files
    }

    /// The failed edit kept this text, and its error says where.
    #[track_caller]
    fn kept(&self, outcome: &Outcome, text: &str) -> String {
        let file = self.left().pop().unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
        let said = format!("; your edit is kept in `{file}`\n");
        assert!(outcome.stderr.contains(&said), "{}", outcome.stderr);
        file
    }
}

#[test]
fn the_editor_gets_the_secret_in_a_private_file_in_memory() {
    let Some(desk) = Desk::local() else { return };
    desk.sandbox.put("db", "{\"a\": 1}\n");
    let script = "
        cat \"$1\" >seen
        stat -c %a \"$1\" \"$(dirname \"$1\")\" >>seen
        stat -f -c %T \"$1\" >>seen
        echo \"$(dirname \"$(dirname \"$1\")\")\" >>seen
        printf '{\"a\": 2}' >\"$1\"";
    desk.saves(script, &[]);
    let seen = fs::read_to_string(desk.sandbox.home().join("seen")).unwrap();
    let base = desk.memory.path().display();
    assert_eq!(seen, format!("{{\"a\": 1}}\n600\n700\ntmpfs\n{base}\n"));
    desk.sandbox.run(["get", "db"]).stdout("{\"a\": 2}").ok();
    assert_eq!(fs::read_dir(desk.memory.path()).unwrap().count(), 0);
}

#[test]
fn visual_is_asked_before_editor_and_either_may_have_arguments() {
    let Some(desk) = Desk::with_db() else { return };
    let visual = desk.editor("visual", "printf '%s' \"$1\" >\"$2\"");
    let words = format!("{} 'a b'", visual.display());
    let command = desk.edit("exit 1", &[]).env("VISUAL", &words);
    command.stderr_has("saved db").ok();
    desk.sandbox.run(["get", "db"]).stdout("a b").ok();
    let edit = desk.edit("printf editor >\"$1\"", &[]).env("VISUAL", "");
    edit.stderr_has("saved db").ok();
    desk.sandbox.run(["get", "db"]).stdout("editor").ok();
}

#[test]
fn an_editor_that_cannot_be_started_leaves_nothing() {
    let Some(desk) = Desk::local() else { return };
    let quote = desk.sandbox.run(["edit", "db"]).env("EDITOR", "vi '");
    quote.fails(2);
    desk.sandbox
        .run(["edit", "db"])
        .env("EDITOR", "/no/such-editor")
        .stderr(
            "lazycred: error: cannot start the editor `/no/such-editor`: No such file or directory (os error 2)\n\
             lazycred: hint: set EDITOR to the command of an editor that returns when the file is closed, as in EDITOR='code --wait'\n",
        )
        .status(2);
    assert_eq!(fs::read_dir(desk.memory.path()).unwrap().count(), 0);
}

#[test]
fn a_session_folder_on_a_disk_is_passed_over() {
    let Some(desk) = Desk::with_db() else { return };
    desk.edit("echo \"$1\" >seen; printf after >\"$1\"", &[])
        .env("XDG_RUNTIME_DIR", desk.sandbox.home())
        .stderr_has("saved db")
        .ok();
    let seen = fs::read_to_string(desk.sandbox.home().join("seen")).unwrap();
    assert!(seen.starts_with("/dev/shm/lazycred-edit-"), "{seen}");
}

#[test]
fn a_name_without_a_secret_starts_empty() {
    let Some(desk) = Desk::local() else { return };
    desk.edit(":", &[]).ok();
    desk.sandbox.run(["get", "db"]).fails(3);
    desk.saves("test ! -s \"$1\" && printf new >\"$1\"", &[]);
    desk.sandbox.run(["get", "db"]).stdout("new").ok();
    assert_eq!(fs::read_dir(desk.memory.path()).unwrap().count(), 0);
}

#[test]
fn what_was_not_changed_is_not_stored() {
    let Some(desk) = Desk::with_db() else { return };
    let record = fs::read(desk.sandbox.home().join("secrets/db")).unwrap();
    desk.edit("touch \"$1\"", &[]).ok();
    let now = fs::read(desk.sandbox.home().join("secrets/db")).unwrap();
    assert_eq!(now, record);
    assert_eq!(fs::read_dir(desk.memory.path()).unwrap().count(), 0);
}

#[test]
fn an_editor_that_fails_changes_and_keeps_nothing() {
    let Some(desk) = Desk::with_db() else { return };
    for (end, how) in [
        ("exit 3", "exited with status 3"),
        ("kill -9 $$", "was killed by signal 9"),
    ] {
        desk.edit(&format!("echo after >\"$1\"; {end}"), &[])
            .stderr_has(how)
            .status(1);
        desk.sandbox.run(["get", "db"]).stdout("before").ok();
        assert_eq!(fs::read_dir(desk.memory.path()).unwrap().count(), 0);
    }
}

#[test]
fn broken_json_is_kept_for_repair_and_survives_the_next_edit() {
    let Some(desk) = Desk::local() else { return };
    desk.sandbox.put("db", "{\"a\": \"hunter2\"}");
    let broken = "{\"a\": \"hunter3\"";
    let outcome = desk
        .edit(&format!("printf '{broken}' >\"$1\""), &[])
        .stderr_has("not valid JSON at line 1, column 15")
        .status(5);
    assert!(!outcome.stderr.contains("hunter"), "{}", outcome.stderr);
    let file = desk.kept(&outcome, broken);
    desk.sandbox.prints("get db", "{\"a\": \"hunter2\"}");
    desk.saves("printf '{}' >\"$1\"", &[]);
    assert_eq!(desk.left(), [file]);
}

#[test]
fn text_may_become_anything() {
    let Some(desk) = Desk::local() else { return };
    for before in ["12345", "hunter2", "{no json"] {
        desk.sandbox.put("db", before);
        desk.saves("printf '{still none' >\"$1\"", &[]);
    }
}

#[test]
fn a_concurrent_write_is_a_conflict_and_edit_keeps_the_text() {
    let fake = FakeAws::start();
    harness::store(&fake, PLACE, "before", 1);
    harness::store(&fake, "acme-secrets/prod/other", "theirs", 1);
    let theirs = fake.object("acme-secrets/prod/other").unwrap();
    let Some(desk) = Desk::aws(&fake) else { return };
    fake.before("PutObject", move |state| {
        state.put_object(PLACE, &theirs);
    });
    let outcome = desk.edit("printf ours >\"$1\"", &[]).fails(6);
    desk.kept(&outcome, "ours");
    desk.sandbox.run(["get", "db"]).stdout("theirs").ok();
}

#[test]
fn a_write_during_the_edit_is_a_conflict_too() {
    let Some(desk) = Desk::local() else { return };
    for before in [None, Some("before")] {
        if let Some(before) = before {
            desk.sandbox.put("db", before);
        }
        let program = crate::support::PROGRAM;
        let script = format!("printf theirs | '{program}' --quiet put db; printf ours >\"$1\"");
        let outcome = desk.edit(&script, &[]).fails(6);
        let file = desk.kept(&outcome, "ours");
        desk.sandbox.run(["get", "db"]).stdout("theirs").ok();
        fs::remove_dir_all(PathBuf::from(file).parent().unwrap()).unwrap();
    }
}

#[test]
fn whatever_else_fails_after_the_editor_the_text_is_kept() {
    let denied = Fault::Error(403, "AccessDenied", "no");
    let refused = Fault::Error(400, "AccessDeniedException", "no");
    for (operation, fault, more, status) in [
        ("Encrypt", Some(refused), &[][..], 1),
        ("PutObject", Some(denied), &[], 1),
        ("PutObject", Some(Fault::Stall), &["--timeout", "2"], 1),
        ("a size", None, &["--max-size", "6"], 2),
    ] {
        let fake = FakeAws::start();
        harness::store(&fake, PLACE, "before", 1);
        let Some(desk) = Desk::aws(&fake) else { return };
        if let Some(fault) = fault {
            fake.fault(operation, fault);
        }
        let edit = desk.edit("printf 'after that' >\"$1\"", more).any_stdout();
        let outcome = edit.any_stderr().status(status);
        desk.kept(&outcome, "after that");
    }
}

#[test]
fn time_in_the_editor_does_not_count() {
    let Some(desk) = Desk::with_db() else { return };
    desk.edit("sleep 3; printf after >\"$1\"", &["--timeout", "2"])
        .stderr_has("saved db")
        .ok();
}

#[test]
fn a_record_of_version_2_stays_one() {
    let fake = FakeAws::start();
    harness::store(&fake, PLACE, "before", 2);
    let Some(desk) = Desk::aws(&fake) else { return };
    desk.saves("printf after >\"$1\"", &[]);
    let stored = fake.object(PLACE).unwrap();
    let record: serde_json::Value = serde_json::from_slice(&stored).unwrap();
    let seen = (&record["lazycred"], &record["gen"]);
    assert_eq!(seen, (&2.into(), &2.into()));
}

/// Waits until an editor has made this file.
fn wait_for(desk: &Desk, file: &str) {
    let file = desk.sandbox.home().join(file);
    while !file.exists() {
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn ctrl_c_and_ctrl_backslash_are_the_editors_affair() {
    let Some(desk) = Desk::with_db() else { return };
    let script = "
        grep SigIgn /proc/self/status >ignored
        touch ready
        while test ! -e go; do sleep 0.01; done
        printf after >\"$1\"";
    let running = desk.edit(script, &[]).spawn();
    wait_for(&desk, "ready");
    running.send(Signal::SIGINT);
    running.send(Signal::SIGQUIT);
    desk.sandbox.write("go", "");
    let outcome = running.wait();
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    let ignored = fs::read_to_string(desk.sandbox.home().join("ignored")).unwrap();
    let mask = ignored.split_whitespace().nth(1).unwrap();
    let seen = u64::from_str_radix(mask, 16).unwrap() & 0b110;
    assert_eq!(seen, 0, "{ignored}");
}

#[test]
fn the_next_edit_cleans_up_after_a_killed_one_but_not_a_running_one() {
    let Some(desk) = Desk::with_db() else { return };
    let script = "echo \"$1\" >$$.path; touch ready; exec sleep 60";
    let mut killed = desk.edit(script, &[]).spawn();
    wait_for(&desk, "ready");
    fs::remove_file(desk.sandbox.home().join("ready")).unwrap();
    let dead = desk.left();
    killed.send(Signal::SIGKILL);
    while killed.is_running() {}
    assert_eq!(desk.left(), dead);

    let living = desk.edit(script, &[]).spawn();
    wait_for(&desk, "ready");
    let alive = desk.left();
    assert!(alive.len() == 1 && alive != dead, "{alive:?}");
    desk.saves("printf after >\"$1\"", &[]);
    assert_eq!(desk.left(), alive);
    drop(living);
}
