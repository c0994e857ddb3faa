//! All or nothing: failures, signals, full disks and others who install there too.

use std::fs;
use std::path::{Path, PathBuf};

use super::{has, names, small};
use crate::support::kills::{self, Killed};
use crate::support::{Run, Sandbox, full};

const STRACE: &str = "/usr/bin/strace";

/// The calls that change something.
const CALLS: [&str; 7] = [
    "?mkdir,mkdirat",
    "?fchmod,fchmod",
    "write",
    "fsync",
    "linkat",
    "symlinkat",
    "?renameat,renameat2",
];

fn has_strace() -> bool {
    let there = Path::new(STRACE).exists();
    if !there {
        full::skip("signals and failures amid install", "there is no strace");
    }
    there
}

/// A folder for each of the three: nothing there, an old program, a missing folder.
fn scene(old: Option<&str>) -> (Sandbox, PathBuf) {
    let sandbox = Sandbox::new();
    let out = sandbox.home().join("new/out");
    if let Some(old) = old {
        for name in ["lazycred", "lazycred-exec"] {
            sandbox.write(Path::new("new/out").join(name), old);
        }
    }
    (sandbox, out)
}

/// Runs `install` with calls that fail or bring a signal.
#[track_caller]
fn traced(sandbox: &Sandbox, inject: &[String]) -> i32 {
    let mut args: Vec<&str> = vec!["-f", "-qq", "-o", "/dev/null"];
    for inject in inject {
        args.extend(["-e", inject]);
    }
    args.extend([small().to_str().unwrap(), "install", "new/out"]);
    sandbox.run(args).program(STRACE).outcome().status
}

/// Panics unless everything is as it was, or all is new; says which.
#[track_caller]
fn is_new(sandbox: &Sandbox, out: &Path, old: Option<&str>, about: &str) -> bool {
    let link = out.join("lazycred-exec").symlink_metadata();
    if link.is_ok_and(|about| about.is_symlink()) {
        has(out, small());
        return true;
    }
    match old {
        None => assert!(names(sandbox.home()).is_empty(), "{about}"),
        Some(old) => {
            assert_eq!(names(out), ["lazycred", "lazycred-exec"], "{about}");
            for name in names(out) {
                let now = fs::read(out.join(name)).unwrap();
                assert!(now == old.as_bytes(), "{about}");
            }
        }
    }
    false
}

#[test]
fn if_any_step_fails_everything_is_as_it_was() {
    if !has_strace() {
        return;
    }
    for old in [None, Some("old")] {
        for call in CALLS {
            for when in 1..=3 {
                let (sandbox, out) = scene(old);
                let inject = [
                    format!("trace={call}"),
                    format!("inject={call}:error=ENOSPC:when={when}"),
                ];
                let status = traced(&sandbox, &inject);
                let about = format!("{call} {when} {status}");
                let new = is_new(&sandbox, &out, old, &about);
                // What failed may have another way, or not have been called.
                assert_eq!(status == 0, new, "{about}");
                assert!(status == 0 || status == 1, "{about}");
            }
        }
    }
}

#[test]
fn a_signal_at_any_step_leaves_everything_as_it_was() {
    if !has_strace() {
        return;
    }
    for old in [None, Some("old")] {
        for call in CALLS {
            for (signal, number, when) in [("TERM", 15, 1), ("INT", 2, 2)] {
                let (sandbox, out) = scene(old);
                let inject = [
                    format!("trace={call}"),
                    format!("inject={call}:signal={signal}:when={when}"),
                ];
                let status = traced(&sandbox, &inject);
                let about = format!("{call} {signal} {when} {status}");
                let new = is_new(&sandbox, &out, old, &about);
                assert_eq!(status, if new { 0 } else { 128 + number }, "{about}");
            }
        }
    }
}

#[test]
fn it_works_where_neither_unnamed_files_nor_hard_links_are_possible() {
    if !has_strace() {
        return;
    }
    for old in [None, Some("old")] {
        let (sandbox, out) = scene(old);
        let inject = ["trace=linkat".into(), "inject=linkat:error=EPERM".into()];
        assert_eq!(traced(&sandbox, &inject), 0);
        has(&out, small());
        // And puts back what was there.
        for when in 1..=4 {
            let (sandbox, out) = scene(old);
            let renames = "?renameat,renameat2";
            let inject = [
                format!("trace=linkat,{renames}"),
                "inject=linkat:error=EPERM".to_owned(),
                format!("inject={renames}:signal=TERM:when={when}"),
            ];
            let status = traced(&sandbox, &inject);
            let new = is_new(&sandbox, &out, old, &format!("{when} {status}"));
            assert_eq!(status, if new { 0 } else { 143 });
        }
    }
}

