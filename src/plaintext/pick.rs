//! Finds a field in a document by its path, and says why it cannot.

use std::fmt;

use serde_json::value::RawValue;

use crate::base::{Brief, Error, FieldPath, OneLine, Place, pointer, similar};
use crate::plaintext::json::{JsonError, MAX_DEPTH, Node, node};

/// Why a field could not be picked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PickError {
    /// The field does not exist; `there` lists those that do.
    Missing { there: String },
    /// A step into a value that is neither an object nor an array.
    NotFields { path: String },
    /// The document is invalid.
    Json(JsonError),
}

impl PickError {
    pub(crate) fn no_fields(path: impl Into<String>) -> Self {
        Self::NotFields { path: path.into() }
    }
}

impl fmt::Display for PickError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = match self {
            Self::Missing { .. } => return f.write_str("the field does not exist"),
            Self::NotFields { path } if path.is_empty() => "it".to_owned(),
            Self::NotFields { path } => format!("`{}`", OneLine(path)),
            Self::Json(error) => return error.fmt(f),
        };
        write!(
            f,
            "{path} is neither an object nor an array, so it has no fields"
        )
    }
}

/// Why `field` cannot be picked from a secret.
pub(crate) fn not_picked(place: &Place, field: &FieldPath, error: PickError) -> Error {
    match error {
        PickError::Missing { there } => Error::MissingField {
            place: place.clone(),
            field: field.as_str().to_owned(),
            there,
        },
        error => Error::shape(place, error.to_string()),
    }
}

impl From<JsonError> for PickError {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}

/// Finds a field by the steps of its path; an index is a step into an array.
pub(crate) fn pick<'a>(
    root: &'a RawValue,
    steps: &[String],
) -> Result<(&'a RawValue, String), PickError> {
    let (mut value, mut path) = (root, String::new());
    for (depth, step) in steps.iter().enumerate() {
        if depth >= MAX_DEPTH {
            return Err(JsonError::TooDeep { path }.into());
        }
        let parent = node(value, &path)?;
        let found = match &parent {
            Node::Object(members) => members
                .iter()
                .find(|(name, _)| name == step)
                .map(|(_, value)| *value),
            Node::Array(items) => index(step).and_then(|at| items.get(at).copied()),
            _ => return Err(PickError::no_fields(path)),
        };
        value = found.ok_or_else(|| missing(root, &steps[..=depth], &parent, &path))?;
        path = pointer(&path, step);
    }
    Ok((value, path))
}

/// The error for a path whose last step is not in its parent; it lists what is.
pub(crate) fn missing(root: &RawValue, steps: &[String], parent: &Node, path: &str) -> PickError {
    let is_there = |parts: &[String]| pick(root, parts).is_ok();
    PickError::Missing {
        there: match dotted(steps, is_there) {
            Some(field) => {
                let listed = listed(parent, path);
                format!("did you mean `{}`? {listed}", Brief(&field))
            }
            None => there(parent, path, steps.last().map_or("", |step| step)),
        },
    }
}

/// The JSON pointer that is meant by a new top-level field with dots or slashes in it, if
/// all but its last step is there, and could have that.
pub(crate) fn nested(root: &RawValue, steps: &[String]) -> Option<String> {
    if pick(root, steps).is_ok() {
        return None;
    }
    dotted(steps, |parts| {
        let Some((last, above)) = parts.split_last() else {
            return false;
        };
        let parent = pick(root, above).and_then(|(parent, path)| Ok(node(parent, &path)?));
        match parent {
            Ok(Node::Object(_)) => true,
            Ok(Node::Array(_)) => index(last).is_some(),
            _ => false,
        }
    })
}

/// The JSON pointer that is meant by a top-level field with dots or slashes in it, such as
/// `db.host`, if it fits.
fn dotted(steps: &[String], fits: impl Fn(&[String]) -> bool) -> Option<String> {
    let [field] = steps else {
        return None;
    };
    let parts = field.split(['.', '/']).filter(|part| !part.is_empty());
    let parts: Vec<String> = parts.map(str::to_owned).collect();
    let is_meant = parts.len() > 1 && fits(&parts);
    is_meant.then(|| {
        parts
            .iter()
            .fold(String::new(), |path, part| pointer(&path, part))
    })
}

/// Lists the fields that exist, for a hint; first the one that `wanted` may mean.
///
/// Shape: ``did you mean `port`? the fields of `/db` are `host`, `port` ``; cut short if
/// there are many.
pub(crate) fn there(parent: &Node, path: &str, wanted: &str) -> String {
    let listed = listed(parent, path);
    let Node::Object(members) = parent else {
        return listed;
    };
    let close = similar(wanted, members.iter().map(|(name, _)| &**name));
    match close.first() {
        Some(name) if members.len() > 1 => {
            let field = pointer(path, name);
            let is_plain = path.is_empty() && !name.starts_with('/');
            let field = if is_plain { name } else { &*field };
            format!("did you mean `{}`? {listed}", Brief(field))
        }
        _ => listed,
    }
}

/// Lists the fields that exist.
fn listed(parent: &Node, path: &str) -> String {
    /// How many bytes of names to list.
    const MOST: usize = 400;
    let whose = if path.is_empty() {
        "the secret".to_owned()
    } else {
        format!("`{}`", Brief(path))
    };
    let members = match parent {
        Node::Object(members) if !members.is_empty() => members,
        Node::Array(items) if items.len() == 1 => {
            return format!("{whose} is an array of 1 element");
        }
        Node::Array(items) => return format!("{whose} is an array of {} elements", items.len()),
        _ => return format!("{whose} has no fields"),
    };
    let mut told = match members.len() {
        1 => format!("the only field of {whose} is "),
        _ => format!("the fields of {whose} are "),
    };
    for (at, (name, _)) in members.iter().enumerate() {
        let name = format!("`{}`", OneLine(name));
        let more = members.len() - at;
        match at {
            _ if told.len() + name.len() <= MOST => {}
            0 if more == 1 => {
                return format!("{whose} has 1 field, whose name is too long to show");
            }
            0 => return format!("{whose} has {more} fields, whose names are too long to list"),
            _ => return format!("{told} and {more} more"),
        }
        let joint = if at == 0 { "" } else { ", " };
        told.push_str(joint);
        told.push_str(&name);
    }
    told
}

/// An array index as in RFC 6901: digits without a leading zero.
pub(crate) fn index(step: &str) -> Option<usize> {
    let canonical = step == "0"
        || (!step.starts_with('0')
            && !step.is_empty()
            && step.bytes().all(|byte| byte.is_ascii_digit()));
    canonical.then(|| step.parse().ok())?
}
