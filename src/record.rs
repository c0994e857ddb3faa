//! The stored document, version 1: `{"data": TOKEN, "key": WRAPPED}`.
//!
//! Reads whatever lazycred 0.2.3 reads, and names the broken shapes that it
//! left behind; writes one canonical form. Knows JSON and base64, and no crypto:
//! what it holds is unauthenticated until `envelope` has opened it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::base64::{self, Alphabet};

/// A record: a sealed secret, and its data key under a wrapping key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    /// The Fernet token, as it was stored.
    pub(crate) token: Cow<'a, str>,
    /// What the keyring made of the data key.
    pub(crate) wrapped: Vec<u8>,
}

/// What is wrong with stored bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RecordError {
    /// Not a JSON object at all.
    NotJson { line: usize, column: usize },
    /// The four bytes `null`, which 0.2.3 stored for text that it could not encrypt.
    Null,
    /// `"key": null`, which 0.2.3 stored when KMS had failed.
    NullKey,
    /// A member is missing, or is no string.
    Member { name: &'static str },
    /// `key` is not base64.
    KeyNotBase64,
    /// A version that this program does not know.
    Newer { version: String },
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { line, column } => write!(
                f,
                "the record is damaged: not a JSON object at line {line}, column {column}"
            ),
            Self::Null => f.write_str(
                "the record is damaged: it is `null`, as lazycred 0.2.3 stored what it could not encrypt",
            ),
            Self::NullKey => f.write_str(
                "the record is damaged: its `key` is null, as lazycred 0.2.3 left it when KMS failed, so nothing can decrypt it",
            ),
            Self::Member { name } => {
                write!(f, "the record is damaged: its member `{name}` is missing or no string")
            }
            Self::KeyNotBase64 => f.write_str("the record is damaged: its `key` is not base64"),
            Self::Newer { version } => write!(
                f,
                "the record has version {version}, which this lazycred does not know"
            ),
        }
    }
}

impl RecordError {
    /// What can be done about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Null | Self::NullKey => Some(
                "store the secret again; where the bucket keeps versions, an earlier one may still open",
            ),
            Self::Newer { .. } => Some("a newer lazycred reads it"),
            _ => None,
        }
    }
}

impl<'a> Record<'a> {
    /// Reads stored bytes as leniently as 0.2.3: the last duplicate wins,
    /// unknown members are passed over, base64 is Python's.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, RecordError> {
        let members: Option<Members<'a>> =
            serde_json::from_slice(bytes).map_err(|error| RecordError::NotJson {
                line: error.line(),
                column: error.column(),
            })?;
        let members = members.ok_or(RecordError::Null)?;
        if let (None, None, Some(version)) = (members.data, members.wrapped, members.version) {
            let version = version.get().chars().take(20).collect();
            return Err(RecordError::Newer { version });
        }
        if members.wrapped.is_some_and(|raw| raw.get() == "null") {
            return Err(RecordError::NullKey);
        }
        let token = text(members.data).ok_or(RecordError::Member { name: "data" })?;
        let wrapped = text(members.wrapped).ok_or(RecordError::Member { name: "key" })?;
        let wrapped = base64::decode(wrapped.as_bytes(), Alphabet::Standard)
            .ok_or(RecordError::KeyNotBase64)?;
        Ok(Self { token, wrapped })
    }

    /// The canonical form.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let wrapped = base64::encode(&self.wrapped);
        format!(r#"{{"data": "{}", "key": "{wrapped}"}}"#, self.token).into_bytes()
    }
}

/// The members that count, each as its document spells it.
#[derive(Default)]
struct Members<'a> {
    data: Option<&'a RawValue>,
    wrapped: Option<&'a RawValue>,
    version: Option<&'a RawValue>,
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Members::default();
                while let Some(Text(name)) = map.next_key()? {
                    match &*name {
                        "data" => members.data = Some(map.next_value()?),
                        "key" => members.wrapped = Some(map.next_value()?),
                        "lazycred" => members.version = Some(map.next_value()?),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
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

fn text(raw: Option<&RawValue>) -> Option<Cow<'_, str>> {
    let Text(text) = serde_json::from_str(raw?.get()).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, Vec<u8>), RecordError> {
        let record = Record::parse(text.as_bytes())?;
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
            r#"{"x": [1e999, {"y": "\ud83d\ude00"}], "data": "gAAA", "key": "aGk=", "lazycred": 7}"#,
        ] {
            assert_eq!(read(text).as_ref(), Ok(&expected), "{text}");
        }
    }

    #[test]
    fn each_damage_is_told_apart() {
        let member = |name| RecordError::Member { name };
        for (text, expected) in [
            ("null", RecordError::Null),
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
            (
                r#"{"lazycred": 3, "gen": 1}"#,
                RecordError::Newer {
                    version: "3".into(),
                },
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
        let record = Record {
            token: "gAAA".into(),
            wrapped: b"hi".to_vec(),
        };
        let bytes = record.to_bytes();
        assert_eq!(bytes, br#"{"data": "gAAA", "key": "aGk="}"#);
        assert_eq!(Record::parse(&bytes), Ok(record));
    }
}
