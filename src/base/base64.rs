//! Base64, decoded as leniently as Python does, so that every record that lazycred
//! 0.2.3 reads opens here too.
//!
//! Python skips characters outside the alphabet, ignores spare bits, and stops after
//! complete padding. Encoding is always canonical.
//!
//! Source: `binascii.a2b_base64`, <https://docs.python.org/3/library/binascii.html>.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// The two characters besides letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// `+` and `/` only, as in `base64.b64decode`.
    Standard,
    /// `-` and `_`, and `+` and `/` too, as in `base64.urlsafe_b64decode`.
    UrlSafe,
}

/// Decodes text; `None` if Python's padding check fails.
pub(crate) fn decode(text: &[u8], alphabet: Alphabet) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut filled, mut pads, mut left) = (0_u8, 0_u8, 0_u8);
    for &byte in text {
        if byte == b'=' {
            if filled >= 2 {
                pads += 1;
                if filled + pads >= 4 {
                    return Some(out);
                }
            }
            continue;
        }
        let Some(bits) = value(byte, alphabet) else {
            continue;
        };
        pads = 0;
        match filled {
            0 => left = bits,
            1 => {
                out.push(left << 2 | bits >> 4);
                left = bits & 0x0f;
            }
            2 => {
                out.push(left << 4 | bits >> 2);
                left = bits & 0x03;
            }
            _ => out.push(left << 6 | bits),
        }
        filled = (filled + 1) % 4;
    }
    (filled == 0).then_some(out)
}

fn value(byte: u8, alphabet: Alphabet) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        b'-' if alphabet == Alphabet::UrlSafe => 62,
        b'_' if alphabet == Alphabet::UrlSafe => 63,
        _ => return None,
    })
}

/// Encodes to standard base64, with padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Encodes to URL-safe base64, with padding.
pub(crate) fn encode_url_safe(bytes: &[u8]) -> String {
    URL_SAFE.encode(bytes)
}

/// The canonical URL-safe base64 of the same bytes: the text itself if it is canonical.
pub(crate) fn canonical_url_safe(text: &str) -> Option<Cow<'_, str>> {
    if base64_simd::URL_SAFE.check(text.as_bytes()).is_ok() {
        return Some(Cow::Borrowed(text));
    }
    let bytes = decode(text.as_bytes(), Alphabet::UrlSafe)?;
    Some(Cow::Owned(encode_url_safe(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_as_python_reads_it() {
        use Alphabet::{Standard, UrlSafe};
        for (text, alphabet, expected) in [
            ("", Standard, Some(&b""[..])),
            ("aGk=", Standard, Some(b"hi")),
            ("aGk", Standard, None),
            ("a", Standard, None),
            ("aG\nk =", Standard, Some(b"hi")),
            ("=aGk=", Standard, Some(b"hi")),
            ("aA==ignored", Standard, Some(b"h")),
            ("aA=", Standard, None),
            ("aA=x=k=", Standard, Some(b"h\x0c")),
            ("aGl=", Standard, Some(b"hi")),
            ("-_+/", Standard, None),
            ("-_+/", UrlSafe, Some(b"\xfb\xff\xbf")),
            ("-AAA", Standard, None),
            ("_AAA", Standard, None),
            ("====", Standard, Some(b"")),
        ] {
            assert_eq!(
                decode(text.as_bytes(), alphabet).as_deref(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn each_alphabet_has_its_own_last_two_characters() {
        assert_eq!(encode(b"\xfb\xff\xbf\xff"), "+/+//w==");
        assert_eq!(encode_url_safe(b"\xfb\xff\xbf\xff"), "-_-__w==");
    }

    /// Changes every character, at lengths on both sides of the SIMD block size.
    #[test]
    fn canonical_is_what_encoding_gives_and_nothing_else() {
        for length in (0..100).chain([1021, 1022, 1023_u16]) {
            let bytes: Vec<u8> = (0..length)
                .map(|at: u16| (at * 37 + 11).to_le_bytes()[0])
                .collect();
            let text = encode_url_safe(&bytes);
            assert!(matches!(canonical_url_safe(&text), Some(Cow::Borrowed(_))));
            for at in 0..text.len() {
                for other in ["A", "_", "/", "+", "=", "\n", "\u{7f}"] {
                    let mut changed = text.clone();
                    changed.replace_range(at..=at, other);
                    let read = decode(changed.as_bytes(), Alphabet::UrlSafe);
                    let spelt = read.map(|bytes| encode_url_safe(&bytes));
                    let canonical = canonical_url_safe(&changed);
                    assert_eq!(canonical.as_deref(), spelt.as_deref(), "{changed}");
                    let same = spelt.as_ref() == Some(&changed);
                    assert_eq!(
                        matches!(canonical, Some(Cow::Borrowed(_))),
                        same,
                        "{changed}"
                    );
                }
            }
        }
    }
}
