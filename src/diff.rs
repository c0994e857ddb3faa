//! What tells two JSON secrets apart, field by field.
//!
//! Pure. Values are compared as compact JSON, so that white space, the order of
//! fields and the spelling of strings make no difference, and the digits of a
//! number do. What differs is told by JSON pointer; the values come along for
//! whoever must show them.

use std::collections::HashMap;

use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::json::{self, JsonError, MAX_DEPTH, Node};
use crate::name::Place;
use crate::reference::push_step;
use crate::secret::Secret;

/// The most that the pointers of fields that are not written alike take together,
/// in bytes. A long name over many fields would otherwise take the square of the
/// secret's size.
const MAX_PATHS: usize = 16 << 20;

/// One field that two secrets do not have alike.
///
/// Shape: `/db/port`, which was `5432` and is `5433`. A field that was added
/// has no value before, one that was removed none after.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Difference {
    /// The JSON pointer of the field; empty for a whole secret.
    pub path: String,
    /// What it was, as compact JSON; the secret itself if that is no JSON.
    pub before: Option<Secret>,
    /// What it is.
    pub after: Option<Secret>,
}

/// The differences in byte order of their pointers: none if two secrets say
/// the same.
///
/// An object is the fields in it; an array, a text, and what is an object in
/// one of the two only, is one value.
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
    /// The JSON pointer to where the comparison is; it grows and shrinks on the way.
    path: String,
    /// What the pointers of all fields so far that are not written alike take.
    paths: usize,
    differences: Vec<Difference>,
}

/// A value that is compared.
#[derive(Clone, Copy)]
enum Value<'a> {
    Json(&'a RawValue),
    /// What is no JSON.
    Text(&'a Secret),
}

type Members<'a> = Vec<(String, &'a RawValue)>;

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

    /// Counts the path here, unless both sides are one short text.
    fn count(&mut self, before: Option<Value>, after: Option<Value>) -> Result<()> {
        let scalar = before.and_then(Value::scalar);
        if scalar.is_some() && scalar == after.and_then(Value::scalar) {
            return Ok(());
        }
        self.paths += self.path.len();
        if self.paths <= MAX_PATHS {
            return Ok(());
        }
        let told = format!("the paths of what differs add up to more than {MAX_PATHS} bytes");
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

    /// The text of a value without parts; `None` for anything else.
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

    /// Its compact text; only what has parts takes a copy of the path.
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
    use crate::name::ObjectPath;

    #[test]
    fn a_long_name_over_many_fields_is_compared_in_the_time_of_its_size() {
        let of = |count: usize, value: &str| {
            let fields: Vec<String> = (0..count).map(|n| format!("\"{n}\":{value}")).collect();
            format!("{{\"{}\":{{{}}}}}", "n".repeat(60_000), fields.join(","))
        };
        let (many, few) = (of(50_000, "1"), of(250, "1"));
        assert_eq!(compared(&many, &many.replace(',', " , ")).unwrap().len(), 0);
        assert_eq!(compared(&few, &of(250, "2")).unwrap().len(), 250);
        for (before, after) in [(&many, &of(50_000, "2")), (&many, &"{}".to_owned())] {
            let error = compared(before, after).unwrap_err().to_string();
            assert!(
                error.ends_with("the paths of what differs add up to more than 16777216 bytes"),
                "{error}"
            );
        }
    }

    fn place(name: &str) -> Place {
        Place {
            name: name.parse().unwrap(),
            path: ObjectPath::new("memory://", name),
        }
    }

    fn compared(before: &str, after: &str) -> Result<Vec<Difference>> {
        let (before, after) = (Secret::from(before), Secret::from(after));
        diff((&place("a"), &before), (&place("b"), &after))
    }

    fn told(before: &str, after: &str) -> Vec<String> {
        let text = |secret: Option<Secret>| {
            let bytes = secret.map(|secret| secret.as_bytes().to_vec());
            bytes.map_or("-".to_owned(), |bytes| String::from_utf8(bytes).unwrap())
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
        ] {
            assert_eq!(told(before, after), expected, "{before} {after}");
        }
    }

    #[test]
    fn only_what_a_program_could_tell_apart_is_a_difference() {
        let before = "{\"a\": \"A/\", \"b\": [1,  {\"c\": null}]}\n";
        assert_eq!(
            told(before, r#"{"b":[1,{"c":null}],"a":"\u0041\/"}"#),
            [""; 0]
        );
        assert_eq!(told(r#"{"a":1.0,"b":1}"#, r#"{"a":1.00,"b":1e0}"#).len(), 2);
    }

    #[test]
    fn what_is_no_object_is_one_value() {
        for (before, after, expected) in [
            ("hunter2", "hunter2", &[][..]),
            ("hunter2", "hunter2\n", &[": hunter2 hunter2\n"]),
            ("[1, 2]", "[1,2]", &[]),
            ("hunter2", r#"{"a":1}"#, &[r#": hunter2 {"a":1}"#]),
            (r#"{"a":1}"#, r#"{"a":1"#, &[r#": {"a":1} {"a":1"#]),
            ("{}", r#"{"a":1}"#, &["/a: - 1"]),
        ] {
            assert_eq!(told(before, after), expected, "{before} {after}");
        }
    }

    #[test]
    fn an_ambiguous_secret_is_refused_by_its_own_name() {
        let twice = r#"{"x":[{"y":1,"y":2}]}"#;
        let deep = format!("{}1{}", r#"{"a":"#.repeat(65), "}".repeat(65));
        for (before, after, name) in [
            (twice, "{}", "`a`"),
            ("{}", twice, "`b`"),
            (twice, twice, "`a`"),
            (&deep, "{}", "`a`"),
            ("{}", &deep, "`b`"),
        ] {
            let error = compared(before, after).unwrap_err();
            assert_eq!(error.exit_code(), 5);
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
