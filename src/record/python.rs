//! What Python's `json` reads and JSON does not have: `NaN` and `Infinity`, and half
//! of a surrogate pair.
//!
//! lazycred 0.2.3 ignored them in members that it did not know, so version 1 does too.
//!
//! Source: Python's `json`, <https://docs.python.org/3/library/json.html#standard-compliance-and-interoperability>.

/// The numbers that only Python reads.
const NUMBERS: [&[u8]; 3] = [b"-Infinity", b"Infinity", b"NaN"];

/// A document of the same length with plain strings instead; `None` if it has
/// nothing of the kind.
pub(super) fn as_json(document: &[u8]) -> Option<Vec<u8>> {
    let mut json = document.to_vec();
    let (mut at, mut in_string) = (0, false);
    while at < document.len() {
        let rest = &document[at..];
        let number = NUMBERS.iter().find(|number| rest.starts_with(number));
        at += match rest {
            [b'"', ..] => {
                in_string = !in_string;
                1
            }
            _ if in_string => match half_of_a_pair(rest) {
                Some(length) => {
                    json[at..at + length].fill(b'?');
                    length
                }
                None if rest[0] == b'\\' => 2,
                None => 1,
            },
            _ => match number {
                Some(number) => {
                    json[at] = b'"';
                    json[at + number.len() - 1] = b'"';
                    number.len()
                }
                None => 1,
            },
        };
    }
    (json != document).then_some(json)
}

/// The length of half a surrogate pair in a string: escaped, or encoded as if it
/// were a character.
fn half_of_a_pair(text: &[u8]) -> Option<usize> {
    match text {
        [b'\\', b'u', b'd' | b'D', high, rest @ ..] => {
            let is_half = matches!(high, b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F');
            let is_whole = rest.len() >= 2 && rest[..2].iter().all(u8::is_ascii_hexdigit);
            (is_half && is_whole).then_some(6)
        }
        [0xed, 0xa0..=0xbf, 0x80..=0xbf, ..] => Some(3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_python_alone_reads_becomes_a_string_of_the_same_length() {
        for (python, json) in [
            (r#"{"x": NaN}"#, r#"{"x": "a"}"#),
            (
                r#"{"x": [-Infinity,Infinity]}"#,
                r#"{"x": ["Infinit","nfinit"]}"#,
            ),
            (r#"{"\ud800": "\\\uDfFf"}"#, r#"{"??????": "\\??????"}"#),
        ] {
            let made = as_json(python.as_bytes()).map(|made| String::from_utf8(made).unwrap());
            assert_eq!(made.as_deref(), Some(json));
        }
        let encoded = as_json(b"\"\xed\xa0\x80\"");
        assert_eq!(encoded.as_deref(), Some(&b"\"???\""[..]));
        for other in [
            r#"{"NaN": "Infinity"}"#,
            r#""\\ud800""#,
            r#""\ud7ff""#,
            r#""\ud8g0""#,
            r#""\"NaN""#,
            "Nan",
            "\"\\",
            "\"\u{d7ff}\"",
            "",
        ] {
            assert_eq!(as_json(other.as_bytes()), None, "{other}");
        }
    }
}
