//! Compares two JSON secrets, field by field.
//!
//! Pure. Compares values as compact JSON: white space, the order of fields and the
//! escapes in strings make no difference; the digits of a number do. Differences
//! have a JSON pointer and both values.

use std::collections::HashMap;

use serde_json::value::RawValue;

use crate::base::{Error, Place, Result, Secret, push_step};
use crate::plaintext::json::{self, JsonError, MAX_DEPTH, Members, Node};

/// The limit on the pointers of all fields that are not identical, in bytes. Without
/// it, a long name above many fields would take quadratic time and memory.
const MAX_PATHS: usize = 16 << 20;

/// A field that differs between two secrets.
///
/// Shape: `/db/port`, from `5432` to `5433`. An added field has no `before`, a
/// removed one no `after`.
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("old", r#"{"port": 5432}"#)?;
/// client.put("new", r#"{"port": 5433}"#)?;
/// let differences = client.diff(("old", None), ("new", None))?;
/// assert_eq!(differences[0].path, "/port");
/// assert_eq!(differences[0].after.as_ref().unwrap().as_bytes(), b"5433");
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Difference {
    /// The JSON pointer of the field; empty for a whole secret.
    pub path: String,
    /// The old value as compact JSON; the secret itself if it is not JSON.
    pub before: Option<Secret>,
    /// The new value.
    pub after: Option<Secret>,
}

/// Lists the differences, in byte order of their pointers.
///
/// Compares objects field by field. An array, a text, and a field that is an object
/// on one side only, are single values.
pub(crate) fn diff(before: (&Place, &Secret), after: (&Place, &Secret)) -> Result<Vec<Difference>> {
    let mut comparison = Comparison {
        before: before.0,
        after: after.0,
        path: String::new(),
        paths: 0,
        differences: Vec::new(),
    };
    let sides = (Some(Value::of(before.1)), Some(Value::of(after.1)));
    comparison.compare(sides, 0)?;
    let mut differences = comparison.differences;
    differences.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(differences)
}

struct Comparison<'a> {
    before: &'a Place,
    after: &'a Place,
    /// The JSON pointer to the current field; it grows and shrinks during the walk.
    path: String,
    /// The length of the pointers of all fields so far that are not identical.
    paths: usize,
    differences: Vec<Difference>,
}

/// A value to compare.
#[derive(Clone, Copy)]
enum Value<'a> {
    Json(&'a RawValue),
    /// A secret that is not JSON.
    Text(&'a Secret),
}

impl Comparison<'_> {
    fn compare(
        &mut self,
        (before, after): (Option<Value>, Option<Value>),
        depth: usize,
    ) -> Result<()> {
        let (old_place, new_place) = (self.before, self.after);
        let old = |error: JsonError| Error::shape(old_place, error.to_string());
        let new = |error: JsonError| Error::shape(new_place, error.to_string());
        let path = &self.path;
        let old_members = before.map(|value| value.members(path, depth)).transpose();
        let new_members = after.map(|value| value.members(path, depth)).transpose();
        match (old_members.map_err(old)?, new_members.map_err(new)?) {
            (Some(Some(old)), Some(Some(new))) => self.fields(old, new, depth),
            (Some(Some(old)), None) if !old.is_empty() => self.fields(old, vec![], depth),
            (None, Some(Some(new))) if !new.is_empty() => self.fields(vec![], new, depth),
            _ => {
                self.count(before, after)?;
                let text = |value: Value| value.text(&self.path, depth);
                let (before, after) = (before.map(text).transpose(), after.map(text).transpose());
                let (before, after) = (before.map_err(old)?, after.map_err(new)?);
                if before.as_ref().map(Secret::as_bytes) != after.as_ref().map(Secret::as_bytes) {
                    self.differences.push(Difference {
                        path: self.path.clone(),
                        before,
                        after,
                    });
                }
                Ok(())
            }
        }
    }

    /// Counts the current path, unless both sides are the same scalar.
    fn count(&mut self, before: Option<Value>, after: Option<Value>) -> Result<()> {
        let scalar = before.and_then(Value::scalar);
        if scalar.is_some() && scalar == after.and_then(Value::scalar) {
            return Ok(());
        }
        self.paths += self.path.len();
        if self.paths <= MAX_PATHS {
            return Ok(());
        }
        let told = format!("the paths of the differences add up to more than {MAX_PATHS} bytes");
        Err(Error::shape(self.after, told))
    }

    fn fields(&mut self, old: Members, new: Members, depth: usize) -> Result<()> {
        let mut new: HashMap<String, &RawValue> = new.into_iter().collect();
        for (name, before) in old {
            let after = new.remove(&name);
            self.field(&name, (Some(before), after), depth)?;
        }
        for (name, after) in new {
            self.field(&name, (None, Some(after)), depth)?;
        }
        Ok(())
    }

    fn field(
        &mut self,
        name: &str,
        (before, after): (Option<&RawValue>, Option<&RawValue>),
        depth: usize,
    ) -> Result<()> {
        let here = self.path.len();
        push_step(&mut self.path, name);
        let sides = (before.map(Value::Json), after.map(Value::Json));
        self.compare(sides, depth + 1)?;
        self.path.truncate(here);
        Ok(())
    }
}

