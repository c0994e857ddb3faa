//! Secrets that are found again wherever a piece of them is left, and where
//! they are stored.

use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::needles::{Needles, repeated};
use super::probe::{Held, can_hold, held};
use crate::support::harness::{Arguments, Outcome, PROGRAM, Run, record};

/// Values of fields; no two have a piece in common.
pub const USER: &str = "qW7zKp2mXv9RtY4LbN8cJ6dH";
pub const ESCAPED: [&str; 2] = ["Gf3sVb6nMk1jUy5hTr8e", "Pz4xCw7vQa2sDe9fRg6t"];
pub const NUMBER: &str = "739128465091738462051264";
pub const FIRST: &str = "Lo8iKu7jYh6tGr5fEd4wSa3q";
pub const SECOND: &str = "Zx9cVb8nMa7sDf6gHj5kLq4w";
pub const DEEP: &str = "Ue2rTy3uIo4pAs5dFg6hJk7l";
pub const OTHER: &str = "Bn1mVc2xZl3kJh4gFd5sAp6o";

/// What a run is given to store.
pub const NEW: &str = "Ty6uRe5wQi7oPl8kMj9nHb0v";

/// More than an optimised program wipes of its stack, and less than another does.
const OPTIMISED: usize = 300 << 10;

/// What two calls of the function that wipes may differ by.
const NEAR: usize = 4 << 10;

/// All of them in one secret.
pub fn document() -> String {
    let [before, after] = ESCAPED;
    format!(
        "{{\"user\": \"{USER}\", \"text\": \"{before}\\n\\\"\\u00e9{after}\", \"n\": {NUMBER},\n \
         \"list\": [\"{FIRST}\", \"{SECOND}\"], \"deep\": {{\"er\": \"{DEEP}\"}}, \"o\": \"{OTHER}\"}}\n"
    )
}

/// The same, with so much more that it is opened in the memory of its record.
pub fn large() -> String {
    let long = "Rm5".repeat(40_000);
    document().replacen('{', &format!("{{\"long\": \"{long}\", "), 1)
}

/// Lines that `import` reads as dotenv.
pub fn dotenv() -> String {
    format!(
        "A={USER}\nB=\"{}\\n{}\"\nC='{FIRST}'\n",
        ESCAPED[0], ESCAPED[1]
    )
}

/// Looks for all values, those too that may be left.
fn values() -> Needles {
    let mut needles = Needles::default();
    let values = [USER, NUMBER, FIRST, SECOND, DEEP, OTHER, NEW];
    for value in values.into_iter().chain(ESCAPED) {
        needles.text(value, value);
    }
    needles
}

/// The bytes of a data key that opens nothing; they are characters, so that a variable has them.
const PLANTED: &[u8; 32] = b"planted-raw-bytes-of-a-data-key!";

/// What a run is given to keep, in every form that is looked for: a value and a data
/// key. A search that does not find them finds nothing at all.
fn planted() -> (String, Needles) {
    let mut needles = Needles::default();
    let value = "Wq4nTx7bZe1mRy9kUi3oPa6s";
    needles.text("planted value", value);
    let characters = URL_SAFE.encode(PLANTED);
    needles.key("planted data key", characters.as_bytes());
    let answered = STANDARD.encode(&characters);
    let raw = String::from_utf8_lossy(PLANTED);
    (format!("{value} {characters} {answered} {raw}"), needles)
}

/// Looks for the local wrapping keys, and for the data keys of what is stored.
fn add_keys(needles: &mut Needles, outcome: &Outcome) {
    if let Some(aws) = &outcome.aws {
        for data_key in aws.state().kms.plaintexts() {
            needles.key("data key", data_key);
        }
    }
    let folder = outcome.sandbox.local_wrapping_key_file("dev");
    let files = fs::read_dir(folder.parent().unwrap());
    let files = files
        .into_iter()
        .flatten()
        .flatten()
        .map(|file| file.path());
    let wrapping_keys: Vec<String> = files
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    for wrapping_key in &wrapping_keys {
        needles.key("wrapping key", wrapping_key.trim().as_bytes());
    }
    for file in outcome.sandbox.files() {
        let bytes = outcome.sandbox.read(&file).unwrap();
        let Ok(record) = serde_json::from_slice::<serde_json::Value>(&bytes) else {
            continue;
        };
        let member = record["key"].as_str().or(record["wrapped_key"].as_str());
        let wrapped = member.and_then(|text| STANDARD.decode(text).ok());
        if let (Some(wrapped), [wrapping_key]) = (wrapped, &*wrapping_keys) {
            needles.key("data key", &record::unwrap_locally(wrapping_key, &wrapped));
        }
    }
}

