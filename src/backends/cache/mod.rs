//! Caches fetched records, still sealed, in files that only their owner can read.
//!
//! Knows bytes, etags and files, but no crypto: a cached record is as sealed as
//! in the store, and no data key is ever cached. A file that cannot be trusted
//! counts as missing, and is replaced; a failed write is only a warning. A file's
//! time is when its record was last confirmed.

mod folder;
mod form;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use self::folder::Folder;
use crate::backends::store::Stored;
use crate::base::hash::{is_hex, sha256};
use crate::base::{Error, ObjectPath, OneLine, Result};

/// The size limit of a file's header, in bytes.
const HEADER: usize = 64 << 10;

/// A folder of records, for one store.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    /// Identifies the store: endpoint, region, owner.
    store: Vec<String>,
    /// The largest record, in bytes.
    largest: usize,
    /// Whether a failed write was reported.
    told: AtomicBool,
}

/// A cached record.
#[derive(Debug)]
pub(crate) struct Cached {
    pub(crate) stored: Stored,
    confirmed: SystemTime,
    file: File,
}

impl Cache {
    /// A cache in the folder `lazycred` in `home`, created when needed.
    pub(crate) fn new(home: &Path, store: Vec<String>, largest: usize) -> Self {
        Self {
            folder: within(home),
            store,
            largest,
            told: AtomicBool::new(false),
        }
    }

    /// The cached record of a path, if there is a valid one.
    pub(crate) fn load(&self, path: &ObjectPath) -> Option<Cached> {
        let name = self.file_name(path);
        match self.read(&name) {
            Ok(cached) => Some(cached),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                let file = self.folder.join(name);
                tracing::debug!("ignoring the cached `{}`: {error}", shown(&file));
                None
            }
        }
    }

    fn read(&self, name: &str) -> io::Result<Cached> {
        let most = self.largest.saturating_add(HEADER);
        let (bytes, file) = Folder::open(&self.folder)?.read(name, most)?;
        let confirmed = file.metadata()?.modified()?;
        let stored = form::decode(bytes, name).map_err(io::Error::other)?;
        if stored.bytes.len() > self.largest {
            return Err(io::Error::other("its record is too large"));
        }
        Ok(Cached {
            stored,
            confirmed,
            file,
        })
    }

    /// Caches the record at a path, replacing any earlier one.
    pub(crate) fn keep(&self, path: &ObjectPath, stored: &Stored) {
        if stored.etag().is_empty() {
            tracing::debug!("{path} has no etag, so it is not cached");
            return;
        }
        let name = self.file_name(path);
        let head = form::head(stored, &name);
        let kept = Folder::make(&self.folder)
            .and_then(|folder| folder.write(&name, &[&head, &stored.bytes]));
        if let Err(error) = kept
            && !self.told.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                "cannot cache anything in `{}`: {error}",
                shown(&self.folder)
            );
        }
    }

    /// Forgets the cached record of a path.
    pub(crate) fn forget(&self, path: &ObjectPath) {
        let name = self.file_name(path);
        let forgotten = Folder::open(&self.folder).and_then(|folder| folder.remove(&name));
        if let Err(error) = forgotten
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::debug!(
                "cannot remove `{}`: {error}",
                shown(&self.folder.join(name))
            );
        }
    }

    /// A file name unique to this path in this store, which does not reveal the path.
    fn file_name(&self, path: &ObjectPath) -> String {
        let identity = serde_json::to_vec(&(path.identity(), &self.store));
        sha256(&identity.expect("text is always JSON"))
    }
}

impl Cached {
    /// Notes that the store has just confirmed this record as current.
    pub(crate) fn confirm(&self) {
        // Sets the time of this file, even if another has its name by now.
        if let Err(error) = self.file.set_modified(SystemTime::now()) {
            tracing::debug!("cannot update the time of a cached record: {error}");
        }
    }

    /// The time since that confirmation.
    pub(crate) fn age(&self) -> Duration {
        self.confirmed.elapsed().unwrap_or_default()
    }
}

/// Removes the cached records from the folder `lazycred` in `home`, and returns their
/// number. Other files stay.
///
/// # Errors
///
/// [`Error::Io`] if the folder is not the caller's own, or cannot be changed.
///
/// # Examples
///
/// ```
/// assert_eq!(lazycred::cache::clear("/nowhere".as_ref())?, 0);
/// # Ok::<(), lazycred::Error>(())
/// ```
pub fn clear(home: &Path) -> Result<usize> {
    let path = within(home);
    let cleared = Folder::open(&path).and_then(|folder| folder.clear(is_ours, is_record));
    match cleared {
        Ok(records) => {
            // Fails harmlessly if other files remain.
            std::fs::remove_dir(&path).ok();
            Ok(records)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(Error::io(format!("clear `{}`", shown(&path)), error)),
    }
}

fn within(home: &Path) -> PathBuf {
    home.join("lazycred")
}

/// Whether a file has a record's name.
fn is_record(name: &str) -> bool {
    is_hex(name, 64)
}

/// Whether a file has a record's name, or a temporary one.
fn is_ours(name: &str) -> bool {
    let temporary = name.strip_prefix('.').and_then(|rest| rest.split_once('.'));
    let written = temporary.is_some_and(|(name, random)| is_record(name) && is_hex(random, 16));
    is_record(name) || written
}

fn shown(path: &Path) -> String {
    OneLine(path.to_string_lossy()).to_string()
}

#[cfg(test)]
mod tests;