impl<'a> Value<'a> {
    fn of(secret: &'a Secret) -> Self {
        match json::document(secret.as_bytes()) {
            Ok(raw) => Self::Json(raw),
            Err(_) => Self::Text(secret),
        }
    }

    /// The JSON text of a scalar; `None` for anything else.
    fn scalar(self) -> Option<&'a str> {
        match self {
            Self::Json(raw) if !raw.get().starts_with(['[', '{']) => Some(raw.get()),
            _ => None,
        }
    }

    /// The fields of an object; `None` for anything else.
    fn members(self, path: &str, depth: usize) -> Result<Option<Members<'a>>, JsonError> {
        let Self::Json(raw) = self else {
            return Ok(None);
        };
        if !raw.get().starts_with('{') {
            return Ok(None);
        }
        if depth >= MAX_DEPTH {
            return Err(JsonError::TooDeep { path: path.into() });
        }
        match json::node(raw, path)? {
            Node::Object(members) => Ok(Some(members)),
            _ => Ok(None),
        }
    }

    /// Its compact text. Only an object or array copies the path.
    fn text(self, path: &str, depth: usize) -> Result<Secret, JsonError> {
        match self {
            Self::Json(raw) => match json::node(raw, path)? {
                Node::Text(text) => Ok(Secret::from(json::quoted(&text))),
                Node::Object(_) | Node::Array(_) => {
                    json::compact(raw, path, depth).map(Secret::from)
                }
                _ => Ok(Secret::from(raw.get())),
            },
            Self::Text(secret) => Ok(secret.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_of_almost_16_mib_are_listed() {
        let of = |value: &str| {
            let fields: Vec<String> = (0..250).map(|n| format!("\"{n}\":{value}")).collect();
            format!("{{\"{}\":{{{}}}}}", "n".repeat(60_000), fields.join(","))
        };
        assert_eq!(compared(&of("1"), &of("2")).unwrap().len(), 250);
    }

    fn compared(before: &str, after: &str) -> Result<Vec<Difference>> {
        let (before, after) = (Secret::from(before), Secret::from(after));
        let place = |name| crate::base::test_support::place("memory://", "", name);
        diff((&place("a"), &before), (&place("b"), &after))
    }

    fn told(before: &str, after: &str) -> Vec<String> {
        let text = |secret: Option<Secret>| {
            let text = secret.as_ref().map(crate::base::test_support::text);
            text.unwrap_or_else(|| "-".to_owned())
        };
        let differences = compared(before, after).unwrap().into_iter();
        let told = differences.map(|d| format!("{}: {} {}", d.path, text(d.before), text(d.after)));
        told.collect()
    }

    #[test]
    fn fields_are_added_removed_and_changed_by_their_pointers() {
        for (before, after, expected) in [
            ("{}", "{}", &[][..]),
            (
                r#"{"b":1,"a":2}"#,
                r#"{"a":3,"c":4}"#,
                &["/a: 2 3", "/b: 1 -", "/c: - 4"],
            ),
            (
                r#"{"db":{"host":"x","port":1},"z":[1,2]}"#,
                r#"{"db":{"host":"y","port":1},"z":[1,3]}"#,
                &[r#"/db/host: "x" "y""#, "/z: [1,2] [1,3]"],
            ),
            (
                r#"{"db":{"a":{"b":1},"c":2}}"#,
                r#"{"x":{"d":{"e":null}}}"#,
                &["/db/a/b: 1 -", "/db/c: 2 -", "/x/d/e: - null"],
            ),
            (r#"{"a":{}}"#, "{}", &["/a: {} -"]),
            (r#"{"a":{}}"#, r#"{"a":{"b":1}}"#, &["/a/b: - 1"]),
            (r#"{"a":{"b":1}}"#, r#"{"a":[]}"#, &[r#"/a: {"b":1} []"#]),
            (r#"{"a/b":1,"m~n":1}"#, "{}", &["/a~1b: 1 -", "/m~0n: 1 -"]),
            (r#"{"a":1.0}"#, r#"{"a":1.00}"#, &["/a: 1.0 1.00"]),
            (r#"{"a":1}"#, r#"{"a":1e0}"#, &["/a: 1 1e0"]),
            ("hunter2", "hunter2", &[]),
            ("hunter2", "hunter2\n", &[": hunter2 hunter2\n"]),
            ("[1, 2]", "[1,2]", &[]),
            ("hunter2", r#"{"a":1}"#, &[r#": hunter2 {"a":1}"#]),
            (r#"{"a":1}"#, r#"{"a":1"#, &[r#": {"a":1} {"a":1"#]),
            ("{}", r#"{"a":1}"#, &["/a: - 1"]),
        ] {
            assert_eq!(told(before, after), expected, "{before} {after}");
        }
    }
}
