//! Version 1: `{"data": TOKEN, "key": WRAPPED}`, lazycred 0.2.3's own.
//!
//! Reads whatever lazycred 0.2.3 reads, and names the broken shapes that it
//! left behind; writes one canonical form.

use std::borrow::Cow;

use super::fault::RecordError;
use super::members::{RawMembers, around, text};
use crate::base64::{self, Alphabet};

/// A record that nothing binds to its place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct V1<'a> {
    /// The Fernet token, as it was stored.
    pub(crate) token: Cow<'a, str>,
    /// What the keyring made of the data key.
    pub(crate) wrapped: Vec<u8>,
}

impl<'a> V1<'a> {
    /// Reads members as leniently as 0.2.3: the last duplicate wins, unknown
    /// members are passed over, base64 is Python's.
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

    /// The canonical form, in the token's memory if it has its own.
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
    fn a_record_is_read_as_leniently_as_the_original_reads_it() {
        let expected = ("gAAA".to_owned(), b"hi".to_vec());
        for text in [
            r#"{"data": "gAAA", "key": "aGk="}"#,
            " {\"key\":\"aGk=\",\n\"data\":\"gAAA\"}\n",
            r#"{"data": "x", "key": null, "data": "gAAA", "key": "aGk="}"#,
            r#"{"data": "\u0067AAA", "k\u0065y": "aGk="}"#,
            r#"{"data": "gAAA", "key": "a G\nk=!"}"#,
            r#"{"x": [1e999, {"y": "\ud83d\ude00"}], "data": "gAAA", "key": "aGk=", "lazycred": 7, "gen": []}"#,
        ] {
            assert_eq!(read(text).as_ref(), Ok(&expected), "{text}");
        }
    }

    #[test]
    fn each_damage_is_told_apart() {
        let member = |name| RecordError::Member { name };
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
            ("", RecordError::NotJson { line: 1, column: 0 }),
            ("[]", RecordError::NotJson { line: 1, column: 0 }),
            ("\u{feff}{}", RecordError::NotJson { line: 1, column: 1 }),
            (
                r#"{"data": "gAAA", "key": "aGk="} x"#,
                RecordError::NotJson {
                    line: 1,
                    column: 33,
                },
            ),
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
        assert_eq!(
            read(std::str::from_utf8(&bytes).unwrap()),
            Ok(("gAAA".to_owned(), b"hi".to_vec()))
        );
    }
}
