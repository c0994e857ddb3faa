//! Very many starts, one after another: every one of them starts its command.
//!
//! How long they took is told, not asserted. `LAZYCRED_TEST_PROGRAM=FILE` starts
//! that program, such as a release, instead of the one that the tests have built.

use std::env;
use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{FakeAws, PROGRAM, Run, Sandbox, full, place, store};

const SECRET: &str = "hunter2-of-the-soak";

/// Starts it once; how long that took until the command has ended.
fn start(command: &mut Command) -> Duration {
    let before = Instant::now();
    let output = command.output().unwrap();
    let took = before.elapsed();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {stderr}", output.status);
    assert_eq!(output.stdout, format!("{SECRET}\n").into_bytes());
    assert_eq!(stderr, "");
    took
}

#[test]
fn each_of_many_starts_runs_its_command_with_its_secret() {
    let wanted = full::many(200, 10_000);
    let program = env::var_os("LAZYCRED_TEST_PROGRAM").unwrap_or(OsString::from(PROGRAM));
    let aws = FakeAws::start();
    store(&aws, &place("db"), format!(r#"{{"token": "{SECRET}"}}"#), 2);
    let local = Sandbox::local();
    local.put("db", format!(r#"{{"token": "{SECRET}"}}"#));
    let begun = AtomicUsize::new(0);
    // As many at a time as this machine has processors, each from S3 and KMS but every tenth.
    let worker = || {
        let words = "exec db -- printenv TOKEN";
        let mut runs = [aws.run(words), local.run(words)].map(|run| run.program(&program));
        let mut commands = runs.each_mut().map(Run::command);
        for command in &mut commands {
            command.stdin(Stdio::null());
        }
        let mut took = Vec::new();
        loop {
            let nth = begun.fetch_add(1, Ordering::Relaxed);
            if nth >= wanted {
                return took;
            }
            took.push(start(&mut commands[usize::from(nth % 10 == 9)]));
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let mut took: Vec<Duration> = thread::scope(|scope| {
        let started: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        let ended = started.into_iter().map(|worker| worker.join().unwrap());
        ended.flatten().collect()
    });
    took.sort_unstable();
    let starts = took.len();
    assert_eq!(starts, wanted);
    // Neither more requests than are needed, nor fewer.
    let from_aws = wanted - wanted / 10;
    for operation in ["GetObject", "Decrypt"] {
        let asked = aws.operations();
        let asked = asked.iter().filter(|asked| *asked == operation).count();
        assert_eq!(asked, from_aws, "{operation}");
    }
    let at = |percent: usize| took[(starts * percent).div_ceil(100) - 1].as_secs_f64() * 1e3;
    let (p50, p99, most) = (at(50), at(99), at(100));
    full::figure(&format!(
        "{starts} starts, 0 failures: p50 {p50:.1} ms, p99 {p99:.1} ms, longest {most:.1} ms, \
         {workers} at a time"
    ));
}
