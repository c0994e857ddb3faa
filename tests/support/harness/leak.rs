//! Finds a secret in output, however it is spelt there.
//!
//! Looks for the bytes themselves, and for what careless code makes of them:
//! base64, hexadecimal, escapes, and Rust's `Debug` of bytes. Knows nothing of
//! where the output comes from.

use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Shorter secrets appear in ordinary text by chance.
pub const SHORTEST: usize = 6;

/// Of a longer secret, so many bytes of its start and of its end are looked for.
const LONGEST: usize = 48;

/// The spelling in which `output` holds `secret`, or either end of a long one.
///
/// # Panics
///
/// If the secret is shorter than [`SHORTEST`].
#[track_caller]
pub fn find(output: &[u8], secret: &[u8]) -> Option<&'static str> {
    assert!(secret.len() >= SHORTEST, "too short to be looked for");
    // Codes may be broken into lines, or spaced.
    let is_code = |byte: &u8| !byte.is_ascii_whitespace();
    let squeezed: Vec<u8> = output.iter().copied().filter(is_code).collect();
    let start = &secret[..secret.len().min(LONGEST)];
    let end = &secret[secret.len() - start.len()..];
    [start, end].into_iter().find_map(|part| {
        let written = written(part).into_iter();
        let mut written = written.filter(|(_, text)| contains(output, text));
        let coded = coded(part).into_iter();
        let mut coded = coded.filter(|(_, text)| contains(&squeezed, text));
        written
            .next()
            .or_else(|| coded.next())
            .map(|(name, _)| name)
    })
}

/// Many secrets, which are looked for at once.
#[derive(Default)]
pub struct Search {
    /// With the secret's name; by their first two bytes.
    written: HashMap<[u8; 2], Vec<(String, Spelling)>>,
    coded: HashMap<[u8; 2], Vec<(String, Spelling)>>,
}

impl Search {
    /// Looks for this one too, as [`find`] does.
    #[track_caller]
    pub fn add(&mut self, name: &str, secret: &[u8]) {
        assert!(secret.len() >= SHORTEST, "too short to be looked for");
        let start = &secret[..secret.len().min(LONGEST)];
        let end = &secret[secret.len() - start.len()..];
        for part in [start, end] {
            let all = [
                (&mut self.written, written(part)),
                (&mut self.coded, coded(part)),
            ];
            for (spellings, more) in all {
                for spelling in more {
                    let first = [spelling.1[0], spelling.1[1]];
                    let here = spellings.entry(first).or_default();
                    if here.iter().all(|(_, other)| other.1 != spelling.1) {
                        here.push((name.to_owned(), spelling));
                    }
                }
            }
        }
    }

    /// The names of those that are there, each with its spelling.
    pub fn find(&self, output: &[u8]) -> BTreeSet<(&str, &'static str)> {
        let is_code = |byte: &u8| !byte.is_ascii_whitespace();
        let squeezed: Vec<u8> = output.iter().copied().filter(is_code).collect();
        let mut found = BTreeSet::new();
        for (spellings, text) in [(&self.written, output), (&self.coded, &squeezed)] {
            let mut is_first = vec![false; 1 << 16];
            for first in spellings.keys() {
                is_first[usize::from(u16::from_le_bytes(*first))] = true;
            }
            for (at, pair) in text.windows(2).enumerate() {
                let pair = [pair[0], pair[1]];
                if is_first[usize::from(u16::from_le_bytes(pair))] {
                    let here = spellings[&pair].iter();
                    let here = here.filter(|(_, (_, bytes))| text[at..].starts_with(bytes));
                    found.extend(here.map(|(name, (spelling, _))| (&**name, *spelling)));
                }
            }
        }
        found
    }
}

/// Whether `output` contains `wanted`.
pub fn contains(output: &[u8], wanted: &[u8]) -> bool {
    let Some((first, rest)) = wanted.split_first() else {
        return true;
    };
    let mut left = output;
    while let Some(at) = left.iter().position(|byte| byte == first) {
        left = &left[at + 1..];
        if left.starts_with(rest) {
            return true;
        }
    }
    false
}

