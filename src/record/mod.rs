//! Reads and writes the stored document, in both versions.
//!
//! Parses version 1 as leniently as lazycred 0.2.3, and version 2 strictly. Knows
//! JSON, base64 and the hash of a token. Nothing in a record is authenticated until a
//! keyring has unwrapped its data key and `fernet` has opened its token.

mod context;
mod created;
mod fault;
pub(crate) mod fernet;
mod members;
mod python;
mod v1;
mod v2;

pub(crate) use context::Context;
pub(crate) use created::Created;
pub(crate) use fault::RecordError;
pub(crate) use v1::V1;
pub(crate) use v2::{Head, Kind, LAST_GENERATION, Token, V2, is_bindable};

use members::RawMembers;

/// A sealed secret, and its data key wrapped with a wrapping key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Record<'a> {
    /// `{"data": TOKEN, "key": WRAPPED}`.
    V1(V1<'a>),
    /// Eight members, seven of them bound to the data key.
    V2(V2<'a>),
}

impl<'a> Record<'a> {
    /// Parses stored bytes.
    ///
    /// A document with `data` and `key` is version 1, because lazycred 0.2.3 reads it;
    /// otherwise the member `lazycred` is the version. Version 1 may have members that
    /// are JSON only for Python.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, RecordError> {
        let read = Self::parse_json(bytes);
        if let Err(RecordError::NotJson { .. }) = read
            && let Some(json) = python::as_json(bytes)
            && let Ok(Record::V1(record)) = Record::parse_json(&json)
        {
            return Ok(Self::V1(record.into_owned()));
        }
        read
    }

    fn parse_json(bytes: &'a [u8]) -> Result<Self, RecordError> {
        let members = RawMembers::read(bytes)?.ok_or(RecordError::Null)?;
        let version = match (members.get("data"), members.get("key")) {
            (Some(_), Some(_)) => None,
            _ => members.get("lazycred"),
        };
        match version.map(serde_json::value::RawValue::get) {
            None => V1::of(&members).map(Self::V1),
            Some("2") => V2::of(&members).map(Self::V2).map_err(RecordError::V2),
            Some(other) => Err(RecordError::of_version(other)),
        }
    }

    /// Whether stored bytes look like a record, even a damaged one: they claim a
    /// version, or start like an object and are invalid or have a member of a record.
    pub(crate) fn is_meant(bytes: &[u8]) -> bool {
        if Self::claims_a_version(bytes) {
            return true;
        }
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return false;
        }
        let has_one = |members: RawMembers| {
            let mut telling = ["data", "key", "lazycred"].into_iter();
            telling.any(|name| members.get(name).is_some())
        };
        RawMembers::read(bytes).map_or(true, |members| members.is_some_and(has_one))
    }

    /// Whether stored bytes claim version 2 or later, even if damaged: by a member
    /// `lazycred`, or by that name alone in invalid JSON.
    pub(crate) fn claims_a_version(bytes: &[u8]) -> bool {
        const MARK: &[u8] = br#""lazycred""#;
        if !members::is_json(bytes) {
            return bytes.windows(MARK.len()).any(|window| window == MARK);
        }
        matches!(RawMembers::read(bytes), Ok(Some(members)) if members.get("lazycred").is_some())
    }

    /// The version: 1 or 2.
    pub(crate) fn version(&self) -> u8 {
        match self {
            Self::V1(_) => 1,
            Self::V2(_) => 2,
        }
    }
}

#[cfg(test)]
mod tests;
