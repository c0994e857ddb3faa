//! JSON as written: numbers keep their spelling, and members their order.
//!
//! Parses one level at a time, over borrowed text. Stricter than JSON: a
//! duplicate field is an error, because it would make a secret ambiguous. Errors
//! contain field names and no other byte of the document.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::base::{Brief, Secret, pointer, push_step};

/// The deepest nesting of objects and arrays.
pub const MAX_DEPTH: usize = 64;

/// The names and values of an object, in order.
pub(crate) type Members<'a> = Vec<(String, &'a RawValue)>;

/// One value, with its members not yet parsed.
pub(crate) enum Node<'a> {
    Object(Members<'a>),
    Array(Vec<&'a RawValue>),
    Text(String),
    Number(&'a str),
    Bool(bool),
    Null,
}

/// Why a document is rejected, with the JSON pointer of the field.
#[derive(Debug, PartialEq, Eq)]
pub enum JsonError {
    /// Not JSON at all.
    Syntax {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
    },
    /// An escape that is not a Unicode character.
    NotUnicode {
        /// The field.
        path: String,
    },
    /// A duplicate field in one object.
    Twice {
        /// The field.
        path: String,
    },
    /// A field with an empty name.
    Nameless {
        /// The field.
        path: String,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep {
        /// The field.
        path: String,
    },
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { line, column } => {
                write!(f, "it is not valid JSON at line {line}, column {column}")
            }
            Self::NotUnicode { path } => write!(
                f,
                "{} contains an escape that is not a Unicode character",
                At(path)
            ),
            Self::Twice { path } => {
                write!(f, "the field `{}` appears twice in one object", Brief(path))
            }
            Self::Nameless { path } => {
                write!(f, "the field `{}` has an empty name", Brief(path))
            }
            Self::TooDeep { path } => {
                write!(f, "{} is nested deeper than {MAX_DEPTH} levels", At(path))
            }
        }
    }
}

impl std::error::Error for JsonError {}

/// A pointer as messages name it: without a step, it is the document's.
struct At<'a>(&'a str);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "" => f.write_str("it"),
            path => write!(f, "`{}`", Brief(path)),
        }
    }
}

/// Strips the byte order mark that some editors write.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Checks the syntax of a whole document; skips a byte order mark. Fields may still
/// appear twice.
///
/// # Errors
///
/// [`JsonError::Syntax`].
///
/// # Examples
///
/// ```
/// assert!(lazycred::json::check(b"{\"port\": 5432}").is_ok());
/// assert!(lazycred::json::check(b"{\"port\": 5432").is_err());
/// ```
pub fn check(bytes: &[u8]) -> Result<(), JsonError> {
    document(bytes).map(drop)
}

/// The members of an object, in order: of text the text itself, of anything else its
/// JSON as written. `None` for a document that is not an object.
///
/// # Errors
///
/// [`JsonError`], wherever in the document it is.
///
/// # Examples
///
/// ```
/// let members = lazycred::json::members(br#"{"user": "app", "ports": [1e3]}"#).unwrap();
/// let [(_, user), (name, ports)] = &members.expect("an object")[..] else { panic!() };
/// assert_eq!(user.as_bytes(), b"app");
/// assert_eq!((&**name, ports.as_bytes()), ("ports", &b"[1e3]"[..]));
/// ```
pub fn members(bytes: &[u8]) -> Result<Option<Vec<(String, Secret)>>, JsonError> {
    let raw = document(bytes)?;
    // Only the check is wanted, and no copy of the text may stay.
    drop(Zeroizing::new(compact(raw, "", 0)?));
    let Node::Object(members) = node(raw, "")? else {
        return Ok(None);
    };
    let secret = |(name, raw): (String, &RawValue)| {
        let secret = match node(raw, "")? {
            Node::Text(text) => Secret::from(text),
            _ => Secret::from(raw.get()),
        };
        Ok((name, secret))
    };
    members
        .into_iter()
        .map(secret)
        .collect::<Result<_, _>>()
        .map(Some)
}

/// Checks the syntax of a whole document; skips a byte order mark.
pub(crate) fn document(bytes: &[u8]) -> Result<&RawValue, JsonError> {
    unmarked(without_mark(bytes))
}

/// Like [`document`], for text without a byte order mark.
pub(crate) fn unmarked(bytes: &[u8]) -> Result<&RawValue, JsonError> {
    serde_json::from_slice(bytes).map_err(|error| JsonError::Syntax {
        line: error.line(),
        column: error.column(),
    })
}

