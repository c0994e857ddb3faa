//! What can be wrong with stored bytes, in words that hold none of a secret.

use std::fmt;

use crate::name::OneLine;

/// The most characters of a record's own text that a message repeats.
const SHOWN: usize = 40;

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
    /// `lazycred` names no version.
    NoVersion,
    /// Version 2, and not as it must be.
    V2(V2Fault),
}

/// What is wrong with a record of version 2.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum V2Fault {
    /// A member is not there.
    Missing { name: &'static str },
    /// A member stands twice.
    Twice { name: &'static str },
    /// A member that version 2 has not.
    Unknown { name: String },
    /// A member is not what it must be.
    Form {
        name: &'static str,
        wanted: &'static str,
    },
    /// `token_sha256` is another token's.
    Hash,
}

impl RecordError {
    /// For a member `lazycred` that is not 2, as the document spells it.
    pub(super) fn of_version(text: &str) -> Self {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text {
            "0" | "1" => Self::NoVersion,
            number if digits => Self::Newer {
                version: number.chars().take(SHOWN).collect(),
            },
            _ => Self::NoVersion,
        }
    }

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

impl RecordError {
    /// What is wrong, of a record or of what is none.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::NotJson { line, column } => {
                format!("not a JSON object at line {line}, column {column}")
            }
            Self::Null => "it is `null`, as lazycred 0.2.3 stored what it could not encrypt".into(),
            Self::NullKey => "its `key` is null, as lazycred 0.2.3 left it when KMS failed, so nothing can decrypt it".into(),
            Self::Member { name } => format!("its member `{name}` is missing or not a string"),
            Self::KeyNotBase64 => "its `key` is not base64".into(),
            Self::Newer { version } => format!("it has format {version}"),
            Self::NoVersion => "its member `lazycred` does not name a version".into(),
            Self::V2(fault) => fault.to_string(),
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer { version } => {
                write!(
                    f,
                    "the record was written by a newer lazycred (format {version})"
                )
            }
            _ => write!(f, "the record is damaged: {}", self.detail()),
        }
    }
}

impl fmt::Display for V2Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { name } => write!(f, "its member `{name}` is missing"),
            Self::Twice { name } => write!(f, "its member `{name}` is there twice"),
            Self::Unknown { name } => {
                let name: String = name.chars().take(SHOWN).collect();
                write!(f, "version 2 has no member `{}`", OneLine(name))
            }
            Self::Form { name, wanted } => write!(f, "its member `{name}` is not {wanted}"),
            Self::Hash => f.write_str("its `token_sha256` is not the hash of its `token`"),
        }
    }
}
