//! The store's folder, and reading a record from it.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::names::split;
use super::occupied::is_no_file;
use super::tree::{self, Folder, Links, failed, if_there};
use crate::backends::store::{Stored, too_large};
use crate::base::hash::sha256;
use crate::base::{Place, Result};

/// Records as files.
#[derive(Debug)]
pub(crate) struct FolderStore {
    pub(super) root: PathBuf,
    /// The folder below which even reading follows no link.
    no_links_below: Option<PathBuf>,
    /// The largest record, in bytes.
    largest: usize,
}

/// A stored record, and when it was stored.
#[derive(Debug)]
pub(super) struct Present {
    pub(super) stored: Stored,
    pub(super) modified: SystemTime,
}

impl FolderStore {
    pub(crate) fn new(root: PathBuf, largest: usize) -> Self {
        Self {
            root,
            no_links_below: None,
            largest,
        }
    }

    /// The same for a folder that someone else may have chosen: no link is followed
    /// below the given parent folder.
    pub(crate) fn without_links_below(self, folder: Option<&Path>) -> Self {
        Self {
            no_links_below: folder.map(Path::to_owned),
            ..self
        }
    }

    /// Whether reading follows links; writing never does.
    pub(super) fn links(&self) -> Links {
        match self.no_links_below {
            Some(_) => Links::Refused,
            None => Links::Followed,
        }
    }

    /// FOLDER, for reading.
    pub(super) fn root(&self) -> io::Result<Option<Folder>> {
        if_there(self.way(Folder::below, Folder::open))
    }

    /// FOLDER, opened by `step` from a folder to one in it, after `first`.
    pub(super) fn way(
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

    pub(super) fn current(&self, place: &Place) -> Result<Option<Present>> {
        let root = self.root();
        match root.map_err(|error| failed(format!("read {place}"), error))? {
            Some(root) => self.current_in(&root, place, self.links()),
            None => Ok(None),
        }
    }

    pub(super) fn current_in(
        &self,
        root: &Folder,
        place: &Place,
        links: Links,
    ) -> Result<Option<Present>> {
        let (above, name) = split(place);
        let folder = if_there(root.along(above, links));
        match folder.map_err(|error| failed(format!("read {place}"), error))? {
            Some(folder) => self.read(place, &folder, name, links),
            None => Ok(None),
        }
    }

    pub(super) fn read(
        &self,
        place: &Place,
        folder: &Folder,
        name: &str,
        links: Links,
    ) -> Result<Option<Present>> {
        let failed = |error| failed(format!("read {place}"), error);
        // A socket cannot be opened, and opening a device may have side effects.
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
            // One piece of memory, so that wiping it wipes everything.
            bytes.reserve_exact(usize::try_from(size).unwrap_or_default());
            file.take(limit + 1)
                .read_to_end(&mut bytes)
                .map_err(failed)?;
        }
        if size > limit || bytes.len() > self.largest {
            return Err(too_large(place, self.largest));
        }
        Ok(Some(Present {
            stored: stored(bytes),
            modified,
        }))
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
