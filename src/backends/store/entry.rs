//! What a store tells about its records: entries of a list, versions, and what
//! remains of a removed record.
//!
//! Only what is known without reading a record: sizes are those of records, not of
//! secrets.

use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use crate::base::SecretName;

/// A secret in a list.
///
/// Shape: `web/prod`, 1262 bytes, stored at a time that [`rfc3339`] writes.
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("web/prod", "hunter2")?;
/// for entry in client.list("web/") {
///     let entry = entry?;
///     assert!(entry.name.as_str() == "web/prod" && entry.size > 7);
/// }
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Its full name.
    pub name: SecretName,
    /// The size of its record, in bytes.
    pub size: u64,
    /// When its record was stored.
    pub modified: SystemTime,
    /// Identifies the record's bytes, if the list tells: S3's does, a folder's
    /// does not.
    pub etag: Option<String>,
}

/// One version of a secret, or the mark of its removal.
///
/// Shape: version `3sL4kqtJlcpXroDTDmJ`, 1262 bytes. In a bucket without
/// versioning, the etag stands for the only version.
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("db", "hunter2")?;
/// let newest = &client.history("db")?[0];
/// assert!(newest.current && !newest.deleted);
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Version {
    /// What [`Client::get_version`](crate::Client::get_version) takes.
    pub version: String,
    /// Whether that is an etag, because the store gave the record no version. An
    /// etag has to be given whole; of a version, the first six characters do, or
    /// more if several begin so.
    pub etag: bool,
    /// When it was stored, or when the secret was removed.
    pub modified: SystemTime,
    /// The size of the record, in bytes; 0 for a removal.
    pub size: u64,
    /// Whether the secret was removed here, so that there is nothing to read.
    pub deleted: bool,
    /// Whether it is the one that is read by default.
    pub current: bool,
}

/// What remains of a removed secret.
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// let written = client.put("db", "hunter2")?;
/// let removed = client.delete("db")?;
/// assert_eq!(removed.version, Some(written.version));
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Removed {
    /// The version that was current, if the store still has it, so that it can be
    /// read and restored. `None` if it is lost for good.
    pub version: Option<String>,
    /// The version of the delete marker that S3 leaves in its place.
    pub marker: Option<String>,
    /// Whether the removed record was damaged, so that it cannot be restored.
    pub damaged: bool,
}

/// A time as RFC 3339 writes it, in UTC and whole seconds.
///
/// Shape: `2026-08-20T12:34:56Z`; fractions of a second are dropped.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// let time = UNIX_EPOCH + Duration::from_millis(1_234_567_890_999);
/// assert_eq!(lazycred::rfc3339(time), "2009-02-13T23:31:30Z");
/// ```
///
/// Source: RFC 3339, section 5.6, <https://www.rfc-editor.org/rfc/rfc3339#section-5.6>.
#[must_use]
pub fn rfc3339(time: SystemTime) -> String {
    /// The first second of year 1, and the last of year 9999.
    const WRITTEN: (i64, i64) = (-62_135_596_800, 253_402_300_799);
    let seconds = DateTime::from(time).secs().clamp(WRITTEN.0, WRITTEN.1);
    DateTime::from_secs(seconds)
        .fmt(Format::DateTime)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn times_are_written_in_whole_seconds_and_never_fail() {
        let after = |seconds| UNIX_EPOCH + Duration::from_secs_f64(seconds);
        for (time, expected) in [
            (after(0.0), "1970-01-01T00:00:00Z"),
            (after(1.9), "1970-01-01T00:00:01Z"),
            (UNIX_EPOCH - Duration::from_secs(1), "1969-12-31T23:59:59Z"),
            (after(951_782_400.0), "2000-02-29T00:00:00Z"),
            (after(1e12), "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(time), expected);
        }
    }
}
