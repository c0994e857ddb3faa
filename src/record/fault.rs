//! What can be wrong with stored bytes, in messages without a byte of a secret.

use std::fmt;

use crate::base::OneLine;

/// How many characters of a record's own text to show.
const SHOWN: usize = 40;

/// How many digits of an unknown version to show.
const DIGITS: usize = 6;

/// What is wrong with stored bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RecordError {
    /// Not a JSON object at all.
    NotJson { line: usize, column: usize },
    /// The document `null`, which 0.2.3 stored for text that it could not encrypt.
    Null,
    /// `"key": null`, which 0.2.3 stored when KMS had failed.
    NullKey,
    /// A member is missing, or is not a string.
    Member { name: &'static str },
    /// `key` is not base64.
    KeyNotBase64,
    /// A newer version.
    Newer { version: String },
    /// `lazycred` is not a version.
    NoVersion,
    /// Invalid, of version 2.
    V2(V2Fault),
}

/// What is wrong with a record of version 2.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum V2Fault {
    /// A member is missing.
    Missing { name: &'static str },
    /// A duplicate member.
    Twice { name: &'static str },
    /// A member unknown in version 2.
    Unknown { name: String },
    /// A member does not have the required form.
    Form {
        name: &'static str,
        wanted: &'static str,
    },
    /// `token_sha256` does not match the token.
    Hash,
}

impl RecordError {
    /// The error for a member `lazycred` that is not 2.
    pub(super) fn of_version(text: &str) -> Self {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text {
            "0" | "1" => Self::NoVersion,
            number if digits => {
                let more = if number.len() > DIGITS { "…" } else { "" };
                let version = number.chars().take(DIGITS).collect::<String>() + more;
                Self::Newer { version }
            }
            _ => Self::NoVersion,
        }
    }

    /// The next step for the user.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Null | Self::NullKey => Some(
                "`put` stores the secret again; `history` shows whether there is an earlier version",
            ),
            Self::Newer { .. } => Some("upgrade lazycred"),
            _ => None,
        }
    }

    /// What is wrong, without saying whether it is a record.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::NotJson { line, column } => {
                format!("not a JSON object at line {line}, column {column}")
            }
            Self::Null => "it is `null`, which lazycred 0.2.3 stored if it could not encrypt".into(),
            Self::NullKey => "its `key` is null, which lazycred 0.2.3 stored if KMS failed, so nothing can decrypt it".into(),
            Self::Member { name } => format!("its member `{name}` is missing or not a string"),
            Self::KeyNotBase64 => "its `key` is not base64".into(),
            Self::Newer { version } => format!("it has format {version}"),
            Self::NoVersion => "its member `lazycred` is not a version".into(),
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
            Self::Twice { name } => write!(f, "its member `{name}` appears twice"),
            Self::Unknown { name } => {
                let name: String = name.chars().take(SHOWN).collect();
                write!(f, "version 2 has no member `{}`", OneLine(name))
            }
            Self::Form { name, wanted } => write!(f, "its member `{name}` is not {wanted}"),
            Self::Hash => f.write_str("its `token_sha256` is not the hash of its `token`"),
        }
    }
}