type Spelling = (&'static str, Vec<u8>);

/// What still reads as text.
fn written(secret: &[u8]) -> Vec<Spelling> {
    let percent: String = secret.iter().map(|&byte| percent(byte)).collect();
    let mut all = vec![
        ("as it is", secret.to_vec()),
        ("in percent code", percent.into_bytes()),
        ("escaped", secret.escape_ascii().to_string().into_bytes()),
    ];
    if let Ok(text) = std::str::from_utf8(secret) {
        all.push(("escaped", inner(&format!("{text:?}"))));
        all.push(("in JSON", inner(&serde_json::Value::from(text).to_string())));
    }
    all
}

/// What only a machine reads, without white space.
fn coded(secret: &[u8]) -> Vec<Spelling> {
    let joined = |separator: &str, code: &dyn Fn(u8) -> String| {
        let codes: Vec<String> = secret.iter().map(|&byte| code(byte)).collect();
        codes.join(separator).into_bytes()
    };
    let mut all = vec![
        ("in hexadecimal", joined("", &|byte| format!("{byte:02x}"))),
        ("in hexadecimal", joined("", &|byte| format!("{byte:02X}"))),
        ("as a list of bytes", joined(",", &|byte| byte.to_string())),
        (
            "as a list of bytes",
            joined(",", &|byte| format!("{byte:02x}")),
        ),
        (
            "as a list of bytes",
            joined(",", &|byte| format!("0x{byte:02x}")),
        ),
    ];
    for shift in 0..3 {
        all.push(("in base64", base64(&STANDARD_NO_PAD, secret, shift)));
        all.push(("in base64", base64(&URL_SAFE_NO_PAD, secret, shift)));
    }
    all
}

/// The text between the quotes.
fn inner(quoted: &str) -> Vec<u8> {
    quoted.as_bytes()[1..quoted.len() - 1].to_vec()
}

fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// The base64 that does not depend on what stands before and behind, if so
/// many bytes stand before.
fn base64(engine: &impl base64::Engine, secret: &[u8], shift: usize) -> Vec<u8> {
    let text = engine.encode([&vec![0; shift], secret].concat());
    let start = (shift * 8).div_ceil(6);
    let end = (shift + secret.len()) * 8 / 6;
    text[start..end].to_owned().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    const SECRET: &[u8] = b"hunter2 \"\x01\xc3\xa9?>";

    #[test]
    fn a_secret_is_found_however_it_is_spelt() {
        let text = std::str::from_utf8(SECRET).unwrap();
        for (output, expected) in [
            (text.to_owned(), "as it is"),
            (format!("{text:?}"), "escaped"),
            (SECRET.escape_ascii().to_string(), "escaped"),
            (serde_json::Value::from(text).to_string(), "in JSON"),
            ("hunter2%20%22%01%C3%A9%3F%3E".to_owned(), "in percent code"),
            (
                "68756E7465723220\n2201C3A93F3E".to_owned(),
                "in hexadecimal",
            ),
            (
                "68 75 6e 74 65 72 32 20 22 01 c3 a9 3f 3e".to_owned(),
                "in hexadecimal",
            ),
            (format!("{SECRET:?}"), "as a list of bytes"),
            (format!("{SECRET:#?}"), "as a list of bytes"),
            (format!("{SECRET:02x?}"), "as a list of bytes"),
        ] {
            let around = format!("before {output} behind");
            let found = find(around.as_bytes(), SECRET);
            assert_eq!(found, Some(expected), "{output}");
            let mut search = Search::default();
            search.add("another", b"another secret");
            search.add("it", SECRET);
            let found = search.find(around.as_bytes());
            assert!(
                found.contains(&("it", expected)) && found.len() == 1,
                "{found:?}"
            );
        }
    }

    #[test]
    fn a_secret_is_found_in_base64_wherever_it_starts() {
        for before in ["", "1", "12", "123"] {
            for behind in ["", "1", "12"] {
                let all = [before.as_bytes(), SECRET, behind.as_bytes()].concat();
                for text in [STANDARD.encode(&all), URL_SAFE.encode(&all)] {
                    assert_eq!(find(text.as_bytes(), SECRET), Some("in base64"), "{text}");
                }
            }
        }
    }

    #[test]
    fn either_end_of_a_long_secret_is_enough() {
        let secret: Vec<u8> = (0..1000_u32).flat_map(u32::to_be_bytes).collect();
        let (start, end) = (&secret[..100], &secret[3900..]);
        assert_eq!(find(start, &secret), Some("as it is"));
        let seen = find(STANDARD.encode(end).as_bytes(), &secret);
        assert_eq!(seen, Some("in base64"));
        assert_eq!(find(&secret[100..3900], &secret), None);
    }

    #[test]
    fn other_text_is_not_taken_for_a_secret() {
        let output = b"lazycred: error: no secret named `hunter` is there";
        assert_eq!(find(output, b"hunter2"), None);
        assert_eq!(find(b"", b"hunter2"), None);
    }
}
