//! Changes one field of a JSON secret, and no other byte.
//!
//! Replaces spans of the text: all other fields keep their order, spelling and white
//! space. Pure, and as strict as `json`. Errors contain no values.

mod splice;

use std::fmt;

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use self::splice::Container;
use crate::base::{OneLine, Secret, pointer};
use crate::plaintext::detect::looks_like_object;
use crate::plaintext::json::{self, JsonError, MAX_DEPTH, Node};
use crate::plaintext::pick::{self, PickError};

/// Why a field was not changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EditError {
    /// The secret is not a JSON object.
    NotObject,
    /// A new field would have no name.
    Nameless,
    /// The field could not be found in the secret.
    Pick(PickError),
    /// The new value is invalid.
    Value(JsonError),
    /// An array index that neither exists nor comes right after the last.
    NoElement { path: String, elements: usize },
}

impl<E: Into<PickError>> From<E> for EditError {
    fn from(error: E) -> Self {
        Self::Pick(error.into())
    }
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotObject => {
                f.write_str("it is not a JSON object, so it has no fields to change")
            }
            Self::Nameless => f.write_str("a field's name cannot be empty"),
            Self::Pick(error) => error.fmt(f),
            Self::Value(error) => write!(f, "the new value is invalid: {error}"),
            Self::NoElement { path, elements } => write!(
                f,
                "`{}` does not exist: the array has {elements} element{}; use `-` to append one",
                OneLine(path),
                if *elements == 1 { "" } else { "s" }
            ),
        }
    }
}

/// Sets a field to a JSON value.
///
/// Shape: `{"a": 1}` with `/b/c` and `2` gives `{"a": 1, "b": {"c": 2}}`: missing
/// parents are created as objects. Steps into an array are indexes; `-` and the index
/// after the last append an element.
///
/// Source: RFC 6901, <https://www.rfc-editor.org/rfc/rfc6901>, and for `-`
/// the `add` of RFC 6902, <https://www.rfc-editor.org/rfc/rfc6902#section-4.1>.
pub(crate) fn set(secret: &Secret, steps: &[String], value: &[u8]) -> Result<Secret, EditError> {
    let new = checked(value, steps)?;
    let mut old = object(secret)?;
    let mut path = String::new();
    for (at, step) in steps.iter().enumerate() {
        let there = pointer(&path, step);
        let found = match json::node(old, &path)? {
            Node::Object(members) => {
                let found = members.iter().position(|(name, _)| name == step);
                let values: Vec<&RawValue> = members.into_iter().map(|(_, value)| value).collect();
                let Some(found) = found else {
                    let container = Container::object(secret, old, &values);
                    return Ok(container.with(Some(step), &steps[at + 1..], new));
                };
                values[found]
            }
            Node::Array(items) => match pick::index(step) {
                Some(index) if index < items.len() => items[index],
                index if index == Some(items.len()) || step == "-" => {
                    let container = Container::array(secret, old, &items);
                    return Ok(container.with(None, &steps[at + 1..], new));
                }
                _ => {
                    let (path, elements) = (there, items.len());
                    return Err(EditError::NoElement { path, elements });
                }
            },
            _ => return Err(PickError::no_fields(path).into()),
        };
        (old, path) = (found, there);
    }
    Ok(splice::replace(
        secret,
        splice::span(secret, old),
        &[new.get()],
    ))
}

/// Refuses a new field without a name, which would stop `exec`.
pub(crate) fn check_names(secret: &Secret, steps: &[String]) -> Result<(), EditError> {
    if steps.iter().any(String::is_empty) && pick::pick(object(secret)?, steps).is_err() {
        return Err(EditError::Nameless);
    }
    Ok(())
}

/// The JSON pointer that is meant by a new top-level field with dots or slashes in it,
/// such as `db.port`, if `db` is there and could have it.
pub(crate) fn nested(secret: &Secret, steps: &[String]) -> Option<String> {
    pick::nested(object(secret).ok()?, steps)
}

/// Removes a field, or an element of an array.
///
/// Shape: `{"a": 1, "b": 2}` with `b` gives `{"a": 1}`.
pub(crate) fn unset(secret: &Secret, steps: &[String]) -> Result<Secret, EditError> {
    let root = object(secret)?;
    let (last, above) = steps.split_last().expect("a field path has a step");
    let (parent, path) = pick::pick(root, above)?;
    let node = json::node(parent, &path)?;
    let missing = pick::missing(root, steps, &node, &path);
    let (container, at) = match node {
        Node::Object(members) => {
            let at = members.iter().position(|(name, _)| name == last);
            let values: Vec<&RawValue> = members.into_iter().map(|(_, value)| value).collect();
            (Container::object(secret, parent, &values), at)
        }
        Node::Array(items) => {
            let at = pick::index(last).filter(|at| *at < items.len());
            (Container::array(secret, parent, &items), at)
        }
        _ => return Err(PickError::no_fields(path).into()),
    };
    Ok(container.without(at.ok_or(missing)?))
}

/// A text as a JSON string, in a buffer that never reallocates.
pub(crate) fn string(text: &str) -> Secret {
    let mut out = Zeroizing::new(Vec::with_capacity(string_length(text)));
    serde_json::to_writer(&mut *out, text).expect("a string is always JSON");
    Secret::from(out)
}

/// The length of [`string`], at most six times the text's, in bytes.
pub(crate) fn string_length(text: &str) -> usize {
    let length = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => 6,
        _ => 1,
    };
    2 + text.bytes().map(length).sum::<usize>()
}

/// Checks the new value at every level.
fn checked<'a>(value: &'a [u8], steps: &[String]) -> Result<&'a RawValue, EditError> {
    let path = steps
        .iter()
        .fold(String::new(), |path, step| pointer(&path, step));
    if steps.len() > MAX_DEPTH {
        return Err(EditError::Value(JsonError::TooDeep { path }));
    }
    let new = json::document(value).map_err(EditError::Value)?;
    let compact = json::compact(new, &path, steps.len()).map_err(EditError::Value)?;
    drop(Zeroizing::new(compact));
    Ok(new)
}

fn object(secret: &Secret) -> Result<&RawValue, EditError> {
    if !looks_like_object(secret.as_bytes()) {
        return Err(EditError::NotObject);
    }
    Ok(json::document(secret.as_bytes())?)
}

#[cfg(test)]
mod tests;
