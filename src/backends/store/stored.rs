//! A stored record and what identifies it, which is computed only if asked for.

use std::sync::OnceLock;

use super::Receipt;
use crate::base::hash::sha256;

/// What is stored at a path.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    /// The record, byte for byte.
    pub(crate) bytes: Vec<u8>,
    identity: Identity,
}

/// What identifies a record among all that were ever stored at its path.
#[derive(Debug, Clone)]
enum Identity {
    /// As the store says.
    Told {
        etag: String,
        version: Option<String>,
    },
    /// The SHA-256 of its bytes is both.
    Hash(OnceLock<String>),
}

impl Stored {
    /// A record that its store identifies; with a version, if the store keeps versions.
    pub(crate) fn new(bytes: Vec<u8>, etag: impl Into<String>, version: Option<String>) -> Self {
        let etag = etag.into();
        Self {
            bytes,
            identity: Identity::Told { etag, version },
        }
    }

    /// A record whose etag and version are the SHA-256 of its bytes.
    pub(crate) fn hashed(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            identity: Identity::Hash(OnceLock::new()),
        }
    }

    /// Identifies these bytes among all that were ever stored here.
    pub(crate) fn etag(&self) -> &str {
        match &self.identity {
            Identity::Told { etag, .. } => etag,
            Identity::Hash(hash) => hash.get_or_init(|| sha256(&self.bytes)),
        }
    }

    /// The version, if the store keeps versions.
    pub(crate) fn version(&self) -> Option<&str> {
        match &self.identity {
            Identity::Told { version, .. } => version.as_deref(),
            Identity::Hash(_) => Some(self.etag()),
        }
    }

    /// The version, or without one the etag.
    pub(crate) fn label(&self) -> &str {
        self.version().unwrap_or(self.etag())
    }

    /// What a store says of a record that it has just stored.
    pub(crate) fn receipt(&self) -> Receipt {
        Receipt {
            etag: self.etag().to_owned(),
            version: self.version().map(str::to_owned),
        }
    }

    /// Whether a user means this one by `version`.
    pub(crate) fn is_version(&self, version: &str) -> bool {
        self.version() == Some(version) || self.etag() == version.trim_matches('"')
    }
}

impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
            && self.etag() == other.etag()
            && self.version() == other.version()
    }
}

impl Eq for Stored {}
