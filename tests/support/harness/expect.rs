//! Expected results, and how they are compared.

use super::leak;
use super::live::End;
use super::outcome::{Outcome, shown};

/// The expected content of a stream.
#[derive(Debug, Clone)]
pub enum Stream {
    Whole(Vec<u8>),
    /// All of these, wherever.
    Has(Vec<String>),
    Anything,
}

/// How a run should end.
#[derive(Debug, Clone, Copy)]
pub enum Ending {
    Status(i32),
    Signal(i32),
}

/// Bytes that must not appear in any encoding.
#[derive(Debug, Default, Clone)]
pub struct Canaries {
    /// Neither on standard output nor on standard error.
    pub nowhere: Vec<Vec<u8>>,
    /// Not on standard error.
    pub not_on_stderr: Vec<Vec<u8>>,
}

impl Stream {
    fn mismatch(&self, name: &str, actual: &[u8]) -> Option<String> {
        match self {
            Self::Whole(expected) if expected != actual => {
                Some(format!("{name} should be:\n{}", shown(expected)))
            }
            Self::Has(texts) => {
                let lacks = |text: &&String| !leak::contains(actual, text.as_bytes());
                let lacking: Vec<_> = texts.iter().filter(lacks).collect();
                (!lacking.is_empty()).then(|| format!("{name} should have {lacking:?}"))
            }
            _ => None,
        }
    }
}

/// Panics with the whole result unless it is the expected one.
#[track_caller]
pub fn compare(outcome: &Outcome, ending: Ending, stdout: &Stream, stderr: &Stream) {
    let ended = match ending {
        Ending::Status(code) if outcome.code() != Some(code) => {
            Some(format!("status should be {code}"))
        }
        Ending::Signal(number) if outcome.signal() != Some(number) => {
            Some(format!("signal {number} should end it"))
        }
        _ => None,
    };
    let wrong = [
        ended,
        stdout.mismatch("stdout", &outcome.stdout),
        stderr.mismatch("stderr", outcome.stderr.as_bytes()),
    ];
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(
        wrong.is_empty(),
        "{}\n--- but it was ---\n{outcome}",
        wrong.join("\n")
    );
}

impl Canaries {
    /// Keeps a secret, and the text in it if it is JSON, off standard error.
    pub fn add_secret(&mut self, secret: &[u8]) {
        self.not_on_stderr.push(secret.to_vec());
        let document: Option<serde_json::Value> = serde_json::from_slice(secret).ok();
        let mut values: Vec<_> = document.into_iter().collect();
        while let Some(value) = values.pop() {
            match value {
                serde_json::Value::String(text) => self.not_on_stderr.push(text.into_bytes()),
                serde_json::Value::Array(items) => values.extend(items),
                serde_json::Value::Object(fields) => {
                    values.extend(fields.into_iter().map(|(_, value)| value));
                }
                _ => {}
            }
        }
    }

    /// Those of another too, each once.
    pub fn add(&mut self, others: &Self) {
        let lists = [
            (&mut self.nowhere, &others.nowhere),
            (&mut self.not_on_stderr, &others.not_on_stderr),
        ];
        for (known, more) in lists {
            for secret in more {
                if !known.contains(secret) {
                    known.push(secret.clone());
                }
            }
        }
    }

    /// Panics if one is there. Those that are too short to be told from
    /// ordinary text are passed over.
    #[track_caller]
    pub fn search(&self, end: &End) {
        let both = [("stdout", &end.stdout), ("stderr", &end.stderr)];
        let long = |secret: &&Vec<u8>| secret.len() >= leak::SHORTEST;
        let everywhere = self.nowhere.iter().filter(long);
        let everywhere = everywhere.flat_map(|secret| both.map(|stream| (stream, secret)));
        let stderr = self.not_on_stderr.iter().filter(long);
        let stderr = stderr.map(|secret| (both[1], secret));
        for ((name, bytes), secret) in everywhere.chain(stderr) {
            let found = leak::find(bytes, secret);
            let secret = secret.escape_ascii();
            assert!(
                found.is_none(),
                "{name} holds a secret {}: {secret}\n{end}",
                found.unwrap_or_default()
            );
        }
    }
}
