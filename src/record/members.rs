//! The members of a stored JSON object, each value as its document spells it.
//!
//! Keeps what either version knows, and that there was something else; what
//! that means is for each version to say.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::fault::RecordError;

/// Every name that a member of either version has: first the two of version 1,
/// then those of version 2, in the order in which they are written.
const NAMES: [&str; 10] = [
    "data",
    "key",
    "lazycred",
    "gen",
    "created",
    "type",
    "tool",
    "token_sha256",
    "wrapped_key",
    "token",
];

/// Those of version 2.
pub(super) const OF_VERSION_2: &[&str] = NAMES.split_at(2).1;

/// The members of one document.
#[derive(Debug, Default)]
pub(super) struct RawMembers<'a> {
    /// In the order of [`NAMES`]; of two of one name the last, as Python has it.
    values: [Option<&'a RawValue>; NAMES.len()],
    /// The first name that no version knows.
    pub(super) unknown: Option<String>,
    /// The first name that stands twice.
    pub(super) twice: Option<&'static str>,
}

impl<'a> RawMembers<'a> {
    /// Reads a document; `None` for `null`.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Option<Self>, RecordError> {
        serde_json::from_slice(bytes).map_err(|error| RecordError::NotJson {
            line: error.line(),
            column: error.column(),
        })
    }

    /// A member's value.
    pub(super) fn get(&self, name: &str) -> Option<&'a RawValue> {
        let at = NAMES.iter().position(|known| *known == name)?;
        self.values[at]
    }
}

impl<'de> Deserialize<'de> for RawMembers<'de> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = RawMembers<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = RawMembers::default();
                while let Some(Text(name)) = map.next_key()? {
                    if let Some(at) = NAMES.iter().position(|known| *known == name) {
                        let before = members.values[at].replace(map.next_value()?);
                        members.twice = members.twice.or(before.map(|_| NAMES[at]));
                    } else {
                        map.next_value::<IgnoredAny>()?;
                        members.unknown.get_or_insert_with(|| name.into_owned());
                    }
                }
                Ok(members)
            }
        }

        input.deserialize_map(Reader)
    }
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A value that is a string.
pub(super) fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let Text(text) = serde_json::from_str(raw.get()).ok()?;
    Some(text)
}

/// A document: a token, and what stands around it.
pub(super) fn around(token: Cow<str>, before: &str, after: &str) -> Vec<u8> {
    let mut document = match token {
        Cow::Owned(token) => token,
        Cow::Borrowed(token) => {
            let length = before.len() + token.len() + after.len();
            let mut document = String::with_capacity(length);
            document.push_str(token);
            document
        }
    };
    document.insert_str(0, before);
    document.push_str(after);
    document.into_bytes()
}
