//! A store in a folder: a record is the file FOLDER/NAME.
//!
//! Versions, the lock and files on the way lie in FOLDER/.lazycred. Reading
//! takes no lock and creates nothing. A write holds the lock, keeps what it
//! replaces or removes as a version, and appears by a rename, so that the
//! record is the old one or the new one whenever the machine stops. The etag
//! and the version of a record are the SHA-256 of its bytes.

mod list;
mod names;
mod occupied;
mod tree;
mod versions;

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::time::sleep;

use self::names::{above, check_length, clash, split, too_long};
use self::occupied::{
    is_folder, is_no_file, refuse_below_a_file, refuse_no_file, remove_empty_folders,
};
use self::tree::{Folder, Links, failed, if_there};
use self::versions::{Then, keep, unkept};
use super::{
    Condition, Lookup, Outcome, Pages, Receipt, Removal, Removed, Step, Store, Stored, Version,
};
use crate::config::FILE_NAME;
use crate::error::{Error, Result};
use crate::hash::sha256;
use crate::name::{OneLine, Place, SecretName};

/// How long to wait for another writer before the lock is tried again, first
/// and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(50));

/// Records as files.
#[derive(Debug)]
pub(crate) struct FolderStore {
    root: PathBuf,
    /// The folder below which reading, too, follows no link.
    no_links_below: Option<PathBuf>,
    /// The largest record, in bytes.
    largest: usize,
}

/// A record that is there, and when it was stored.
#[derive(Debug)]
struct Present {
    stored: Stored,
    modified: SystemTime,
}

/// A store that nobody else writes to meanwhile.
#[derive(Debug)]
struct Held {
    root: Folder,
    /// The folder of what is ours and no record.
    own: Folder,
    /// The lock goes with it.
    _lock: File,
}

impl FolderStore {
    pub(crate) fn new(root: PathBuf, largest: usize) -> Self {
        Self {
            root,
            no_links_below: None,
            largest,
        }
    }

    /// The same for a folder that somebody else may have chosen: no link is
    /// followed below another folder that it lies in.
    pub(crate) fn without_links_below(self, folder: Option<&Path>) -> Self {
        Self {
            no_links_below: folder.map(Path::to_owned),
            ..self
        }
    }

    /// Whether reading follows links; writing never does.
    fn links(&self) -> Links {
        match self.no_links_below {
            Some(_) => Links::Refused,
            None => Links::Followed,
        }
    }

    /// FOLDER, for reading.
    fn root(&self) -> io::Result<Option<Folder>> {
        if_there(self.way(Folder::below, Folder::open))
    }

    /// FOLDER, by what steps from a folder to one in it, and what comes to the
    /// first one.
    fn way(
        &self,
        step: impl Fn(&Folder, &OsStr, Links) -> io::Result<Folder>,
        first: impl Fn(&Path) -> io::Result<Folder>,
    ) -> io::Result<Folder> {
        let outside = self.no_links_below.as_deref();
        let inside = outside.and_then(|outside| self.root.strip_prefix(outside).ok());
        let (Some(outside), Some(inside)) = (outside, inside) else {
            return first(&self.root);
        };
        let mut folder = Folder::open(outside)?;
        for name in inside {
            folder = step(&folder, name, Links::Refused)?;
        }
        Ok(folder)
    }

    fn current(&self, place: &Place) -> Result<Option<Present>> {
        let root = self.root();
        match root.map_err(|error| failed(format!("read {place}"), error))? {
            Some(root) => self.current_in(&root, place, self.links()),
            None => Ok(None),
        }
    }

    fn current_in(&self, root: &Folder, place: &Place, links: Links) -> Result<Option<Present>> {
        let (above, name) = split(place);
        let folder = if_there(root.along(above, links));
        match folder.map_err(|error| failed(format!("read {place}"), error))? {
            Some(folder) => self.read(place, &folder, name, links),
            None => Ok(None),
        }
    }

