//! The versions of a record: files `TIME-HASH` in a folder of its own.
//!
//! TIME is when it was kept, in nanoseconds, and gives the order; the file's
//! own time is when the record was stored. HASH is the SHA-256 of the bytes,
//! and the version. A record that was removed has its versions and no mark:
//! none of them is current.

use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{FolderStore, Present, files};
use crate::error::{Error, Result};
use crate::name::Place;
use crate::store::{Lookup, Version};

/// A version that was kept, in the order of keeping.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kept {
    /// When it was kept, in nanoseconds.
    time: u128,
    hash: String,
}

impl Kept {
    fn parse(file_name: &str) -> Option<Self> {
        let (time, hash) = file_name.split_once('-')?;
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_hash = hash.len() == 64 && hash.bytes().all(hex);
        Some(Self {
            time: time.parse().ok()?,
            hash: is_hash.then(|| hash.to_owned())?,
        })
    }

    fn file_name(&self) -> String {
        format!("{:020}-{}", self.time, self.hash)
    }
}

impl FolderStore {
    /// The folder of a record's versions: `web/prod` has `web/prod.d`.
    fn versions_folder(&self, place: &Place) -> PathBuf {
        self.own()
            .join("versions")
            .join(format!("{}.d", place.path.as_str()))
    }

    /// The versions kept, the oldest first.
    pub(super) fn kept(&self, place: &Place) -> Result<Vec<Kept>> {
        let failed = |error| Error::io(format!("list the versions of {place}"), error);
        let entries = match fs::read_dir(self.versions_folder(place)) {
            Ok(entries) => entries,
            Err(error) if files::is_absence(&error) => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut kept = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            if entry.file_type().map_err(failed)?.is_file() {
                kept.extend(entry.file_name().to_str().and_then(Kept::parse));
            }
        }
        kept.sort();
        Ok(kept)
    }

    /// Keeps a record as a version, unless the newest one is the same.
    pub(super) fn keep(&self, place: &Place, current: &Present) -> Result<()> {
        let kept = self.kept(place)?;
        let newest = kept.last();
        let hash = current.stored.etag.clone();
        if newest.is_some_and(|newest| newest.hash == hash) {
            return Ok(());
        }
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        // A clock that went back must not put a version before an older one.
        let time = now.as_nanos().max(newest.map_or(0, |kept| kept.time) + 1);
        let path = self
            .versions_folder(place)
            .join(Kept { time, hash }.file_name());
        let bytes = &current.stored.bytes;
        files::put_in_place(&path, &self.own(), bytes, Some(current.modified))
            .map_err(|error| Error::io(format!("keep a version of {place}"), error))
    }

    /// A version that was kept.
    pub(super) fn look_at_kept(&self, place: &Place, version: &str) -> Result<Lookup> {
        let kept = self.kept(place)?;
        let Some(kept) = kept.iter().rfind(|kept| kept.hash == version) else {
            return Ok(Lookup::Missing);
        };
        let path = self.versions_folder(place).join(kept.file_name());
        match self.read(place, &path)? {
            Some(present) if present.stored.etag == version => Ok(Lookup::Found(present.stored)),
            _ => Err(Error::damaged(
                place,
                format!("the version `{version}` was changed on disk"),
            )),
        }
    }

    /// The newest first. The current one is the newest of those that have the
    /// bytes of FOLDER/NAME; where none has them, FOLDER/NAME comes before all.
    pub(super) fn history(&self, place: &Place) -> Result<Vec<Version>> {
        let failed = |error| Error::io(format!("list the versions of {place}"), error);
        let mut current = self.read(place, &self.file(place))?;
        let mut versions = Vec::new();
        for kept in self.kept(place)?.into_iter().rev() {
            let path = self.versions_folder(place).join(kept.file_name());
            let metadata = fs::metadata(path).map_err(failed)?;
            let same = current.take_if(|current| current.stored.etag == kept.hash);
            versions.push(Version {
                version: kept.hash,
                modified: metadata.modified().map_err(failed)?,
                size: metadata.len(),
                deleted: false,
                current: same.is_some(),
            });
        }
        if let Some(current) = current {
            let first = Version {
                version: current.stored.etag,
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
