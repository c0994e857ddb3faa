//! The stored document, in both versions: how its bytes are read and written.
//!
//! Version 1 is read as leniently as lazycred 0.2.3 reads it, version 2 not at
//! all leniently. Knows JSON and base64, and no crypto but the hash of a token:
//! what a record holds is unauthenticated until a keyring has unwrapped its
//! data key and `envelope` has opened its token.

mod context;
mod created;
mod fault;
mod members;
mod v1;
mod v2;

pub(crate) use context::Context;
pub(crate) use created::Created;
pub(crate) use fault::RecordError;
pub(crate) use v1::V1;
pub(crate) use v2::{Head, Kind, LAST_GENERATION, Token, V2, is_bindable};

use members::RawMembers;

/// A record: a sealed secret, and its data key under a wrapping key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Record<'a> {
    /// `{"data": TOKEN, "key": WRAPPED}`.
    V1(V1<'a>),
    /// Eight members, seven of them bound to the data key.
    V2(V2<'a>),
}

impl<'a> Record<'a> {
    /// Reads stored bytes.
    ///
    /// What has `data` and `key` is version 1, whatever else it has, since
    /// lazycred 0.2.3 reads it; else the member `lazycred` says what it is.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, RecordError> {
        let members = RawMembers::read(bytes)?.ok_or(RecordError::Null)?;
        let version = match (members.get("data"), members.get("key")) {
            (Some(_), Some(_)) => None,
            _ => members.get("lazycred"),
        };
        match version.map(serde_json::value::RawValue::get) {
            None => V1::of(&members).map(Self::V1),
            Some("2") => V2::of(&members).map(Self::V2),
            Some(other) => Err(RecordError::of_version(other)),
        }
    }

    /// Whether stored bytes are meant as a record, be it damaged: they claim a
    /// version, or start like an object and are broken or have a member of one.
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

    /// Whether stored bytes mean to be of version 2 or later, damaged or not:
    /// a member `lazycred` says so, and in what is no JSON the name alone.
    pub(crate) fn claims_a_version(bytes: &[u8]) -> bool {
        const MARK: &[u8] = br#""lazycred""#;
        match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
            Ok(_) => {
                matches!(RawMembers::read(bytes), Ok(Some(members)) if members.get("lazycred").is_some())
            }
            Err(_) => bytes.windows(MARK.len()).any(|window| window == MARK),
        }
    }

    /// The version, as configuration counts them.
    pub(crate) fn version(&self) -> u8 {
        match self {
            Self::V1(_) => 1,
            Self::V2(_) => 2,
        }
    }
}

#[cfg(test)]
mod tests;