    fn read(
        &self,
        place: &Place,
        folder: &Folder,
        name: &str,
        links: Links,
    ) -> Result<Option<Present>> {
        let failed = |error| failed(format!("read {place}"), error);
        // A socket cannot be opened, and to open a device may do something.
        let about = if_there(folder.about(name, links)).map_err(failed)?;
        if about.is_some_and(|about| is_no_file(tree::kind(&about))) {
            return Ok(None);
        }
        let Some(file) = if_there(folder.file(name, links)).map_err(failed)? else {
            return Ok(None);
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
        let current = self.current(place)?;
        let current = current.map(|present| present.stored);
        let Some(version) = version else {
            return Ok(current.map_or(Lookup::Missing, Lookup::Found));
        };
        match current.filter(|current| current.is_version(version)) {
            Some(current) => Ok(Lookup::Found(current)),
            None => self.look_at_kept(place, version),
        }
    }

    async fn write(
        &self,
        place: &Place,
        record: &[u8],
        condition: Condition<'_>,
    ) -> Result<Outcome> {
        check_length(place)?;
        let held = self.hold(place).await?;
        refuse_no_file(&self.root, &held.root, place)?;
        let current = self.current_in(&held.root, place, Links::Refused)?;
        let etag = current.as_ref().map(|current| &*current.stored.etag);
        let met = match condition {
            Condition::Absent => etag.is_none(),
            Condition::Matches(wanted) => etag == Some(wanted),
            Condition::Whatever => true,
        };
        if !met {
            return Ok(Outcome::Refused);
        }
        let (above, name) = split(place);
        refuse_below_a_file(&held.root, place)?;
        // A writer that was killed may have left a folder without a record.
        let folder = if_there(held.root.along(above, Links::Refused));
        if let Ok(Some(folder)) = folder
            && is_folder(&folder, name)
            && !folder.remove_empty(OsStr::new(name))
        {
            return Err(clash(place, &format!("{}/", place.name), "already exists"));
        }
        let entered = keep(&held, place, current.as_ref(), Then::Replaced(record))?;
        let put = || {
            let folder = held.root.make_along(above)?;
            held.own.put((&folder, name), record, None)
        };
        put().map_err(|error| {
            entered.iter().for_each(versions::Entered::undo);
            failed(format!("write {place}"), error)
        })?;
        let etag = sha256(record);
        Ok(Outcome::Saved(Receipt {
            version: Some(etag.clone()),
            etag,
        }))
    }

    async fn remove(&self, place: &Place, etag: &str) -> Result<Removal> {
        if too_long(place).is_some() {
            return Err(unkept(place));
        }
        let held = self.hold(place).await?;
        let current = self.current_in(&held.root, place, Links::Refused)?;
        let Some(current) = current.filter(|current| current.stored.etag == etag) else {
            return Ok(Removal::Refused);
        };
        let entered = keep(&held, place, Some(&current), Then::Removed)?;
        let (above, name) = split(place);
        let remove = || held.root.along(above, Links::Refused)?.remove(name);
        remove().map_err(|error| {
            entered.iter().for_each(versions::Entered::undo);
            failed(format!("remove {place}"), error)
        })?;
        remove_empty_folders(&held.root, above);
        Ok(Removal::Done(Removed {
            version: current.stored.version,
            marker: entered.map(|entered| entered.version),
            damaged: false,
        }))
    }

    /// Waits for other writers, for as long as the caller does.
    async fn hold(&self, place: &Place) -> Result<Held> {
        let failed = |error| failed(format!("lock the folder of {place}"), error);
        let root = self.way(Folder::made, Folder::make).map_err(failed)?;
        let own = root.made(OsStr::new(FILE_NAME), Links::Refused);
        let own = own.map_err(|error| match error.kind() {
            io::ErrorKind::NotADirectory => Error::usage_hint(
                format!(
                    "`{}` is a file, but the store keeps its own files in a folder of that name",
                    OneLine(self.root.join(FILE_NAME).to_string_lossy())
                ),
                "let `s3_path` name a folder of its own, as in `file:secrets/`",
            ),
            _ => failed(error),
        })?;
        let lock = own.own_file("lock").map_err(failed)?;
        let mut pause = PAUSE.0;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(failed(error)),
                Err(TryLockError::WouldBlock) => {
                    if pause == PAUSE.0 {
                        tracing::info!("another program is writing to the folder of {place}");
                    }
                    sleep(pause).await;
                    pause = (pause * 2).min(PAUSE.1);
                }
            }
        }
        own.sweep();
        Ok(Held {
            root,
            own,
            _lock: lock,
        })
    }
}

impl Store for FolderStore {
    fn place(&self, name: &SecretName) -> Result<Place> {
        names::place(&self.root, name)
    }

    fn check_together(&self, places: &[Place]) -> Result<()> {
        let names: HashSet<&str> = places.iter().map(|place| place.path.as_str()).collect();
        let root = self.root();
        let root = root.map_err(|error| failed("look at the folder", error))?;
        for place in places {
            check_length(place)?;
            if let Some(other) = above(place).find(|above| names.contains(above)) {
                return Err(clash(place, other, "is to be stored too"));
            }
            let Some(root) = &root else { continue };
            refuse_below_a_file(root, place)?;
            refuse_no_file(&self.root, root, place)?;
            let (above, name) = split(place);
            let folder = if_there(root.along(above, Links::Refused));
            let folder = folder.map_err(|error| failed(format!("write {place}"), error))?;
            let taken =
                |folder: &Folder| is_folder(folder, name) && !folder.is_empty(OsStr::new(name));
            if folder.as_ref().is_some_and(taken) {
                return Err(clash(place, &format!("{}/", place.name), "already exists"));
            }
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
        Box::pin(self.write(place, record, condition))
    }

    fn delete<'a>(&'a self, place: &'a Place, current: &'a Stored) -> Step<'a, Result<Removal>> {
        Box::pin(self.remove(place, &current.etag))
    }

    fn list(&self, prefix: &str) -> Box<dyn Pages + '_> {
        Box::new(list::Walk::new(self, prefix))
    }

    fn versions<'a>(&'a self, place: &'a Place) -> Step<'a, Result<Vec<Version>>> {
        Box::pin(async move { self.history(place) })
    }
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
