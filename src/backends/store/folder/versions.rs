//! The versions of a record: files `TIME-HASH` in a folder of its own, and
//! `TIME-HASH.removed` for removals.
//!
//! TIME is when it was kept, in nanoseconds, and gives the order; the file's
//! own time is when the record was stored. HASH is the version: the SHA-256 of
//! the bytes, or for a removal, of its name and time.

use std::fmt;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use nix::sys::stat::SFlag;

use super::lock::Held;
use super::read::{FolderStore, Present, is_same};
use super::tree::{Folder, Links, failed, if_there, kind, modified};
use crate::backends::store::{Lookup, Version};
use crate::base::hash::{is_hex, sha256};
use crate::base::{Error, OneLine, Place, Result};
use crate::config::FILE_NAME;

/// The suffix of a removal's file name.
const REMOVED: &str = ".removed";

/// The latest time of an entry, in the year 2262: a later one was planted, and is not
/// a version.
const LATEST: u64 = i64::MAX.unsigned_abs();

/// A kept version or a removal, ordered by when it was kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kept {
    /// When it was kept, in nanoseconds.
    time: u64,
    pub(super) hash: String,
    pub(super) removal: bool,
}

impl Kept {
    fn new(time: u64, hash: String, removal: bool) -> Self {
        Self {
            time,
            hash,
            removal,
        }
    }

    fn parse(file_name: &str) -> Option<Self> {
        let (name, removal) = match file_name.strip_suffix(REMOVED) {
            Some(name) => (name, true),
            None => (file_name, false),
        };
        let (time, hash) = name.split_once('-')?;
        let time = time.parse().ok().filter(|time| *time <= LATEST)?;
        let kept = Self::new(time, is_hex(hash, 64).then(|| hash.to_owned())?, removal);
        (kept.file_name() == file_name).then_some(kept)
    }

    fn file_name(&self) -> String {
        let suffix = if self.removal { REMOVED } else { "" };
        format!("{:020}-{}{suffix}", self.time, self.hash)
    }

    fn is_record(&self, hash: &str) -> bool {
        !self.removal && self.hash == hash
    }
}

/// The folder of a record's versions in the store's own folder: `versions/web/prod.d`
/// for `web/prod`.
fn folder_name(place: &Place) -> String {
    format!("versions/{}.d", place.path.as_str())
}

/// No valid time is left for a new entry.
#[derive(Debug)]
struct NoTime {
    /// The newest entry.
    newest: Option<String>,
}

impl fmt::Display for NoTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.newest {
            Some(name) => write!(f, "`{name}` has the latest possible timestamp"),
            None => f.write_str("the clock is past the year 2262"),
        }
    }
}

impl std::error::Error for NoTime {}

/// The time of the next entry: later than all others, even if the clock was set back,
/// and still valid.
fn next(kept: &[Kept]) -> io::Result<u64> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
    let newest = kept.last();
    let next = newest.map_or(now, |newest| now.max(newest.time + 1));
    if next <= LATEST {
        return Ok(next);
    }
    let newest = newest.filter(|_| now <= LATEST).map(Kept::file_name);
    Err(io::Error::other(NoTime { newest }))
}

impl FolderStore {
    /// The folder of a record's versions, and its entries, oldest first.
    pub(super) fn kept(&self, place: &Place) -> Result<Option<(Folder, Vec<Kept>)>> {
        let names = format!("{FILE_NAME}/{}", folder_name(place));
        let open = || match self.root()? {
            Some(root) => if_there(root.along(&names, self.links())),
            None => Ok(None),
        };
        let failed = |error| failed(format!("list the versions of {place}"), error);
        let Some(folder) = open().map_err(failed)? else {
            return Ok(None);
        };
        let kept = entries(&folder).map_err(failed)?;
        Ok(Some((folder, kept)))
    }

    /// A kept version: the newest whose bytes match the hash in its name.
    pub(super) fn look_at_kept(&self, place: &Place, version: &str) -> Result<Lookup> {
        let Some((folder, kept)) = self.kept(place)? else {
            return Ok(Lookup::Missing);
        };
        let mut failed = None;
        for kept in kept.iter().rev().filter(|kept| kept.is_record(version)) {
            match self.read(place, &folder, &kept.file_name(), self.links()) {
                Ok(Some(present)) if present.stored.etag() == version => {
                    return Ok(Lookup::Found(present.stored));
                }
                Ok(_) => {
                    failed.get_or_insert_with(|| {
                        let what = format!("the version `{version}` was changed on disk");
                        Error::damaged(place, what)
                    });
                }
                Err(error) => {
                    failed.get_or_insert(error);
                }
            }
        }
        failed.map_or(Ok(Lookup::Missing), Err)
    }

