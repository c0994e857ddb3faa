//! All or nothing: failures, signals, full disks and others who install there too.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;

use super::{has, names, small};
use crate::support::{Sandbox, full};

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

#[test]
fn one_that_is_killed_leaves_an_old_program_whole_or_the_new_one() {
    for old in [None, Some("old")] {
        for step in 0..8 {
            let (sandbox, out) = scene(old);
            let running = sandbox.run("install new/out").program(small());
            let running = running.any_stderr().spawn();
            std::thread::sleep(Duration::from_millis(7 * step * step));
            running.send(Signal::SIGKILL);
            running.wait();
            let now = fs::read(out.join("lazycred")).ok();
            let is_old = now.as_deref() == old.map(str::as_bytes);
            assert!(is_old || now == fs::read(small()).ok(), "{step}");
            // The next one finds nothing in its way.
            let next = sandbox.run("install new/out --quiet");
            next.program(small()).ok();
            let left = names(&out);
            let ours = left
                .iter()
                .filter(|name| !name.to_string_lossy().starts_with(".lazycred-"));
            assert_eq!(ours.collect::<Vec<_>>(), ["lazycred", "lazycred-exec"]);
        }
    }
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
