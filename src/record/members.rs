//! The members of a stored JSON object, with their values as written.
//!
//! Keeps the members of both versions, and the first name that is unknown or
//! duplicate; each version decides what that means.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::fault::RecordError;

/// The members of version 1, then those of version 2, in the order of writing.
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

/// The members of version 2.
pub(super) const OF_VERSION_2: &[&str] = NAMES.split_at(2).1;

/// The members of one document.
#[derive(Debug, Default)]
pub(super) struct RawMembers<'a> {
    /// In the order of [`NAMES`]; of duplicates the last, as in Python.
    values: [Option<&'a RawValue>; NAMES.len()],
    /// The first unknown name.
    pub(super) unknown: Option<String>,
    /// The first duplicate name.
    pub(super) twice: Option<&'static str>,
}

impl<'a> RawMembers<'a> {
    /// Reads a document; `None` for `null`.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Option<Self>, RecordError> {
        let text = str::from_utf8(bytes).map_err(|error| {
            let valid = &bytes[..error.valid_up_to()];
            let line = valid.rsplit(|byte| *byte == b'\n').next();
            RecordError::NotJson {
                line: valid.split(|byte| *byte == b'\n').count(),
                column: 1 + line.unwrap_or_default().len(),
            }
        })?;
        serde_json::from_str(text).map_err(|error| RecordError::NotJson {
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

/// Whether a document is JSON in UTF-8.
pub(super) fn is_json(bytes: &[u8]) -> bool {
    let text = str::from_utf8(bytes);
    text.is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

/// The text of a string.
pub(super) fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let Text(text) = serde_json::from_str(raw.get()).ok()?;
    Some(text)
}

/// The document around a token, built in the token's own buffer if it owns one.
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
