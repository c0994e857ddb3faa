//! The result of a run.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use super::Sandbox;
use super::live::End;
use crate::support::fake_aws::{FakeAws, Request};

/// A run that has ended.
pub struct Outcome {
    /// The command line, for reports.
    line: String,
    pub stdout: Vec<u8>,
    pub stderr: String,
    /// The exit status, or 128 and the signal's number.
    pub status: i32,
    ended: ExitStatus,
    /// What it asked the fake for.
    pub requests: Vec<Request>,
    pub sandbox: Sandbox,
    /// The fake that it ran against, if there was one.
    pub aws: Option<FakeAws>,
}

impl Outcome {
    /// # Panics
    ///
    /// If standard error is no text.
    #[track_caller]
    pub(super) fn new(
        line: String,
        end: End,
        requests: Vec<Request>,
        sandbox: Sandbox,
        aws: Option<FakeAws>,
    ) -> Self {
        let (code, signal) = (end.status.code(), end.status.signal());
        let stderr = String::from_utf8(end.stderr);
        Self {
            line,
            stdout: end.stdout,
            stderr: stderr.expect("text on standard error"),
            status: code.unwrap_or_else(|| 128 + signal.expect("one of both")),
            ended: end.status,
            requests,
            sandbox,
            aws,
        }
    }

    /// The exit status, or `None` if a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.ended.code()
    }

    /// The signal that ended it.
    pub fn signal(&self) -> Option<i32> {
        self.ended.signal()
    }

    /// Standard output as text, with replacement characters for invalid UTF-8.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// The lines of standard output.
    pub fn lines(&self) -> Vec<String> {
        self.text().lines().map(str::to_owned).collect()
    }

    /// What it asked for: `GetObject acme-secrets/prod/web`, `Decrypt alias/acme`.
    pub fn told(&self) -> Vec<String> {
        self.requests.iter().map(ToString::to_string).collect()
    }

    /// The operations that it asked for.
    pub fn operations(&self) -> Vec<&str> {
        let requests = self.requests.iter();
        requests.map(|request| &*request.operation).collect()
    }

    /// Standard output, parsed as that of `env -0`.
    #[track_caller]
    pub fn variables(&self) -> BTreeMap<OsString, OsString> {
        let entries = self.stdout.split(|&byte| byte == 0);
        let mut variables = BTreeMap::new();
        for entry in entries.filter(|entry| !entry.is_empty()) {
            let end = entry.iter().position(|&byte| byte == b'=');
            let end = end.unwrap_or_else(|| panic!("no NAME=value: {}", entry.escape_ascii()));
            let text = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
            let twice = variables.insert(text(&entry[..end]), text(&entry[end + 1..]));
            assert_eq!(twice, None, "twice: {}", entry.escape_ascii());
        }
        variables
    }
}

/// The whole result, for the report of a failed test.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.line, self.ended)?;
        writeln!(f, "stdout:\n{}", shown(&self.stdout))?;
        writeln!(f, "stderr:\n{}", shown(self.stderr.as_bytes()))?;
        write!(f, "asked for: {:?}", self.told())
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Text with its lines, control characters escaped; each line starts with a bar.
pub fn shown(bytes: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return format!("  (not UTF-8) {}", bytes.escape_ascii());
    };
    if text.is_empty() {
        return "  (nothing)".to_owned();
    }
    let visible = |line: &str| -> String {
        let escape = |character: char| match character {
            _ if character.is_control() => character.escape_debug().to_string(),
            _ => character.to_string(),
        };
        line.chars().map(escape).collect()
    };
    let lines = text
        .split_inclusive('\n')
        .map(|line| match line.strip_suffix('\n') {
            Some(line) => format!("  | {}", visible(line)),
            None => format!("  | {} (no newline)", visible(line)),
        });
    lines.collect::<Vec<_>>().join("\n")
}
