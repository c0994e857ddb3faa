//! A YAML mapping as JSON: plain scalars by YAML 1.2's core schema, numbers as
//! they are written.
//!
//! Only what has one meaning in JSON is taken. Anchors, tags, several documents,
//! names that are no text, and numbers that JSON cannot spell are errors, which
//! name a line and never a value.
//!
//! Source: YAML 1.2.2, <https://yaml.org/spec/1.2.2/#103-core-schema>.

use std::fmt;

use saphyr_parser::{Event, Parser, ScalarStyle};
use zeroize::Zeroizing;

use crate::json;
use crate::secret::Secret;

/// Why a text is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotYaml {
    line: usize,
    what: &'static str,
}

impl fmt::Display for NotYaml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {}", self.what, self.line)
    }
}

/// What is open, and how much of it is written.
enum Open {
    Array { items: usize },
    Object { parts: usize },
}

/// The JSON text of a YAML document.
pub(crate) fn to_json(text: &str) -> Result<Secret, NotYaml> {
    let mut out = Zeroizing::new(String::with_capacity(8 * text.len() + 16));
    let mut open: Vec<Open> = Vec::new();
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| NotYaml {
            line: error.marker().line(),
            what: "it is not valid YAML",
        })?;
        let refused = |what| NotYaml {
            line: span.start.line(),
            what,
        };
        match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return Err(refused("there is a second document"));
                }
            }
            Event::MappingEnd => close(&mut open, &mut out, '}'),
            Event::SequenceEnd => close(&mut open, &mut out, ']'),
            Event::Alias(_) => return Err(refused("there is an alias")),
            Event::Scalar(_, _, anchor, _)
            | Event::SequenceStart(anchor, _)
            | Event::MappingStart(anchor, _)
                if anchor != 0 =>
            {
                return Err(refused("there is an anchor"));
            }
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => return Err(refused("there is a tag")),
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() >= json::MAX_DEPTH {
                    return Err(refused("it is nested too deep"));
                }
                if separate(&mut open, &mut out) {
                    return Err(refused("a field's name is no text"));
                }
                let object = matches!(event, Event::MappingStart(..));
                out.push(if object { '{' } else { '[' });
                open.push(if object {
                    Open::Object { parts: 0 }
                } else {
                    Open::Array { items: 0 }
                });
            }
            Event::Scalar(text, style, ..) => {
                let name = separate(&mut open, &mut out);
                let plain = style == ScalarStyle::Plain && !name;
                match plain.then(|| core_schema(&text)) {
                    Some(Some(Core::Json(word))) => out.push_str(word),
                    Some(Some(Core::NoJson)) => {
                        return Err(refused(
                            "there is a number that JSON cannot spell; quote it",
                        ));
                    }
                    _ => out.push_str(&Zeroizing::new(json::quoted(&text))),
                }
            }
            _ => {}
        }
    }
    Ok(Secret::from(out.as_bytes()))
}

fn close(open: &mut Vec<Open>, out: &mut String, bracket: char) {
    open.pop();
    out.push(bracket);
}

/// Writes what stands before the next node, and says whether it is a name.
fn separate(open: &mut [Open], out: &mut String) -> bool {
    match open.last_mut() {
        None => false,
        Some(Open::Array { items }) => {
            if *items > 0 {
                out.push(',');
            }
            *items += 1;
            false
        }
        Some(Open::Object { parts }) => {
            let name = parts.is_multiple_of(2);
            match (name, *parts) {
                (true, 0) => {}
                (true, _) => out.push(','),
                (false, _) => out.push(':'),
            }
            *parts += 1;
            name
        }
    }
}

/// A plain scalar that is no text.
enum Core<'a> {
    Json(&'a str),
    NoJson,
}

fn core_schema(text: &str) -> Option<Core<'_>> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Core::Json("null")),
        "true" | "True" | "TRUE" => Some(Core::Json("true")),
        "false" | "False" | "FALSE" => Some(Core::Json("false")),
        _ if json::document(text.as_bytes()).is_ok() && is_number(text) => Some(Core::Json(text)),
        _ if is_number(text) => Some(Core::NoJson),
        _ => None,
    }
}

/// Whether the core schema has it as a number.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let base = |prefix: &str, radix: u32| {
        text.strip_prefix(prefix).is_some_and(|digits| {
            !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix))
        })
    };
    if base("0o", 8) || base("0x", 16) || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let power = |text: &str| digits(text.strip_prefix(['-', '+']).unwrap_or(text));
    if !exponent.is_none_or(power) {
        return false;
    }
    match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json_of(text: &str) -> Result<String, NotYaml> {
        let secret = to_json(text)?;
        Ok(String::from_utf8(secret.as_bytes().to_vec()).unwrap())
    }

    #[test]
    fn a_mapping_becomes_an_object_with_its_numbers_as_written() {
        for (text, expected) in [
            ("a: 1.10\nb: x\n", r#"{"a":1.10,"b":"x"}"#),
            ("a: 1E+5\nb: -0\n", r#"{"a":1E+5,"b":-0}"#),
            ("a: '1'\nb: \"2\"\n", r#"{"a":"1","b":"2"}"#),
            (
                "a: yes\nb: True\nc: ~\nd:\n",
                r#"{"a":"yes","b":true,"c":null,"d":null}"#,
            ),
            ("1: a\ntrue: b\n", r#"{"1":"a","true":"b"}"#),
            ("a: [1, {b: c}]\n", r#"{"a":[1,{"b":"c"}]}"#),
            ("a: |\n  one\n  two\n", r#"{"a":"one\ntwo\n"}"#),
            (
                "a: 2026-01-01\nb: 1_000\n",
                r#"{"a":"2026-01-01","b":"1_000"}"#,
            ),
            ("a: {}\nb: []\n", r#"{"a":{},"b":[]}"#),
        ] {
            assert_eq!(json_of(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_json_cannot_say_is_refused_by_its_line() {
        let deep = "[".repeat(65);
        for (text, line) in [
            ("x: 1\na: 0x1f\n", 2),
            ("a: 007\n", 1),
            ("a: +1\n", 1),
            ("a: .inf\n", 1),
            ("a: 1.\n", 1),
            ("x: 1\na: &b 1\n", 2),
            ("a: !!str 1\n", 1),
            ("a: 1\n---\nb: 2\n", 2),
            ("[a]: 1\n", 1),
            (&deep, 1),
            ("a: 'open\n", 1),
        ] {
            let error = json_of(text).unwrap_err();
            assert!(error.line >= line, "{text}: {error}");
        }
    }
}
