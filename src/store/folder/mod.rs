//! A store in a folder: a record is the file FOLDER/NAME.
//!
//! Versions, the lock and files on the way lie in FOLDER/.lazycred. Reading
//! takes no lock and creates nothing. A write holds the lock, keeps what it
//! replaces or removes as a version, and appears by a rename, so that the
//! record is the old one or the new one whenever the machine stops. The etag
//! and the version of a record are the SHA-256 of its bytes.

mod files;
mod list;
mod versions;

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytes::Bytes;

use super::{
    Condition, Lookup, Outcome, Pages, Receipt, Removal, Removed, Step, Store, Stored, Version,
};
use crate::config::FILE_NAME;
use crate::error::{Error, Result};
use crate::hash::sha256;
use crate::name::{ObjectPath, OneLine, Place, SecretName};

/// Records as files.
#[derive(Debug)]
pub(crate) struct FolderStore {
    root: PathBuf,
    /// The largest record, in bytes.
    largest: usize,
}

/// A record that is there, and when it was stored.
#[derive(Debug)]
struct Present {
    stored: Stored,
    modified: SystemTime,
}

impl FolderStore {
    pub(crate) fn new(root: PathBuf, largest: usize) -> Self {
        Self { root, largest }
    }

    fn file(&self, place: &Place) -> PathBuf {
        self.root.join(place.path.as_str())
    }

    /// The folder of what is ours and no record.
    fn own(&self) -> PathBuf {
        self.root.join(FILE_NAME)
    }

    fn read(&self, place: &Place, path: &Path) -> Result<Option<Present>> {
        let failed = |error| Error::io(format!("read {place}"), error);
        // Opening a pipe would else wait for somebody who writes to it.
        let opened = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(path);
        let file = match opened {
            Ok(file) => file,
            Err(error) if files::is_absence(&error) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() {
            return Ok(None);
        }
        let modified = metadata.modified().map_err(failed)?;
        let limit = self.largest as u64;
        let size = metadata.len();
        let mut bytes = Vec::new();
        if size <= limit {
            // One piece of memory: what is given to wipe it has no more.
            bytes.reserve_exact(usize::try_from(size).unwrap_or_default());
            file.take(limit + 1)
                .read_to_end(&mut bytes)
                .map_err(failed)?;
        }
        if size > limit || bytes.len() > self.largest {
            let message = format!("its record is larger than {limit} bytes");
            return Err(Error::Damaged {
                place: place.clone(),
                message,
                hint: Some("--max-size BYTES allows larger secrets".into()),
            });
        }
        Ok(Some(Present {
            stored: stored(bytes),
            modified,
        }))
    }

    fn look(&self, place: &Place, version: Option<&str>) -> Result<Lookup> {
        let current = self.read(place, &self.file(place))?;
        let current = current.map(|present| present.stored);
        let Some(version) = version else {
            return Ok(current.map_or(Lookup::Missing, Lookup::Found));
        };
        match current.filter(|current| current.is_version(version)) {
            Some(current) => Ok(Lookup::Found(current)),
            None => self.look_at_kept(place, version),
        }
    }

    fn write(&self, place: &Place, record: &[u8], condition: Condition) -> Result<Outcome> {
        let _lock = self.lock(place)?;
        let path = self.file(place);
        let current = self.read(place, &path)?;
        let etag = current.as_ref().map(|current| &*current.stored.etag);
        let met = match condition {
            Condition::Absent => etag.is_none(),
            Condition::Matches(wanted) => etag == Some(wanted),
            Condition::Whatever => true,
        };
        if !met {
            return Ok(Outcome::Refused);
        }
        self.refuse_both_file_and_folder(place, &path)?;
        if let Some(current) = &current {
            self.keep(place, current)?;
        }
        files::put_in_place(&path, &self.own(), record, None)
            .map_err(|error| Error::io(format!("write {place}"), error))?;
        let etag = sha256(record);
        Ok(Outcome::Saved(Receipt {
            version: Some(etag.clone()),
            etag,
        }))
    }

    fn remove(&self, place: &Place, etag: &str) -> Result<Removal> {
        let _lock = self.lock(place)?;
        let path = self.file(place);
        let current = self.read(place, &path)?;
        let Some(current) = current.filter(|current| current.stored.etag == etag) else {
            return Ok(Removal::Refused);
        };
        self.keep(place, &current)?;
        files::remove(&path, &self.root)
            .map_err(|error| Error::io(format!("remove {place}"), error))?;
        Ok(Removal::Done(Removed {
            version: current.stored.version,
            marker: None,
        }))
    }

    /// Waits for other writers; the lock goes with the file that is given back.
    fn lock(&self, place: &Place) -> Result<File> {
        let failed = |error| Error::io(format!("lock the folder of {place}"), error);
        files::make_folders(&self.own()).map_err(failed)?;
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o666);
        let file = options.open(self.own().join("lock")).map_err(failed)?;
        file.lock().map_err(failed)?;
        files::sweep(&self.own());
        Ok(file)
    }

