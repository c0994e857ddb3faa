//! A store in a folder: a record is the file FOLDER/NAME.
//!
//! FOLDER/.lazycred contains versions, the lock and temporary files. Reading
//! takes no lock and creates nothing. A write takes the lock, keeps the replaced
//! or removed record as a version, and ends with a rename, so that even after a
//! crash the record is either the old or the new one. The etag and the version
//! of a record are the SHA-256 of its bytes.

mod links;
mod list;
mod lock;
mod names;
mod occupied;
mod read;
mod tree;
mod versions;

pub(crate) use read::FolderStore;

use std::collections::HashSet;
use std::ffi::OsStr;

use bytes::Bytes;

use self::names::{above, check_length, clash, split, too_long};
use self::occupied::{is_folder, refuse_below_a_file, refuse_no_file, remove_empty_folders};
use self::tree::{Folder, Links, failed, if_there};
use self::versions::{Then, keep, unkept};
use super::{Condition, Lookup, Outcome, Pages, Receipt, Removal, Removed, Store, Stored, Version};
use crate::backends::Pending;
use crate::base::hash::sha256;
use crate::base::{Place, Result, SecretName};

impl FolderStore {
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
        let etag = current.as_ref().map(|current| current.stored.etag());
        if !condition.is_met(etag) {
            return Ok(Outcome::Refused);
        }
        let (above, name) = split(place);
        refuse_below_a_file(&held.root, place)?;
        // A killed writer may have left a folder without a record.
        let folder = if_there(held.root.along(above, Links::Refused));
        if let Ok(Some(folder)) = folder
            && is_folder(&folder, name)
            && !folder.remove_empty(OsStr::new(name))
        {
            return Err(clash(place, &format!("{}/", place.name), "already exists"));
        }
        let etag = sha256(record);
        let then = Then::Replaced {
            bytes: record,
            hash: &etag,
        };
        let entered = keep(&held, place, current.as_ref(), then)?;
        let put = || {
            let folder = held.root.make_along(above)?;
            held.own.put((&folder, name), record, None)
        };
        put().map_err(|error| {
            entered.iter().for_each(versions::Entered::undo);
            failed(format!("write {place}"), error)
        })?;
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
        let Some(current) = current.filter(|current| current.stored.etag() == etag) else {
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
            version: current.stored.version().map(str::to_owned),
            marker: entered.map(|entered| entered.version),
            damaged: false,
        }))
    }
}

impl Store for FolderStore {
    fn place(&self, name: &SecretName) -> Result<Place> {
        names::place(&self.root, name)
    }

    fn check_together(&self, places: &[Place]) -> Result<()> {
        let names: HashSet<&str> = places.iter().map(|place| place.path.as_str()).collect();
        let root = self.root();
        let root = root.map_err(|error| failed("open the store's folder", error))?;
        for place in places {
            check_length(place)?;
            if let Some(other) = above(place).find(|above| names.contains(above)) {
                return Err(clash(place, other, "would be stored too"));
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

    fn fetch<'a>(&'a self, place: &'a Place, version: Option<&'a str>) -> Pending<'a, Lookup> {
        Box::pin(async move { self.look(place, version) })
    }

    fn holds<'a>(&'a self, place: &'a Place, record: &'a [u8]) -> Pending<'a, bool> {
        Box::pin(async move { self.is_current(place, record) })
    }

    fn save<'a>(
        &'a self,
        place: &'a Place,
        record: &'a Bytes,
        condition: Condition<'a>,
    ) -> Pending<'a, Outcome> {
        Box::pin(self.write(place, record, condition))
    }

    fn delete<'a>(&'a self, place: &'a Place, current: &'a Stored) -> Pending<'a, Removal> {
        Box::pin(self.remove(place, current.etag()))
    }

    fn list(&self, prefix: &str) -> Box<dyn Pages + '_> {
        Box::new(list::Walk::new(self, prefix))
    }

    fn versions<'a>(&'a self, place: &'a Place) -> Pending<'a, Vec<Version>> {
        Box::pin(async move { self.history(place) })
    }
}

#[cfg(test)]
mod tests;
