//! Killed before each call that touches a file: by strace, which delivers the
//! signal as the call is entered. Where there is none, at points of time.

use std::collections::HashMap;
use std::fs;
use std::thread;
use std::time::Instant;

use nix::sys::signal::Signal;

use super::{Scene, Work};
use crate::support::{PROGRAM, full, temporary};

const STRACE: &str = "/usr/bin/strace";

/// The calls after which something on a disk may be otherwise.
const CALLS: &str = "?open,openat,?mkdir,mkdirat,write,fsync,flock,utimensat,?link,linkat,?rename,\
    renameat,renameat2,?unlink,unlinkat,?rmdir";

/// At so many points of time.
const TIMES: u32 = 30;

/// Kills the command at each of its calls, in a folder.
#[track_caller]
pub fn kill_at_each(work: &Work, format: u8) {
    let Some(calls) = calls(work, format) else {
        return kill_by_time(work, format);
    };
    assert!(calls.len() >= 8, "{calls:?}");
    for (call, nth) in calls {
        let killed = format!("{:?} {format}: {call} {nth}", work.args);
        let trace = format!("trace={call}");
        let inject = format!("inject={call}:signal=SIGKILL:when={nth}");
        let strace = [
            STRACE,
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            &trace,
            "-e",
            &inject,
        ];
        let scene = Scene::folder(work, format);
        let outcome = scene.run(&[&strace[..], &[PROGRAM]].concat()).outcome();
        assert_eq!(outcome.status, 137, "{killed}: {outcome:?}");
        scene.is_whole(&killed);
    }
}

/// The calls of a run that is not killed, from its first look at the store on,
/// but those that open a file only to read it: each by its name, and how many of that name it is. `None` where nothing can
/// be traced.
#[track_caller]
fn calls(work: &Work, format: u8) -> Option<Vec<(String, usize)>> {
    let folder = temporary::folder();
    let log = folder.path().join("log");
    let path = log.to_str().unwrap();
    let trace = format!("trace={CALLS}");
    let strace = [STRACE, "-qq", "-o", path, "-e", &trace, PROGRAM];
    if !fs::exists(STRACE).unwrap() {
        full::skip("strace", "it is not installed, so kills are by time");
        return None;
    }
    let scene = Scene::folder(work, format);
    let outcome = scene.run(&strace).outcome();
    let log = fs::read_to_string(path).unwrap();
    if outcome.stderr.contains("ptrace") && log.is_empty() {
        return None;
    }
    assert_eq!(outcome.status, 0, "{outcome:?}");
    let mut counts = HashMap::new();
    let mut calls = Vec::new();
    let mut begun = false;
    for line in log.lines() {
        let Some((call, about)) = line.split_once('(') else {
            continue;
        };
        let count = counts.entry(call).or_insert(0_usize);
        *count += 1;
        begun |= about.contains("/secrets") || about.contains("lazycred-edit-");
        let changes = !call.starts_with("open")
            || ["O_CREAT", "O_TRUNC", "O_TMPFILE"]
                .iter()
                .any(|flag| about.contains(flag));
        if begun && changes {
            calls.push((call.to_owned(), *count));
        }
    }
    Some(calls)
}

#[track_caller]
fn kill_by_time(work: &Work, format: u8) {
    let scene = Scene::folder(work, format);
    let start = Instant::now();
    let whole = scene.run(&[]).outcome();
    let took = start.elapsed();
    assert_eq!(whole.status, 0, "{whole:?}");
    for time in 0..TIMES {
        let scene = Scene::folder(work, format);
        let running = scene.start();
        thread::sleep(took * time / TIMES);
        running.send(Signal::SIGKILL);
        running.wait();
        scene.is_whole(&format!("{:?} {format}: at {time} of {TIMES}", work.args));
    }
}
