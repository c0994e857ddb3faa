//! A root folder with two static programs, in a process namespace of its own.
//!
//! Needs `unshare`, and as another user than root that namespaces are allowed.
//! The network is the host's.

use std::fs;
use std::path::Path;

use nix::unistd::geteuid;
use tempfile::TempDir;

use super::CONTAINER;
use super::build::{Binaries, binaries};
use crate::support::harness::Arguments;
use crate::support::local_store::{DATA_HOME, RECORDS};
use crate::support::{Run, Sandbox, full, local_store};

/// Gives a command its own process namespace, `/proc` and root.
const UNSHARE: &str = "unshare";

/// `/lazycred-exec` and `/lazycred`, `/server`, and a store in `/secrets` and `/data`.
pub struct Root {
    folder: TempDir,
    sandbox: Sandbox,
}

impl Root {
    /// A fresh one, or `None` after [`full::or_skip`].
    #[track_caller]
    pub fn new() -> Option<Self> {
        let root = Self::filled(binaries()?);
        let tried = root.run(["/server", "exit", "0"]).command().output();
        let reason = match tried {
            Ok(output) if output.status.success() => return Some(root),
            Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            Err(error) => error.to_string(),
        };
        full::or_skip(CONTAINER, &format!("{UNSHARE}: {reason}"));
        None
    }

    fn filled(binaries: &Binaries) -> Self {
        let sandbox = local_store::filled_by(&binaries.lazycred);
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let root = folder.path();
        // A copy that is still open for writing in a fork of ours could not be run.
        fs::hard_link(&binaries.lazycred, root.join("lazycred")).unwrap();
        fs::hard_link(&binaries.lazycred, root.join("lazycred-exec")).unwrap();
        fs::hard_link(&binaries.probe, root.join("server")).unwrap();
        fs::create_dir(root.join("proc")).unwrap();
        let keys = sandbox.home().join(DATA_HOME).join("lazycred");
        copy(&sandbox.home().join(RECORDS), &root.join("secrets"));
        copy(&keys, &root.join("data/lazycred"));
        Self { folder, sandbox }
    }

    /// The folder that is its root.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The same with a folder of the host at a place of the root, with these options.
    pub fn run_with(
        &self,
        folder: &Path,
        place: &str,
        options: &str,
        words: impl Arguments,
    ) -> Run {
        const SCRIPT: &str = r#"root=$0 at=$0/$2
            mkdir -p "$at" "$root/proc"
            mount --bind "$1" "$at"
            mount -o "remount,bind,$3" "$at"
            mount -t proc proc "$root/proc"
            shift 3
            exec /usr/sbin/chroot "$root" "$@""#;
        let mut args = "--mount --pid --fork --kill-child".list();
        if !geteuid().is_root() {
            args.extend("--user --map-root-user".list());
        }
        args.extend("-- /bin/sh -ec".list());
        args.extend([SCRIPT.into(), self.folder.path().into(), folder.into()]);
        args.extend([place.into(), options.into()]);
        args.extend(words.list());
        self.sandbox.run(args).program(UNSHARE)
    }

    /// One run of `words` as the first process there.
    pub fn run(&self, words: impl Arguments) -> Run {
        let root = format!("--root={}", self.folder.path().display());
        let mut args = "--pid --fork --kill-child --mount-proc".list();
        args.push(root.into());
        if !geteuid().is_root() {
            args.extend("--user --map-root-user".list());
        }
        args.push("--".into());
        args.extend(words.list());
        self.sandbox.run(args).program(UNSHARE)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
