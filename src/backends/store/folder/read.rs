//! The store's folder, and reading a record from it.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::PathBuf;
use std::time::SystemTime;

use super::names::split;
use super::occupied::is_no_file;
use super::tree::{self, Folder, Links, failed, if_there};
use crate::backends::store::{Stored, too_large};
use crate::base::{Place, Result};

/// How much of a file is compared at a time.
const PIECE: usize = 64 << 10;

/// Records as files.
#[derive(Debug)]
pub(crate) struct FolderStore {
    pub(super) root: PathBuf,
    /// The folder below which even reading follows no link.
    pub(super) no_links_below: Option<PathBuf>,
    /// The largest record, in bytes.
    pub(super) largest: usize,
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
        let Some((file, metadata)) = open(folder, name, links).map_err(failed)? else {
            return Ok(None);
        };
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
            stored: Stored::hashed(bytes),
            modified,
        }))
    }

    /// Whether the current record is `record`; never has more than a piece of the
    /// file in memory.
    pub(super) fn is_current(&self, place: &Place, record: &[u8]) -> Result<bool> {
        let (above, name) = split(place);
        let compare = || {
            let Some(root) = self.root()? else {
                return Ok(false);
            };
            let Some(folder) = if_there(root.along(above, self.links()))? else {
                return Ok(false);
            };
            match open(&folder, name, self.links())? {
                Some((file, _)) => is_same(file, record),
                None => Ok(false),
            }
        };
        compare().map_err(|error| failed(format!("read {place}"), error))
    }
}

/// Opens a regular file; `None` if there is none.
fn open(folder: &Folder, name: &str, links: Links) -> io::Result<Option<(File, Metadata)>> {
    // A socket cannot be opened, and opening a device may have side effects.
    let about = if_there(folder.about(name, links))?;
    if about.is_some_and(|about| is_no_file(tree::kind(&about))) {
        return Ok(None);
    }
    let Some(file) = if_there(folder.file(name, links))? else {
        return Ok(None);
    };
    let metadata = file.metadata()?;
    Ok(metadata.is_file().then_some((file, metadata)))
}

/// Whether a file has these bytes and no others.
pub(super) fn is_same(mut file: File, mut bytes: &[u8]) -> io::Result<bool> {
    let mut piece = vec![0; PIECE.min(bytes.len() + 1)];
    loop {
        let read = match file.read(&mut piece) {
            Ok(0) => return Ok(bytes.is_empty()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        match bytes.strip_prefix(&piece[..read]) {
            Some(rest) => bytes = rest,
            None => return Ok(false),
        }
    }
}
