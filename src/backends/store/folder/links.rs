//! Whether links are followed on the way to a record: writing never does, and reading
//! does not below the folder of a configuration file that the walk found.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use super::read::FolderStore;
use super::tree::{Folder, Links, if_there};

impl FolderStore {
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
}
