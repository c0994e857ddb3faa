//! Adds a member to a JSON object in a text, and changes no other byte.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// The members of an object as they are written, in their order.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(All)
    }
}

/// Adds a member to the object that a member of the whole text has; to the whole, with
/// that object, if it has none. `None` if the text is no such object.
///
/// Shape: `{"a": 1}` with `b`, `c` and `2` gives `{"a": 1, "b": {"c": 2}}`.
pub(super) fn below(text: &str, parent: &str, name: &str, value: &str) -> Option<String> {
    let trimmed = text.strip_prefix('\u{feff}').unwrap_or(text);
    let all: &RawValue = serde_json::from_str(trimmed).ok()?;
    let members: Members = serde_json::from_str(all.get()).ok()?;
    // Of two, the last one counts.
    let found = members.0.iter().rfind(|(name, _)| name == parent);
    let Some((_, object)) = found else {
        let value = format!("{{{}: {value}}}", quoted(name));
        return Some(with(text, all, &members, parent, &value));
    };
    let of_object: Members = serde_json::from_str(object.get()).ok()?;
    Some(with(text, object, &of_object, name, value))
}

/// The text with one more member at the end of an object, written like its neighbours.
fn with(text: &str, object: &RawValue, members: &Members, name: &str, value: &str) -> String {
    let name = quoted(name);
    let start = offset(text, object) + 1;
    let Some((_, last)) = members.0.last() else {
        let (before, after) = text.split_at(start);
        return format!("{before}{name}: {value}{after}");
    };
    let before_last = members.0.iter().rev().nth(1);
    let from = before_last.map_or(start, |(_, value)| offset(text, value) + value.get().len());
    let head = &text[from..offset(text, last)];
    // Only white space, and after another member a comma, precede the name's quote.
    let space = head.split('"').next().unwrap_or_default();
    let space = space.split_once(',').map_or(space, |(_, space)| space);
    let colon = head.rsplit('"').next().unwrap_or(":");
    let space = match space {
        "" if colon.ends_with(' ') => " ",
        space => space,
    };
    let (before, after) = text.split_at(offset(text, last) + last.get().len());
    format!("{before},{space}{name}{colon}{value}{after}")
}

fn quoted(name: &str) -> String {
    Value::from(name).to_string()
}

/// Where a part of a text starts.
fn offset(text: &str, part: &RawValue) -> usize {
    part.get().as_ptr().addr() - text.as_ptr().addr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_else_keeps_its_order_and_spelling() {
        for (text, expected) in [
            ("{}", r#"{"e": {"n": 9}}"#),
            ("{ }\n", "{\"e\": {\"n\": 9} }\n"),
            (r#"{"b":1,"a":2}"#, r#"{"b":1,"a":2,"e":{"n": 9}}"#),
            (r#"{"a": 1}"#, r#"{"a": 1, "e": {"n": 9}}"#),
            (r#"{ "a" : 1 }"#, r#"{ "a" : 1, "e" : {"n": 9} }"#),
            (
                "\u{feff}{\r\n  \"a\": \"\\u0041,\\\"\",\r\n  \"b\": [1,  2]\r\n}\r\n",
                "\u{feff}{\r\n  \"a\": \"\\u0041,\\\"\",\r\n  \"b\": [1,  2],\r\n  \"e\": {\"n\": 9}\r\n}\r\n",
            ),
            (r#"{"e": {}}"#, r#"{"e": {"n": 9}}"#),
            (
                r#"{"e": {"m": {}}, "a": 1}"#,
                r#"{"e": {"m": {}, "n": 9}, "a": 1}"#,
            ),
            (r#"{"\u0065": {"m":1}}"#, r#"{"\u0065": {"m":1,"n":9}}"#),
            (
                r#"{"e": {"m": 1}, "e": {}}"#,
                r#"{"e": {"m": 1}, "e": {"n": 9}}"#,
            ),
            (
                "{\n  \"e\": {\n    \"m\": {}\n  }\n}\n",
                "{\n  \"e\": {\n    \"m\": {},\n    \"n\": 9\n  }\n}\n",
            ),
            (
                r#"{"a,b\"c":1 ,"d" :2}"#,
                r#"{"a,b\"c":1 ,"d" :2,"e" :{"n": 9}}"#,
            ),
        ] {
            assert_eq!(below(text, "e", "n", "9").as_deref(), Some(expected));
        }
        for text in ["", "[]", "{", "{} x", r#"{"e": []}"#] {
            assert_eq!(below(text, "e", "n", "9"), None, "{text}");
        }
    }
}
