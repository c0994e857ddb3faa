//! What is looked for in a memory: short pieces of secrets, in the forms in
//! which a program has them.

use std::collections::{HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// How long a piece is.
const PIECE: usize = 12;

/// The most pieces of one secret.
const PIECES: usize = 100;

/// Pages of nothing are passed over.
const PAGE: usize = 4096;

/// Pieces, by their first two bytes.
#[derive(Default)]
pub struct Needles(HashMap<[u8; 2], Vec<(String, Vec<u8>)>>);

impl Needles {
    /// Looks for all pieces of a text, or for some of a long one: its head, its
    /// tail, and what is between.
    pub fn text(&mut self, what: &str, text: impl AsRef<[u8]>) {
        let text = text.as_ref();
        assert!(text.len() >= PIECE, "{what} is too short to be looked for");
        let step = (text.len() / PIECES).max(PIECE);
        let last = text.len() - PIECE;
        for from in (0..last).step_by(step).chain([last]) {
            let piece = text[from..from + PIECE].to_vec();
            let start = [piece[0], piece[1]];
            let what = format!("{what}[{from}..]");
            self.0.entry(start).or_default().push((what, piece));
        }
    }

    /// Looks for a data key or a local wrapping key: its 44 characters, those as
    /// KMS's answer has them, and the bytes that they stand for.
    pub fn key(&mut self, what: &str, characters: &[u8]) {
        self.text(what, characters);
        self.text(&format!("{what} in base64"), STANDARD.encode(characters));
        let bytes = URL_SAFE.decode(characters).expect("a data key");
        self.text(&format!("{what} in bytes"), bytes);
    }

    /// What is looked for, each piece by its name.
    pub fn names(&self) -> HashSet<&str> {
        let pieces = self.0.values().flatten();
        pieces.map(|(what, _)| &**what).collect()
    }

    /// Where what of them is.
    pub fn find(&self, bytes: &[u8]) -> Vec<(usize, &str)> {
        let mut first = vec![false; 1 << 16];
        for start in self.0.keys() {
            first[usize::from(u16::from_le_bytes(*start))] = true;
        }
        let mut found = Vec::new();
        for page in (0..bytes.len()).step_by(PAGE) {
            let end = (page + PAGE + 1).min(bytes.len());
            if bytes[page..end] == [0; PAGE + 1][..end - page] {
                continue;
            }
            for (at, pair) in bytes[page..end].windows(2).enumerate() {
                let start = [pair[0], pair[1]];
                if !first[usize::from(u16::from_le_bytes(start))] {
                    continue;
                }
                let here = &bytes[page + at..];
                let pieces = self.0[&start].iter();
                let there = pieces.filter(|(_, piece)| here.starts_with(piece));
                found.extend(there.map(|(what, _)| (page + at, &**what)));
            }
        }
        found
    }
}

/// The pieces that are found more than once, of lines that name them.
pub fn repeated(found: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    let again = |line: &&String| !seen.insert(line.split(" at ").next().map(str::to_owned));
    found.iter().filter(again).cloned().collect()
}

#[test]
fn pieces_are_found_wherever_they_are() {
    let mut needles = Needles::default();
    needles.text("a", "abcdefghijklmnopqrst");
    let mut memory = vec![0; 3 * PAGE];
    memory[PAGE - 1..][..12].copy_from_slice(b"abcdefghijkl");
    memory[2 * PAGE..][..12].copy_from_slice(b"ijklmnopqrst");
    let expected = [(PAGE - 1, "a[0..]"), (2 * PAGE, "a[8..]")];
    assert_eq!(needles.find(&memory), expected);
    let lines = ["a[0..] at 1", "a[8..] at 2", "a[0..] at 3"].map(str::to_owned);
    assert_eq!(repeated(&lines), ["a[0..] at 3"]);
}
