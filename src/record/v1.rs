//! Version 1: `{"data": TOKEN, "key": WRAPPED}`, the format of lazycred 0.2.3.
//!
//! Reads everything that lazycred 0.2.3 reads, detects the invalid records that it
//! could store, and writes one canonical form.

use std::borrow::Cow;

use super::fault::RecordError;
use super::members::{RawMembers, around, text};
use crate::base::base64::{self, Alphabet};

/// A record that is not bound to its place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct V1<'a> {
    /// The Fernet token, as stored.
    pub(crate) token: Cow<'a, str>,
    /// The wrapped data key.
    pub(crate) wrapped: Vec<u8>,
}

impl<'a> V1<'a> {
    /// Reads members as leniently as 0.2.3: the last duplicate wins, unknown members
    /// are ignored, and base64 is Python's.
    pub(super) fn of(members: &RawMembers<'a>) -> Result<Self, RecordError> {
        let wrapped = members.get("key");
        if wrapped.is_some_and(|raw| raw.get() == "null") {
            return Err(RecordError::NullKey);
        }
        let member = |name| RecordError::Member { name };
        let token = members.get("data").and_then(text);
        let token = token.ok_or(member("data"))?;
        let wrapped = wrapped.and_then(text).ok_or(member("key"))?;
        let wrapped = base64::decode(wrapped.as_bytes(), Alphabet::Standard)
            .ok_or(RecordError::KeyNotBase64)?;
        Ok(Self { token, wrapped })
    }

    /// The same record, in memory of its own.
    pub(super) fn into_owned<'b>(self) -> V1<'b> {
        V1 {
            token: Cow::Owned(self.token.into_owned()),
            wrapped: self.wrapped,
        }
    }

    /// The canonical document, in the token's own buffer if it owns one.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        let wrapped = base64::encode(&self.wrapped);
        let after = format!(r#"", "key": "{wrapped}"}}"#);
        around(self.token, r#"{"data": ""#, &after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, Vec<u8>), RecordError> {
        let members = RawMembers::read(text.as_bytes())?.expect("an object");
        let record = V1::of(&members)?;
        Ok((record.token.into_owned(), record.wrapped))
    }

    #[test]
    fn whatever_an_unknown_member_is_it_is_ignored() {
        let text =
            r#"{"x": [1e999, {"y": "\ud83d\ude00"}], "data": "gAAA", "key": "aGk=", "gen": []}"#;
        assert_eq!(read(text), Ok(("gAAA".to_owned(), b"hi".to_vec())));
    }

    #[test]
    fn each_kind_of_damage_has_its_own_error() {
        let member = |name| RecordError::Member { name };
        let not_json = |column| RecordError::NotJson { line: 1, column };
        for (text, expected) in [
            (r#"{"data": "gAAA", "key": null}"#, RecordError::NullKey),
            (r#"{"key": null}"#, RecordError::NullKey),
            (r#"{"data": null, "key": "aGk="}"#, member("data")),
            (r#"{"data": 5, "key": "aGk="}"#, member("data")),
            (r#"{"key": "aGk="}"#, member("data")),
            (r#"{"data": "gAAA"}"#, member("key")),
            (r#"{"data": "gAAA", "key": []}"#, member("key")),
            ("{}", member("data")),
            (
                r#"{"data": "gAAA", "key": "aGk"}"#,
                RecordError::KeyNotBase64,
            ),
            ("", not_json(0)),
            ("[]", not_json(0)),
            ("\u{feff}{}", not_json(1)),
            (r#"{"data": "gAAA", "key": "aGk="} x"#, not_json(33)),
        ] {
            assert_eq!(read(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_record_is_written_in_one_form() {
        let record = V1 {
            token: "gAAA".into(),
            wrapped: b"hi".to_vec(),
        };
        let bytes = record.into_bytes();
        assert_eq!(bytes, br#"{"data": "gAAA", "key": "aGk="}"#);
        let read = read(std::str::from_utf8(&bytes).unwrap());
        assert_eq!(read, Ok(("gAAA".to_owned(), b"hi".to_vec())));
    }
}