/// The first level of a value that [`document`] has checked.
pub(crate) fn node<'a>(raw: &'a RawValue, path: &str) -> Result<Node<'a>, JsonError> {
    let text = raw.get();
    let not_unicode = |_| JsonError::NotUnicode { path: path.into() };
    Ok(match text.as_bytes().first() {
        Some(b'{') => Node::Object(fields(text, path)?),
        Some(b'[') => Node::Array(serde_json::from_str(text).map_err(not_unicode)?),
        Some(b'"') => Node::Text(serde_json::from_str(text).map_err(not_unicode)?),
        Some(b't') => Node::Bool(true),
        Some(b'f') => Node::Bool(false),
        Some(b'n') => Node::Null,
        _ => Node::Number(text),
    })
}

fn fields<'a>(text: &'a str, path: &str) -> Result<Members<'a>, JsonError> {
    let mut input = serde_json::Deserializer::from_str(text);
    let members = input
        .deserialize_map(InOrder)
        .map_err(|_| JsonError::NotUnicode { path: path.into() })?;
    let mut seen = HashSet::with_capacity(members.len());
    for (name, _) in &members {
        if !seen.insert(name.as_str()) {
            return Err(JsonError::Twice {
                path: pointer(path, name),
            });
        }
    }
    drop(seen);
    Ok(members)
}

/// Reads an object into [`Members`].
struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry::<String, &'de RawValue>()? {
            members.push(member);
        }
        Ok(members)
    }
}

/// Compact JSON: numbers as written, strings in their shortest form, members in order.
pub(crate) fn compact(raw: &RawValue, path: &str, depth: usize) -> Result<String, JsonError> {
    // Compact text is never longer, so the buffer never reallocates and leaves no copy.
    let mut out = String::with_capacity(raw.get().len());
    write_compact(raw, &mut path.to_owned(), depth, |_, _| Ok(()), &mut out)?;
    Ok(out)
}

/// Like [`compact`], but rejects empty field names.
pub(crate) fn compact_named(raw: &RawValue, path: &str, depth: usize) -> Result<String, JsonError> {
    let mut out = String::with_capacity(raw.get().len());
    write_compact(raw, &mut path.to_owned(), depth, named, &mut out)?;
    Ok(out)
}

/// Rejects an empty field name.
pub(crate) fn named(field: &str, path: &str) -> Result<(), JsonError> {
    if field.is_empty() {
        let path = pointer(path, field);
        return Err(JsonError::Nameless { path });
    }
    Ok(())
}

/// `path` is the pointer to `raw`. It grows and shrinks during the walk: a separate
/// path for each value would take quadratic time and memory.
fn write_compact(
    raw: &RawValue,
    path: &mut String,
    depth: usize,
    check: fn(&str, &str) -> Result<(), JsonError>,
    out: &mut String,
) -> Result<(), JsonError> {
    let node = node(raw, path)?;
    if depth >= MAX_DEPTH && matches!(node, Node::Object(_) | Node::Array(_)) {
        return Err(JsonError::TooDeep { path: path.clone() });
    }
    let here = path.len();
    match node {
        Node::Object(members) => {
            out.push('{');
            for (at, (name, value)) in members.into_iter().enumerate() {
                check(&name, path)?;
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&quoted(&name));
                out.push(':');
                push_step(path, &name);
                write_compact(value, path, depth + 1, check, out)?;
                path.truncate(here);
            }
            out.push('}');
        }
        Node::Array(items) => {
            out.push('[');
            for (at, value) in items.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                push_step(path, &at.to_string());
                write_compact(value, path, depth + 1, check, out)?;
                path.truncate(here);
            }
            out.push(']');
        }
        Node::Text(text) => out.push_str(&quoted(&text)),
        Node::Number(text) => out.push_str(text),
        Node::Bool(value) => out.push_str(if value { "true" } else { "false" }),
        Node::Null => out.push_str("null"),
    }
    Ok(())
}

/// Secret text as a JSON string, written to memory that never grows.
pub(crate) fn quoted_secret(text: &str) -> Secret {
    let size = |byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 2,
        0..b' ' => 6,
        _ => 1,
    };
    let size: usize = text.bytes().map(size).sum();
    let mut out = Zeroizing::new(Vec::with_capacity(size + 2));
    serde_json::to_writer(&mut *out, text).expect("a string is always JSON");
    Secret::from(out)
}

/// Text as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string is always JSON")
}

#[cfg(test)]
mod tests;
