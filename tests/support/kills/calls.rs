//! Killed before each call that changes a file: by strace, which delivers the
//! signal as the call is entered. Where there is none, at points of time.

use std::collections::HashMap;
use std::fs;
use std::thread;
use std::time::Instant;

use nix::sys::signal::Signal;

use super::Killed;
use crate::support::{full, temporary};

const STRACE: &str = "/usr/bin/strace";

/// All calls after which something on a disk may be otherwise, whether this program makes
/// them or not; those with `?` are not on every processor.
const CALLS: &str = "?open,openat,?openat2,?creat,?mkdir,mkdirat,?mknod,mknodat,write,writev,\
    pwrite64,pwritev,?pwritev2,sendfile,?copy_file_range,?splice,truncate,ftruncate,fallocate,\
    fsync,fdatasync,?sync_file_range,syncfs,flock,?chmod,fchmod,fchmodat,?fchmodat2,?chown,\
    ?lchown,fchown,fchownat,?utime,?utimes,?futimesat,utimensat,setxattr,lsetxattr,fsetxattr,\
    removexattr,?link,linkat,?symlink,symlinkat,?rename,?renameat,renameat2,?unlink,unlinkat,\
    ?rmdir";

/// At so many points of time.
const TIMES: u32 = 30;

/// So many calls, evenly spread, CI takes at least.
const SPREAD: usize = 32;

/// Those after which another file is there, or none: CI takes each of them.
const DECISIVE: [&str; 3] = ["rename", "link", "unlink"];

/// Kills the command at its calls; at how many points that is.
#[track_caller]
pub fn kill_at_each<K: Killed>(about: &str, make: &impl Fn() -> K) -> usize {
    let Some(calls) = calls(make) else {
        return kill_by_time(about, make);
    };
    let step = full::many(calls.len().div_ceil(SPREAD), 1).max(1);
    let mut points = 0;
    for (at, (call, nth)) in calls.iter().enumerate() {
        if at % step != 0 && !DECISIVE.iter().any(|decisive| call.starts_with(decisive)) {
            continue;
        }
        points += 1;
        let killed = format!("{about}: {call} {nth}");
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
        let scene = make();
        let program = scene.program();
        let outcome = scene.run(&[&strace[..], &[&program]].concat()).outcome();
        assert_eq!(outcome.status, 137, "{killed}: {outcome:?}");
        scene.is_whole(&killed, Some(call));
    }
    points
}

/// The calls of a run that is not killed, but those that open a file only to read it:
/// each by its name, and how many of that name it is. `None` where nothing can be traced.
#[track_caller]
fn calls<K: Killed>(make: &impl Fn() -> K) -> Option<Vec<(String, usize)>> {
    let folder = temporary::folder();
    let log = folder.path().join("log");
    let path = log.to_str().unwrap();
    let trace = format!("trace={CALLS}");
    if !fs::exists(STRACE).unwrap() {
        full::or_skip("strace", "it is not installed, so kills are by time");
        return None;
    }
    let scene = make();
    let program = scene.program();
    let strace = [STRACE, "-qq", "-o", path, "-e", &trace, &program];
    let outcome = scene.run(&strace).outcome();
    let log = fs::read_to_string(path).unwrap();
    if outcome.stderr.contains("ptrace") && log.is_empty() {
        full::or_skip("strace", "nothing may be traced here, so kills are by time");
        return None;
    }
    assert_eq!(outcome.status, 0, "{outcome:?}");
    let mut counts = HashMap::new();
    let mut calls = Vec::new();
    for line in log.lines() {
        let Some((call, about)) = line.split_once('(') else {
            continue;
        };
        let count = counts.entry(call).or_insert(0_usize);
        *count += 1;
        let changes = !call.starts_with("open")
            || ["O_CREAT", "O_TRUNC", "O_TMPFILE"]
                .iter()
                .any(|flag| about.contains(flag));
        if changes {
            calls.push((call.to_owned(), *count));
        }
    }
    Some(calls)
}

#[track_caller]
fn kill_by_time<K: Killed>(about: &str, make: &impl Fn() -> K) -> usize {
    let scene = make();
    let start = Instant::now();
    let whole = scene.run(&[]).outcome();
    let took = start.elapsed();
    assert_eq!(whole.status, 0, "{whole:?}");
    for time in 0..TIMES {
        let scene = make();
        let running = scene.run(&[]).spawn();
        thread::sleep(took * time / TIMES);
        running.send(Signal::SIGKILL);
        running.wait();
        scene.is_whole(&format!("{about}: at {time} of {TIMES}"), None);
    }
    usize::try_from(TIMES).unwrap()
}
