//! A store before the kill, and what must be true of it after.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::{EDITED, Killed, Work};
use crate::support::files::files_below;
use crate::support::harness::{leak, record};
use crate::support::{ACCOUNT, ALIAS, FakeAws, REGION, Run, S3_PATH, Sandbox, harness, temporary};

/// A store with its secrets, a folder for temporary files, and one in memory.
pub struct Scene<'a> {
    work: &'a Work,
    sandbox: Sandbox,
    memory: TempDir,
    /// The wrapping key that is configured, and the one that `rekey` goes to.
    wrapping_keys: [&'static str; 2],
    args: Vec<String>,
}

impl Killed for Scene<'_> {
    fn run(&self, program: &[&str]) -> Run {
        run(&self.sandbox, program, &self.args).stdin(self.work.stdin)
    }

    /// What is stored is one stage of the work, nothing of it is on a disk in
    /// plain, and the same command again comes to the last stage.
    #[track_caller]
    fn is_whole(&self, killed: &str, _: Option<&str>) {
        let stage = self.stage(killed);
        self.has_no_plaintext(killed);
        let outcome = self.run(&[]).env("AWS_MAX_ATTEMPTS", "9").outcome();
        let is_last = stage + 1 == self.work.stages.len();
        let may_be = outcome.status == 0 || is_last && outcome.status == self.work.again;
        assert!(may_be, "{killed}: {outcome:?}");
        assert_eq!(self.stage(killed) + 1, self.work.stages.len(), "{killed}");
        self.has_no_plaintext(killed);
        self.has_nothing_left(killed);
    }
}

/// A command, by itself or as the arguments of another.
pub fn run(sandbox: &Sandbox, program: &[&str], args: &[String]) -> Run {
    let words = program.iter().map(|word| (*word).to_owned());
    let words: Vec<String> = words.chain(args.iter().cloned()).collect();
    match words.split_first() {
        Some((first, rest)) if !program.is_empty() => sandbox.run(rest).program(first),
        _ => sandbox.run(&words),
    }
}

impl<'a> Scene<'a> {
    pub fn folder(work: &'a Work, format: u8) -> Self {
        let sandbox = Sandbox::local();
        let file = record::local_wrapping_key();
        sandbox.write(".local/share/lazycred/next.key", file);
        let config = format!(
            r#"{{"s3_path": "file:secrets/", "key_alias": "local:dev", "format": {format}}}"#
        );
        sandbox.write(".lazycred", config);
        for (name, secret) in work.before {
            sandbox.put(name, secret);
        }
        Self::new(work, sandbox, ["local:dev", "local:next"])
    }

    pub fn aws(work: &'a Work, format: u8, aws: &FakeAws) -> Self {
        aws.versioning(true);
        aws.wrapping_key("next", ACCOUNT, REGION);
        for (name, secret) in work.before {
            harness::store(aws, &harness::place(name), secret, format);
        }
        let sandbox = Sandbox::aws(&aws.url(), S3_PATH, ALIAS);
        Self::new(work, sandbox, [ALIAS, "next"])
    }

    fn new(work: &'a Work, mut sandbox: Sandbox, wrapping_keys: [&'static str; 2]) -> Self {
        // Only `edit` needs it to be one in memory.
        let memory = temporary::in_memory().unwrap_or_else(|_| temporary::folder());
        // What is in memory is no plaintext on a disk.
        let editor = memory.path().join("editor");
        fs::write(&editor, format!("#!/bin/sh\nprintf '{EDITED}' >\"$1\"\n")).unwrap();
        fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
        let temporary = sandbox.home().join("tmp");
        fs::create_dir(&temporary).unwrap();
        sandbox.set("EDITOR", editor);
        sandbox.set("TMPDIR", temporary);
        sandbox.set("XDG_RUNTIME_DIR", memory.path());
        let mut scene = Self {
            work,
            sandbox,
            memory,
            wrapping_keys,
            args: Vec::new(),
        };
        let arg = |arg: &&str| match *arg {
            "NEXT" => scene.wrapping_keys[1].to_owned(),
            "OLDEST" => scene.oldest(),
            other => other.to_owned(),
        };
        scene.args = work.args.iter().map(arg).collect();
        scene
    }

    /// The number of the stage that can be read.
    #[track_caller]
    pub fn stage(&self, killed: &str) -> usize {
        let list = self.sandbox.run(["list"]).env("AWS_MAX_ATTEMPTS", "9");
        let list = list.any_stdout().any_stderr().ok();
        let read = |name: String| (self.read(&name, killed), name);
        let there: Vec<_> = list.lines().into_iter().map(read).collect();
        let there: Vec<(&str, &str)> = there
            .iter()
            .map(|(secret, name)| (&**name, &**secret))
            .collect();
        let stages = self.work.stages;
        let found = stages.iter().position(|stage| *stage == there);
        found.unwrap_or_else(|| panic!("{killed}: no stage is {there:?}"))
    }

    /// A secret, under whichever of the two wrapping keys it is.
    #[track_caller]
    fn read(&self, name: &str, killed: &str) -> String {
        let mut said = Vec::new();
        for alias in self.wrapping_keys {
            let get = self.sandbox.run(["get", name, "--key-alias", alias]);
            let outcome = get.env("AWS_MAX_ATTEMPTS", "9").outcome();
            if outcome.status == 0 {
                return outcome.text();
            }
            said.push(outcome);
        }
        panic!("{killed}: {name}: {said:?}");
    }

    /// The first version of `db`.
    fn oldest(&self) -> String {
        let told = self.sandbox.run(["history", "db"]).gives().lines();
        let last = told.last().and_then(|line| line.split('\t').next());
        last.unwrap().to_owned()
    }

    #[track_caller]
    fn has_no_plaintext(&self, killed: &str) {
        let stages = self.work.stages.iter().copied().flatten();
        let secrets = stages.map(|(_, secret)| *secret);
        for secret in secrets.chain([EDITED]) {
            // The value itself: the secret may be cut or spelt otherwise.
            let value = secret.split('"').nth(3).unwrap().as_bytes();
            for path in files_below(self.sandbox.home()) {
                let found = leak::find(&fs::read(&path).unwrap(), value);
                assert_eq!(found, None, "{killed}: {}", path.display());
            }
        }
    }

    /// No temporary file, and no folder of an edit but those that are kept.
    #[track_caller]
    fn has_nothing_left(&self, killed: &str) {
        for path in files_below(self.sandbox.home()) {
            let name = path.file_name().unwrap().to_string_lossy();
            assert!(!name.starts_with("new-"), "{killed}: {}", path.display());
        }
        let temporary = self.sandbox.home().join("tmp");
        assert_eq!(fs::read_dir(temporary).unwrap().count(), 0, "{killed}");
        for entry in fs::read_dir(self.memory.path()).unwrap() {
            let name = entry.unwrap().file_name();
            let name = name.to_string_lossy();
            let known = name == "editor" || name.starts_with("lazycred-kept-");
            assert!(known, "{killed}: {name}");
        }
    }
}
