//! A run that has not ended.

use std::fs;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::expect::{self, Ending, Stream};
use super::live::Live;
use super::{Outcome, Sandbox};
use crate::support::fake_aws::FakeAws;

/// A running program; dropping this kills it.
#[must_use = "it is killed when this is dropped"]
pub struct Running {
    /// The command line, for reports.
    pub(super) line: String,
    pub(super) live: Live,
    pub(super) sandbox: Sandbox,
    pub(super) aws: Option<FakeAws>,
    /// How many requests the fake had before.
    pub(super) before: usize,
    /// What must be on neither stream, beside what the sandbox knows.
    pub(super) never: Vec<Vec<u8>>,
    /// Whether nothing is looked for.
    pub(super) may_leak: bool,
    pub(super) stdout: Stream,
    pub(super) stderr: Stream,
}

impl Running {
    pub fn pid(&self) -> u32 {
        self.live.pid()
    }

    #[track_caller]
    pub fn send(&self, signal: Signal) {
        self.live.signal(signal);
    }

    /// Signals its only child, as somebody outside of the child's namespace.
    #[track_caller]
    pub fn send_to_child(&self, signal: Signal) {
        let pid = self.pid();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let child = children.expect("it runs").trim().parse();
        let child = Pid::from_raw(child.expect("one child"));
        kill(child, signal).expect("the child is there");
    }

    /// The most memory that it has had so far, in KiB; `None` once it has ended.
    pub fn peak(&self) -> Option<u32> {
        peak(self.pid())
    }

    /// Whether it has not ended yet.
    pub fn is_running(&mut self) -> bool {
        self.live.is_running()
    }

    /// Writes to standard input, where that stays open.
    #[track_caller]
    pub fn write_stdin(&mut self, bytes: &[u8]) {
        self.live.write_stdin(bytes);
    }

    /// Waits until standard output has this somewhere.
    #[track_caller]
    pub fn wait_for_stdout(&mut self, text: &str) {
        self.live.wait_for_stdout(text);
    }

    pub fn close_stdin(&mut self) {
        self.live.close_stdin();
    }

    /// Waits for its end, and compares.
    #[track_caller]
    pub fn status(self, code: i32) -> Outcome {
        self.compare(Ending::Status(code))
    }

    /// The same for a run that a signal ends.
    #[track_caller]
    pub fn ended_by(self, signal: Signal) -> Outcome {
        self.compare(Ending::Signal(signal as i32))
    }

    /// Waits for its end; only leaks are looked for.
    #[track_caller]
    pub fn wait(self) -> Outcome {
        let end = self.live.wait();
        if !self.may_leak {
            let mut canaries = self.sandbox.canaries();
            canaries.nowhere.extend(self.never);
            if let Some(aws) = &self.aws {
                let state = aws.state();
                let data_keys = state.kms.plaintexts().map(<[u8]>::to_vec);
                canaries.nowhere.extend(data_keys);
            }
            canaries.search(&end);
        }
        let requests = self.aws.as_ref().map(FakeAws::requests).unwrap_or_default();
        let requests = requests.into_iter().skip(self.before).collect();
        Outcome::new(self.line, end, requests, self.sandbox, self.aws)
    }

    #[track_caller]
    fn compare(self, ending: Ending) -> Outcome {
        let (stdout, stderr) = (self.stdout.clone(), self.stderr.clone());
        let outcome = self.wait();
        expect::compare(&outcome, ending, &stdout, &stderr);
        outcome
    }
}

/// The most memory that a process has had so far, in KiB; `None` if there is none.
pub fn peak(pid: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
