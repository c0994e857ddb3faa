//! What differs from run to run, shown as it is in every run.
//!
//! - The home is `~`, a port of this machine 40000, a time 2026-01-02T03:04:05Z.
//! - The version of a record in a folder is its hash. The first that is seen is
//!   shown as the hash of `version 1`, or as much of its start as was shown, the
//!   next as that of `version 2`; where such a one is typed, the real one is.
//! - `XDG_RUNTIME_DIR` is /run/user/1000.
//! - Names that are made at random, of a probe or of an edit that is kept, end with
//!   0123456789abcdef.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::support::files::files_below;
use crate::support::harness::Sandbox;

pub struct Stable {
    home: PathBuf,
    memory: Option<PathBuf>,
    /// The versions that were seen, in that order.
    versions: RefCell<Vec<String>>,
}

impl Stable {
    pub fn new(sandbox: &Sandbox, memory: Option<&Path>) -> Self {
        Self {
            home: sandbox.home().to_owned(),
            memory: memory.map(Path::to_owned),
            versions: RefCell::default(),
        }
    }

    /// A screen's text as documents have it.
    pub fn shown(&self, text: &str) -> String {
        let mut text = text.replace(self.home.to_str().unwrap(), "~");
        if let Some(memory) = &self.memory {
            text = text.replace(memory.to_str().unwrap(), "/run/user/1000");
        }
        let text = like(&text, "0000-00-00T00:00:00Z", "2026-01-02T03:04:05Z");
        let text = like(&text, "127.0.0.1:00000", "127.0.0.1:40000");
        let text = words(
            &text,
            |word| word.len() == 16,
            |_| Some("0123456789abcdef".to_owned()),
        );
        let there = self.there();
        words(
            &text,
            |word| (6..=64).contains(&word.len()),
            |word| {
                let mut seen = self.versions.borrow_mut();
                let known = seen.iter().position(|version| version.starts_with(word));
                let number = known.or_else(|| {
                    let new = there.iter().find(|version| version.starts_with(word))?;
                    seen.push(new.clone());
                    Some(seen.len() - 1)
                })?;
                Some(placeholder(number)[..word.len()].to_owned())
            },
        )
    }

    /// A document's command as it is typed.
    pub fn real(&self, line: &str) -> String {
        let seen = self.versions.borrow();
        words(
            line,
            |word| word.len() >= 6,
            |word| {
                let mut numbers = 0..seen.len();
                let number = numbers.find(|number| placeholder(*number).starts_with(word))?;
                Some(seen[number][..word.len()].to_owned())
            },
        )
    }

    /// The versions in all folders of the home, but for those of programs.
    fn there(&self) -> Vec<String> {
        let programs = self.home.join("bin");
        let files = files_below(&self.home).into_iter();
        let records = files.filter(|file| !file.starts_with(&programs));
        let versions = records.flat_map(|file| {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let old = name.split(['-', '.']).nth(1).map(str::to_owned);
            let current = fs::read(file).ok().map(hash);
            [old.filter(|old| old.len() == 64), current]
        });
        versions.flatten().collect()
    }
}

fn placeholder(number: usize) -> String {
    hash(format!("version {}", number + 1))
}

fn hash(bytes: impl AsRef<[u8]>) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// Replaces all that has this form, where a `0` is any digit.
fn like(text: &str, form: &str, by: &str) -> String {
    let fits = |at: &usize| {
        let part = text.as_bytes().get(*at..at + form.len())?;
        let mut pairs = part.iter().zip(form.as_bytes());
        pairs
            .all(|(byte, form)| byte == form || (*form == b'0' && byte.is_ascii_digit()))
            .then_some(*at)
    };
    let (mut again, mut done) = (String::new(), 0);
    for at in (0..text.len()).filter_map(|at| fits(&at)) {
        if at >= done {
            again += &text[done..at];
            again += by;
            done = at + form.len();
        }
    }
    again + &text[done..]
}

/// Replaces whole words of hexadecimal digits.
fn words(text: &str, fits: impl Fn(&str) -> bool, by: impl Fn(&str) -> Option<String>) -> String {
    let hex = |word: &str| {
        word.bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let pieces = text.split_inclusive(|c: char| !c.is_alphanumeric());
    pieces
        .map(|piece| {
            let word = piece.trim_end_matches(|c: char| !c.is_alphanumeric());
            let new = Some(word)
                .filter(|word| hex(word) && fits(word))
                .and_then(&by);
            new.map_or(piece.to_owned(), |new| new + &piece[word.len()..])
        })
        .collect()
}

#[test]
fn only_what_differs_from_run_to_run_is_replaced() {
    let sandbox = Sandbox::apart();
    let stable = Stable::new(&sandbox, Some(Path::new("/dev/shm/x")));
    let [one, two] = ["one", "two"].map(hash);
    sandbox.write(sandbox.home().join("app/secrets/a"), "one");
    let old = format!("app/secrets/.lazycred/versions/a.d/0123-{two}.removed");
    sandbox.write(sandbox.home().join(old), "");
    let home = sandbox.home().display();
    let text = format!(
        "{home}/x /dev/shm/x/y {two} 2026-11-29T03:24:26Z {}… {} decade 127.0.0.1:54321 1{one}\n",
        &one[..7],
        &one[..5]
    );
    let (first, second) = (placeholder(0), placeholder(1));
    let expected = format!(
        "~/x /run/user/1000/y {first} 2026-01-02T03:04:05Z {}… {} decade 127.0.0.1:40000 1{one}\n",
        &second[..7],
        &one[..5]
    );
    assert_eq!(stable.shown(&text), expected);
    let typed = format!("rollback a --to {}", &second[..8]);
    assert_eq!(
        stable.real(&typed),
        format!("rollback a --to {}", &one[..8])
    );
}