/// An installation that is killed, and what was there before.
struct Killable {
    sandbox: Sandbox,
    out: PathBuf,
    old: Option<&'static str>,
}

impl Killed for Killable {
    fn program(&self) -> String {
        small().to_str().unwrap().to_owned()
    }

    fn run(&self, program: &[&str]) -> Run {
        let own = self.program();
        let words = match program {
            [] => &[&*own],
            program => program,
        };
        let args = [&words[1..], &["install", "new/out", "--quiet"]].concat();
        self.sandbox.run(args).program(words[0])
    }

    #[track_caller]
    fn is_whole(&self, killed: &str, _: Option<&str>) {
        let old = self.old.map(str::as_bytes);
        let now = fs::read(self.out.join("lazycred")).ok();
        let is_whole = now.as_deref() == old || now == fs::read(small()).ok();
        assert!(is_whole, "{killed}");
        let link = self.out.join("lazycred-exec");
        let is_new = fs::read_link(&link).is_ok_and(|to| to == Path::new("lazycred"));
        assert!(is_new || fs::read(&link).ok().as_deref() == old, "{killed}");
        // The next one finds nothing in its way, and leaves nothing of this one.
        self.run(&[]).ok();
        has(&self.out, small());
    }
}

#[test]
fn one_that_is_killed_leaves_an_old_program_whole_or_the_new_one_and_the_next_clears_up() {
    for (old, least) in [(None, 12), (Some("old"), 16)] {
        let points = kills::kill_at_each_call(&format!("install over {old:?}"), || {
            let (sandbox, out) = scene(old);
            Killable { sandbox, out, old }
        });
        assert!(points >= least, "{points}");
    }
}

#[test]
fn what_is_not_left_by_an_installation_and_what_one_at_work_has_is_not_cleared_up() {
    let (sandbox, out) = scene(Some("old"));
    let others = [
        ".lazycred-0123456789abcdef",
        ".lazycred-install-0123456789abcde",
        ".lazycred-install-0123456789abcdefg",
        ".lazycred-install-0123456789abcdeg",
    ];
    let leftover = ".lazycred-install-0123456789abcdef";
    for name in others.into_iter().chain([leftover]) {
        sandbox.write(out.join(name), "");
    }
    let install = || sandbox.run("install new/out --quiet").program(small()).ok();
    let at_work = fs::File::open(&out).unwrap();
    at_work.lock_shared().unwrap();
    install();
    assert!(out.join(leftover).exists());
    drop(at_work);
    install();
    assert!(!out.join(leftover).exists());
    assert!(others.iter().all(|name| out.join(name).exists()));
}

#[test]
fn an_old_program_is_never_missing_even_where_it_cannot_be_linked() {
    if !has_strace() {
        return;
    }
    for when in 1..=4 {
        let (sandbox, out) = scene(Some("old"));
        let renames = "?renameat,renameat2";
        let inject = [
            format!("trace=linkat,{renames}"),
            "inject=linkat:error=EPERM".to_owned(),
            format!("inject={renames}:signal=KILL:when={when}"),
        ];
        traced(&sandbox, &inject);
        let now = fs::read(out.join("lazycred")).unwrap();
        assert!(now == b"old" || now == fs::read(small()).unwrap(), "{when}");
    }
}

#[test]
fn many_at_once_leave_one_whole_program() {
    for old in [None, Some("old")] {
        let (sandbox, out) = scene(old);
        let install = || sandbox.run("install new/out --quiet").program(small());
        let start = |_| install().spawn();
        let running: Vec<_> = (0..6).map(start).collect();
        for one in running {
            one.status(0);
        }
        has(&out, small());
    }
}

#[test]
fn a_folder_that_was_made_stays_only_if_somebody_uses_it() {
    if !has_strace() {
        return;
    }
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.home().join("new")).unwrap();
    let inject = [
        "trace=symlinkat".into(),
        "inject=symlinkat:error=ENOSPC".into(),
    ];
    assert_eq!(traced(&sandbox, &inject), 1);
    assert_eq!(names(&sandbox.home().join("new")), [""; 0]);
    assert_eq!(names(sandbox.home()), ["new"]);
}
