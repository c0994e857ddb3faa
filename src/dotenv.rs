//! Lines of `NAME=value`, in which nothing is interpolated.
//!
//! The grammar is the `dotenvy` crate's. That one replaces `$NAME` by a
//! variable; here a value is data, and `$NAME` stays what it is.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};

use zeroize::Zeroizing;

use crate::secret::Secret;

/// Stands for `$` while the text is read: a character that no text has a
/// meaning for.
const STAND_IN: char = '\u{F8FF}';

/// The text is not in dotenv form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotDotenv {
    /// Where what is wrong starts, from 1.
    line: usize,
}

impl fmt::Display for NotDotenv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} is not NAME=value", self.line)
    }
}

/// One pair, and the line that it starts in.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) line: usize,
    pub(crate) name: String,
    pub(crate) value: Secret,
}

/// The pairs of a text, in its order.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<Pair>, NotDotenv> {
    let text = std::str::from_utf8(bytes).map_err(|error| at(bytes, error.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(found) = text.find(STAND_IN) {
        return Err(at(text.as_bytes(), found));
    }
    let lines: Vec<&str> = text.lines().collect();
    let means_something =
        |line: &&str| !matches!(line.trim_start().chars().next(), None | Some('#'));
    let text = Zeroizing::new(without_dollars(text));
    let taken = Cell::new(0);
    let mut read = dotenvy::from_read_iter(ByLine {
        rest: text.as_bytes(),
        taken: &taken,
    });
    let mut pairs = Vec::new();
    loop {
        let ahead = lines.get(taken.get()..).unwrap_or_default();
        let skipped = ahead.iter().position(means_something).unwrap_or_default();
        let line = taken.get() + skipped + 1;
        let Some(pair) = read.next() else {
            return Ok(pairs);
        };
        let (name, value) = pair.map_err(|_| NotDotenv { line })?;
        let value = Zeroizing::new(value);
        let value = Secret::from(value.replace(STAND_IN, "$"));
        pairs.push(Pair { line, name, value });
    }
}

fn at(text: &[u8], byte: usize) -> NotDotenv {
    let lines = text[..byte].split(|byte| *byte == b'\n');
    NotDotenv {
        line: lines.count(),
    }
}

/// Gives no more than a line at once, so that what was taken tells where the
/// reader is.
struct ByLine<'a> {
    rest: &'a [u8],
    /// Lines that were given to their end.
    taken: &'a Cell<usize>,
}

impl Read for ByLine<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let newline = self.rest.iter().position(|byte| *byte == b'\n');
        let line = newline.map_or(self.rest.len(), |at| at + 1);
        let (given, rest) = self.rest.split_at(line.min(buffer.len()));
        buffer[..given.len()].copy_from_slice(given);
        self.rest = rest;
        if given.ends_with(b"\n") {
            self.taken.set(self.taken.get() + 1);
        }
        Ok(given.len())
    }
}

/// The text with every `$` replaced but the one that a backslash escapes.
fn without_dollars(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    let mut escaped = false;
    for c in text.chars() {
        out.push(if c == '$' && !escaped { STAND_IN } else { c });
        escaped = c == '\\' && !escaped;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Result<Vec<(String, String)>, NotDotenv> {
        let text_of = |value: Secret| String::from_utf8(value.as_bytes().to_vec()).unwrap();
        Ok(parse(text.as_bytes())?
            .into_iter()
            .map(|pair| (pair.name, text_of(pair.value)))
            .collect())
    }

    #[test]
    fn values_are_read_as_dotenv_has_them_and_never_interpolated() {
        for (text, expected) in [
            (
                "A=1\r\n# no\n\nexport B = two  # end\n",
                &[("A", "1"), ("B", "two")][..],
            ),
            (
                "A=$HOME\nB=\"${HOME} $A\"\nC='$A'\n",
                &[("A", "$HOME"), ("B", "${HOME} $A"), ("C", "$A")],
            ),
            ("A=\\$x\nB='\\$x'\n", &[("A", "$x"), ("B", "\\$x")]),
            (
                "A=\"one\ntwo\"\nB=\"a\\nb\"\n",
                &[("A", "one\ntwo"), ("B", "a\nb")],
            ),
            ("A=\nB=''\n", &[("A", ""), ("B", "")]),
            ("", &[]),
        ] {
            let expected: Vec<_> = expected
                .iter()
                .map(|&(n, v)| (n.to_owned(), v.to_owned()))
                .collect();
            assert_eq!(pairs(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_dotenv_is_refused_by_its_line() {
        for (text, line) in [
            ("A", 1),
            ("A=\"open", 1),
            ("=1", 1),
            ("A=a b", 1),
            ("1 2=3", 1),
            ("A=1\n\n # no\r\nB=a b\nC=1\n", 4),
            ("\u{feff}A=\"one\ntwo\"\nB=$x y\n", 3),
            ("A=1\nB=\"open\nC=1\nD=2\n", 2),
            ("A=1\n\u{f8ff}=2\n", 2),
        ] {
            assert_eq!(pairs(text), Err(NotDotenv { line }), "{text}");
        }
        let long = format!("A={}\nB\n", "x".repeat(100_000));
        assert_eq!(pairs(&long), Err(NotDotenv { line: 2 }));
        assert_eq!(parse(b"A=1\nB=\xff").unwrap_err(), NotDotenv { line: 2 });
    }

    #[test]
    fn a_pair_knows_the_line_that_it_starts_in() {
        let text = "A=1\n#no\nB=\"x\ny\" # z\n\n  C=2";
        let lines: Vec<usize> = parse(text.as_bytes())
            .unwrap()
            .into_iter()
            .map(|pair| pair.line)
            .collect();
        assert_eq!(lines, [1, 3, 6]);
    }
}