    /// All versions, newest first. The current one is the newest with the bytes of
    /// FOLDER/NAME; if there is none, FOLDER/NAME comes first.
    pub(super) fn history(&self, place: &Place) -> Result<Vec<Version>> {
        let mut current = self.current(place)?;
        let mut versions = Vec::new();
        if let Some((folder, kept)) = self.kept(place)? {
            for kept in kept.into_iter().rev() {
                let about = folder.about(kept.file_name(), self.links());
                let about = about
                    .map_err(|error| failed(format!("list the versions of {place}"), error))?;
                let same = current.take_if(|current| kept.is_record(current.stored.etag()));
                versions.push(Version {
                    version: kept.hash,
                    etag: false,
                    modified: modified(&about),
                    size: about.st_size.unsigned_abs(),
                    deleted: kept.removal,
                    current: same.is_some(),
                });
            }
        }
        if let Some(current) = current {
            let first = Version {
                version: current.stored.etag().to_owned(),
                etag: false,
                modified: current.modified,
                size: current.stored.bytes.len() as u64,
                deleted: false,
                current: true,
            };
            versions.insert(0, first);
        }
        Ok(versions)
    }
}

/// Keeps a record as a version before it is replaced or removed, unless it is the
/// newest one already. Then adds an entry for the removal, or for the new record
/// if it equals an older version.
pub(super) fn keep(
    held: &Held,
    place: &Place,
    current: Option<&Present>,
    then: Then<'_>,
) -> Result<Option<Entered>> {
    let keep = || {
        let names = folder_name(place);
        let there = if_there(held.own.along(&names, Links::Refused))?;
        let mut kept = match &there {
            Some(folder) => entries(folder)?,
            None => Vec::new(),
        };
        if let Some(current) = current {
            let hash = current.stored.etag();
            let newest = kept.last().filter(|newest| newest.is_record(hash));
            let is_kept = match (&there, newest) {
                (Some(folder), Some(newest)) => has(folder, newest, &current.stored.bytes)?,
                _ => false,
            };
            if !is_kept {
                let entry = Kept::new(next(&kept)?, hash.to_owned(), false);
                let folder = held.own.make_along(&names)?;
                let file_name = entry.file_name();
                let bytes = &current.stored.bytes;
                let modified = Some(current.modified);
                held.own.put((&folder, &file_name), bytes, modified)?;
                kept.push(entry);
            }
        }
        let time = next(&kept)?;
        let (entry, bytes) = match then {
            Then::Replaced { bytes, hash } => {
                if !kept.iter().any(|kept| kept.is_record(hash)) {
                    return Ok(None);
                }
                (Kept::new(time, hash.to_owned(), false), bytes)
            }
            Then::Removed => {
                let hash = sha256(format!("{}\n{time}", place.path.as_str()).as_bytes());
                (Kept::new(time, hash, true), &[][..])
            }
        };
        let folder = held.own.make_along(&names)?;
        let name = entry.file_name();
        held.own.put((&folder, &name), bytes, None)?;
        let version = entry.hash;
        Ok(Some(Entered {
            folder,
            name,
            version,
        }))
    };
    let is_no_time = |error: &io::Error| {
        let cause = error.get_ref();
        cause.is_some_and(<dyn std::error::Error + Send + Sync>::is::<NoTime>)
    };
    keep().map_err(|error: io::Error| match error.kind() {
        _ if is_no_time(&error) => Error::usage_hint(
            format!("cannot save a version of {place}; nothing changed: {error}"),
            format!(
                "check `{FILE_NAME}/{}` in the store's folder, and remove files that are not versions",
                OneLine(folder_name(place))
            ),
        ),
        io::ErrorKind::InvalidFilename => unkept(place),
        _ => failed(format!("keep a version of {place}"), error),
    })
}

/// The error for a name that is too long to keep versions of.
pub(super) fn unkept(place: &Place) -> Error {
    Error::usage_hint(
        format!("cannot keep a version of {place}: a part of its name is too long"),
        "copy the file to a shorter name, and delete the original",
    )
}

/// What happens to a kept record.
#[derive(Debug, Clone, Copy)]
pub(super) enum Then<'a> {
    /// By these bytes, with this hash.
    Replaced {
        bytes: &'a [u8],
        hash: &'a str,
    },
    Removed,
}

/// An entry for what is about to happen.
#[derive(Debug)]
pub(super) struct Entered {
    folder: Folder,
    name: String,
    pub(super) version: String,
}

impl Entered {
    /// Undoes it, since it did not happen.
    pub(super) fn undo(&self) {
        self.folder.remove(&self.name).ok();
    }
}

/// Whether an entry has these bytes, whatever its name says.
fn has(folder: &Folder, kept: &Kept, bytes: &[u8]) -> io::Result<bool> {
    match if_there(folder.file(&kept.file_name(), Links::Refused))? {
        Some(file) => is_same(file, bytes),
        None => Ok(false),
    }
}

/// The entries in a folder of versions, oldest first.
fn entries(folder: &Folder) -> io::Result<Vec<Kept>> {
    let mut kept = Vec::new();
    for (name, _) in folder.entries()? {
        let Some(entry) = name.to_str().and_then(Kept::parse) else {
            continue;
        };
        // A writer may have undone the entry meanwhile.
        let about = if_there(folder.about(&name, Links::Refused))?;
        if about.is_some_and(|about| kind(&about) == SFlag::S_IFREG) {
            kept.push(entry);
        }
    }
    kept.sort();
    Ok(kept)
}

#[cfg(test)]
mod tests;
