//! Detects the format of a whole secret by how it starts.
//!
//! Anything that looks like JSON counts as JSON: taking a broken object for text
//! would start a program without its variables.

use crate::base::is_hidden;
use crate::plaintext::json::without_mark;

/// The text of a secret that looks like a JSON object, without its byte order
/// mark: `{` after any white space or invisible characters. It may be invalid JSON.
pub(crate) fn json_of(bytes: &[u8]) -> Option<&[u8]> {
    let json = without_mark(bytes);
    let start = json.utf8_chunks().next()?.valid();
    let first = start.chars().find(|c| !c.is_whitespace() && !is_hidden(*c));
    (first == Some('{')).then_some(json)
}

/// Whether text starts like a JSON object: with `{`, after white space.
pub(crate) fn looks_like_object(bytes: &[u8]) -> bool {
    without_mark(bytes)
        .iter()
        .find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
        == Some(&b'{')
}

/// Whether bytes are UTF-16: by a byte order mark, or a `{` next to a NUL.
pub(crate) fn is_utf16(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return true;
    }
    let blank = |byte: &u8| *byte == 0 || byte.is_ascii_whitespace();
    let Some(at) = bytes.iter().position(|byte| !blank(byte)) else {
        return false;
    };
    let beside = [at.checked_sub(1), at.checked_add(1)];
    let mut beside = beside.into_iter().flatten();
    bytes[at] == b'{' && beside.any(|beside| bytes.get(beside) == Some(&0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_starts_otherwise_is_no_object() {
        for text in ["", " ", "\u{feff}", "x{", "[{", "\u{feff}x", "\"{"] {
            assert_eq!(json_of(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(json_of(b"\xef\xbb\xbf {}"), Some(&b" {}"[..]));
        assert_eq!(json_of(b"\xff{}"), None);
    }

    #[test]
    fn a_nul_or_a_brace_alone_is_no_utf_16() {
        for bytes in [
            &b""[..],
            b"{",
            b"{}",
            b" {\"\0\"}",
            b"\0",
            b"x\0{",
            b"\xff",
            b"\xef\xbb\xbf{}",
        ] {
            assert!(!is_utf16(bytes), "{bytes:?}");
        }
    }
}
