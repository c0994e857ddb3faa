//! Keeps records by path, without any cryptography.
//!
//! A store fetches, saves, removes and lists bytes. It enforces the condition of a
//! write, and never interprets a record; the client decides what a refusal means.

mod entry;
mod folder;
mod memory;
mod s3;
mod stored;

use std::fmt;

pub use entry::{Entry, Removed, Version, rfc3339};
pub(crate) use folder::FolderStore;
pub(crate) use memory::MemoryStore;
pub use s3::BucketState;
pub(crate) use s3::{Bucket, S3Store};
pub(crate) use stored::Stored;

use bytes::Bytes;

use crate::backends::Pending;
use crate::base::{Error, Place, Result, SecretName};

/// A place that keeps records.
pub(crate) trait Store: fmt::Debug + Send + Sync {
    /// The place of a name's record; an error if the store cannot keep this name.
    fn place(&self, name: &SecretName) -> Result<Place>;

    /// Checks that all these names can be kept together, and with existing ones; the
    /// error names two that conflict.
    fn check_together(&self, _places: &[Place]) -> Result<()> {
        Ok(())
    }

    /// Opens connections for this many simultaneous requests, if any are needed.
    fn dial_ahead(&self, _connections: usize) {}

    /// Fetches the current record, or one version of it.
    fn fetch<'a>(&'a self, place: &'a Place, version: Option<&'a str>) -> Pending<'a, Lookup>;

    /// Whether the current record is `record`, compared without a second copy of it
    /// in memory. A store that cannot say so without fetching it says no.
    fn holds<'a>(&'a self, _place: &'a Place, _record: &'a [u8]) -> Pending<'a, bool> {
        Box::pin(async { Ok(false) })
    }

    /// Fetches the current record unless it has this etag. A store that cannot
    /// compare etags always fetches it.
    fn refetch<'a>(&'a self, place: &'a Place, _etag: &'a str) -> Pending<'a, Refetch> {
        Box::pin(async move { self.fetch(place, None).await.map(Refetch::Answered) })
    }

    /// Saves a record atomically. `Bytes` lets a request share it without a copy.
    fn save<'a>(
        &'a self,
        place: &'a Place,
        record: &'a Bytes,
        condition: Condition<'a>,
    ) -> Pending<'a, Outcome>;

    /// Removes the current record if it is still this one.
    fn delete<'a>(&'a self, place: &'a Place, current: &'a Stored) -> Pending<'a, Removal>;

    /// The records whose names start with `prefix`, in byte order of the names.
    fn list(&self, prefix: &str) -> Box<dyn Pages + '_>;

    /// All versions of a record, newest first; empty if it never existed.
    fn versions<'a>(&'a self, place: &'a Place) -> Pending<'a, Vec<Version>>;

    /// Whether what is replaced or removed from now on is kept as a version.
    fn keeps_replaced(&self) -> Pending<'_, bool> {
        Box::pin(async { Ok(true) })
    }
}

/// A listing, fetched page by page.
pub(crate) trait Pages: fmt::Debug + Send {
    /// The next page, which may be empty; `None` after the last. After a failure, it
    /// is the same page again.
    fn next(&mut self) -> Pending<'_, Option<Vec<Entry>>>;
}

/// Entries per page, as in S3.
const PAGE: usize = 1000;

/// The result of reading a path.
#[derive(Debug)]
pub(crate) enum Lookup {
    /// There is a record.
    Found(Stored),
    /// There is none.
    Missing,
    /// We may not know; with the store's response.
    Forbidden(Error),
}

impl Lookup {
    /// The record, or why there is none.
    pub(crate) fn found(self, place: &Place, version: Option<&str>) -> Result<Stored> {
        match self {
            Self::Found(stored) => Ok(stored),
            Self::Missing => Err(Error::Missing {
                place: place.clone(),
                version: version.map(str::to_owned),
            }),
            Self::Forbidden(error) => Err(error),
        }
    }
}

/// The result of reading a path whose record is cached.
#[derive(Debug)]
pub(crate) enum Refetch {
    /// It is still current.
    Unchanged,
    /// The current record, or why there is none.
    Answered(Lookup),
    /// The store is unreachable, or failed.
    Away(Error),
}

/// What must be true of a path for a write to succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition<'a> {
    /// There is no record.
    Absent,
    /// There is a record with this etag.
    Matches(&'a str),
    /// None: any record is replaced.
    Whatever,
}

impl Condition<'_> {
    /// Whether it is met, given the etag of the current record, if there is one.
    fn is_met(self, current: Option<&str>) -> bool {
        match self {
            Self::Absent => current.is_none(),
            Self::Matches(etag) => current == Some(etag),
            Self::Whatever => true,
        }
    }
}

/// The outcome of a write.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It is stored.
    Saved(Receipt),
    /// The condition was not met. After a lost response, our own record may be why.
    Refused,
    /// Another write is in progress: the same request may be sent again.
    Busy,
    /// The bytes were sent, but no response tells whether they were stored.
    Unclear(Error),
}

/// A store's confirmation that a record is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) etag: String,
    pub(crate) version: Option<String>,
}

/// The outcome of a removal.
#[derive(Debug)]
pub(crate) enum Removal {
    /// It is removed.
    Done(Removed),
    /// The record had changed, or did not exist.
    Refused,
    /// Another write is in progress: the same request may be sent again.
    Busy,
    /// The request was sent, but no response tells whether it succeeded.
    Unclear(Error),
}

/// The error for a record over the limit, in bytes.
fn too_large(place: &Place, largest: usize) -> Error {
    Error::Damaged {
        place: place.clone(),
        message: format!("its record is larger than {largest} bytes"),
        hint: Some("--max-size BYTES allows larger secrets".into()),
    }
}

/// The result of work that never waits, as in memory and in a folder.
#[cfg(test)]
pub(crate) fn now<T>(work: impl Future<Output = T>) -> T {
    use futures_util::FutureExt;
    work.now_or_never().expect("nothing to wait for")
}