/// What runs are tried with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    Folder,
    Bucket,
}

/// Runs to be, and what each left in memory.
pub struct Scene {
    at: Where,
    version: u8,
    secret: String,
    program: PathBuf,
    depths: Vec<(String, usize)>,
    faults: Vec<String>,
}

impl Scene {
    /// With a secret that is stored as `s` before each run, in a record of this version.
    pub fn new(at: Where, version: u8, secret: String) -> Option<Self> {
        can_hold().then_some(Self {
            at,
            version,
            secret,
            program: PROGRAM.into(),
            depths: Vec::new(),
            faults: Vec::new(),
        })
    }

    /// With runs of another program.
    pub fn of(self, program: PathBuf) -> Self {
        Self { program, ..self }
    }

    pub fn is_large(&self) -> bool {
        self.secret.len() > 64 << 10
    }

    pub fn run(&self, words: &str) -> Run {
        self.run_of(words.split(' ').collect::<Vec<_>>())
    }

    /// The same for words that may contain blanks.
    pub fn run_of(&self, words: impl Arguments) -> Run {
        let run = match self.at {
            Where::Folder => Run::new(words).local(),
            Where::Bucket => Run::new(words),
        };
        let run = run.program(&self.program);
        match self.version {
            1 => run.secret("s", &self.secret),
            _ => run.secret_2("s", &self.secret),
        }
    }

    /// Nothing of any secret may be left at the end.
    #[track_caller]
    pub fn nothing_left(&mut self, words: &str) {
        self.nothing_left_by(words, 0, |run| run);
    }

    /// The same for a run that is given more, and its status.
    #[track_caller]
    pub fn nothing_left_by(&mut self, words: &str, status: i32, more: impl FnOnce(Run) -> Run) {
        self.try_it(words, more(self.run(words)), Held::AtEnd, status, &[]);
    }

    /// The same for a command that is given these values: each of them is there
    /// once, where the system is to take it from.
    #[track_caller]
    pub fn passed_on(&mut self, words: &str, values: &[&str]) {
        self.try_it(words, self.run(words), Held::AtCommand, 0, values);
    }

    #[track_caller]
    pub fn try_it(&mut self, words: &str, run: Run, at: Held, status: i32, passed: &[&str]) {
        let (variable, planted) = planted();
        let Some((memory, outcome)) = held(run.may_leak().env("PLANTED", variable), at) else {
            return;
        };
        assert_eq!(outcome.status, status, "{words}: {}", outcome.stderr);
        assert!(memory.len() > 100_000, "{words}: it has some memory");
        let seen = memory.find(&planted);
        for name in planted.names() {
            let is_there = seen.iter().any(|line| line.starts_with(name));
            assert!(is_there, "{words}: what was planted is not found: {name}");
        }
        let mut needles = values();
        add_keys(&mut needles, &outcome);
        let is_given = |line: &String| passed.iter().any(|value| line.starts_with(value));
        let (given, mut found): (Vec<_>, Vec<_>) =
            memory.find(&needles).into_iter().partition(is_given);
        assert!(
            passed.is_empty() || !given.is_empty(),
            "{words}: nothing is passed on"
        );
        found.extend(repeated(&given));
        let what = format!("{:?}, version {}: {words}", self.at, self.version);
        self.depths.push((what.clone(), memory.unwiped_depth()));
        self.faults
            .extend(found.iter().map(|line| format!("{what}: {line}")));
    }

    /// No run may have used stack below what the first one wiped, which is where the
    /// wiping function itself leaves some bytes. Of an optimised program: others use
    /// several times as much.
    pub fn all_used_stack_is_wiped(&mut self) {
        let wiped = self.depths[0].1;
        if wiped < OPTIMISED {
            let is_deeper = |(_, depth): &&(String, usize)| *depth > wiped + NEAR;
            let deeper = self.depths.iter().filter(is_deeper);
            let lines = deeper.map(|(what, depth)| format!("{what}: {depth} of {wiped} bytes"));
            self.faults.extend(lines);
        }
    }

    /// Fails if anything was left.
    #[track_caller]
    pub fn end(self) {
        assert!(
            self.faults.is_empty(),
            "{} pieces are left:\n{}",
            self.faults.len(),
            self.faults.join("\n")
        );
    }
}

/// Another key than the local wrapping key of a folder.
pub fn another_key() -> String {
    let first = record::local_wrapping_key();
    [&first[10..20], &first[..10], &first[20..]].concat()
}