    fn refuse_both_file_and_folder(&self, place: &Place, path: &Path) -> Result<()> {
        // A writer that was killed may have left a folder without a record.
        if path.is_dir() && !files::remove_empty(path) {
            return Err(clash(place, &format!("{}/", place.name), "is there"));
        }
        self.refuse_below_a_file(place)
    }

    fn refuse_below_a_file(&self, place: &Place) -> Result<()> {
        let is_file = |above: &&str| self.root.join(above).is_file();
        match above(place).find(is_file) {
            Some(above) => Err(clash(place, above, "is there")),
            None => Ok(()),
        }
    }
}

impl Store for FolderStore {
    fn place(&self, name: &SecretName) -> Result<Place> {
        let text = name.as_str();
        let refused = |why: &str| {
            Err(Error::usage_hint(
                format!("`{name}` is no name for a secret in a folder: {why}"),
                "its parts between `/` must be file names",
            ))
        };
        for part in text.split('/') {
            match part {
                "" => return refused("a part of it is empty"),
                "." | ".." => return refused("a part of it is `.` or `..`"),
                _ => {}
            }
        }
        if text.split('/').next() == Some(FILE_NAME) {
            return refused("`.lazycred` is where the store keeps its own files");
        }
        let path = ObjectPath::new(format!("file://{}/", self.root.display()), text);
        // A folder may be mounted or copied elsewhere.
        let path = path.movable("file://");
        Ok(Place {
            name: name.clone(),
            path,
        })
    }

    fn check_together(&self, places: &[Place]) -> Result<()> {
        let names: HashSet<&str> = places.iter().map(|place| place.path.as_str()).collect();
        for place in places {
            if let Some(other) = above(place).find(|above| names.contains(above)) {
                return Err(clash(place, other, "is to be stored too"));
            }
            let path = self.file(place);
            if path.is_dir() && !files::is_empty(&path) {
                return Err(clash(place, &format!("{}/", place.name), "is there"));
            }
            self.refuse_below_a_file(place)?;
        }
        Ok(())
    }

    fn fetch<'a>(&'a self, place: &'a Place, version: Option<&'a str>) -> Step<'a, Result<Lookup>> {
        Box::pin(async move { self.look(place, version) })
    }

    fn save<'a>(
        &'a self,
        place: &'a Place,
        record: &'a Bytes,
        condition: Condition<'a>,
    ) -> Step<'a, Result<Outcome>> {
        Box::pin(async move { self.write(place, record, condition) })
    }

    fn delete<'a>(&'a self, place: &'a Place, current: &'a Stored) -> Step<'a, Result<Removal>> {
        Box::pin(async move { self.remove(place, &current.etag) })
    }

    fn list(&self, prefix: &str) -> Box<dyn Pages + '_> {
        Box::new(list::Walk::new(self.root.clone(), prefix))
    }

    fn versions<'a>(&'a self, place: &'a Place) -> Step<'a, Result<Vec<Version>>> {
        Box::pin(async move { self.history(place) })
    }
}

/// The names that a name lies below: `a` and `a/b` for `a/b/c`.
fn above(place: &Place) -> impl Iterator<Item = &str> {
    let name = place.path.as_str();
    name.match_indices('/').map(|(at, _)| &name[..at])
}

fn clash(place: &Place, other: &str, why: &str) -> Error {
    Error::usage_hint(
        format!(
            "`{}` cannot be stored: `{}` {why}",
            place.name,
            OneLine(other)
        ),
        "a folder cannot hold a secret and, below its name, others; choose another name",
    )
}

fn stored(bytes: Vec<u8>) -> Stored {
    let etag = sha256(&bytes);
    Stored {
        version: Some(etag.clone()),
        etag,
        bytes,
    }
}

#[cfg(test)]
mod tests;
