//! The names in a folder, in byte order of the full names.
//!
//! Walks the tree without reading a record. A link to a file is listed if it is
//! also read; a link to a folder is not followed, since it may lead back. Other
//! kinds of files, names that are not UTF-8, and the store's own folder are
//! skipped.

use std::io;

use nix::sys::stat::SFlag;

use super::read::FolderStore;
use super::tree::{self, Folder, Links, if_there};
use crate::backends::Pending;
use crate::backends::store::{Entry, PAGE, Pages};
use crate::base::{Error, Result};
use crate::config::FILE_NAME;

/// A walk through a tree.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    store: &'a FolderStore,
    prefix: String,
    /// The folder that was last opened.
    last: Option<(String, Folder)>,
    /// Names still to be visited, the next one last. A folder's name ends with `/`,
    /// which sorts it like the names below it.
    ahead: Vec<String>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(store: &'a FolderStore, prefix: &str) -> Self {
        Self {
            store,
            prefix: prefix.to_owned(),
            last: None,
            // The root is the folder without a name.
            ahead: vec![String::new()],
        }
    }

    fn page(&mut self) -> Result<Option<Vec<Entry>>> {
        let mut page = Vec::new();
        while page.len() < PAGE {
            let Some(name) = self.ahead.pop() else {
                break;
            };
            let found = if name.is_empty() || name.ends_with('/') {
                let inside = self.inside(&name);
                inside.map(|inside| self.ahead.extend(inside))
            } else {
                self.entry(&name).map(|entry| page.extend(entry))
            };
            if let Err(error) = found {
                self.ahead.push(name);
                return Err(error);
            }
        }
        Ok(Some(page).filter(|page| !page.is_empty()))
    }

    /// The wanted names in a folder, the first one last.
    fn inside(&self, folder: &str) -> Result<Vec<String>> {
        let entries = || match if_there(self.open(folder))?.flatten() {
            Some(folder) => folder.entries(),
            None => Ok(Vec::new()),
        };
        let mut names = Vec::new();
        for (file_name, is_folder) in entries().map_err(|error| self.failed(folder, error))? {
            let Some(file_name) = file_name.to_str() else {
                continue;
            };
            if folder.is_empty() && file_name == FILE_NAME {
                continue;
            }
            let name = format!("{folder}{file_name}{}", if is_folder { "/" } else { "" });
            if name.starts_with(&self.prefix) || (is_folder && self.prefix.starts_with(&name)) {
                names.push(name);
            }
        }
        names.sort_unstable_by(|one, other| other.cmp(one));
        Ok(names)
    }

    fn entry(&mut self, name: &str) -> Result<Option<Entry>> {
        let (above, file_name) = name.rsplit_once('/').unwrap_or(("", name));
        let mut look = || {
            if self.last.as_ref().is_none_or(|(last, _)| last != above) {
                let folder = if_there(self.open(above))?.flatten();
                self.last = folder.map(|folder| (above.to_owned(), folder));
            }
            let Some((_, folder)) = &self.last else {
                return Ok(None);
            };
            // Missing if it is a dangling link, or was removed meanwhile.
            if_there(folder.about(file_name, self.store.links()))
        };
        let about = look().map_err(|error| self.failed(name, error))?;
        let about = about.filter(|about| tree::kind(about) == SFlag::S_IFREG);
        let Some(about) = about else {
            return Ok(None);
        };
        Ok(Some(Entry {
            name: name.parse()?,
            size: about.st_size.unsigned_abs(),
            modified: tree::modified(&about),
            etag: None,
        }))
    }

    /// Opens a folder in the store; links to folders are not followed.
    fn open(&self, names: &str) -> io::Result<Option<Folder>> {
        match self.store.root()? {
            Some(root) => root.along(names, Links::Refused).map(Some),
            None => Ok(None),
        }
    }

    fn failed(&self, name: &str, error: io::Error) -> Error {
        let path = self.store.root.join(name);
        tree::failed(format!("list `{}`", path.display()), error)
    }
}

impl Pages for Walk<'_> {
    fn next(&mut self) -> Pending<'_, Option<Vec<Entry>>> {
        Box::pin(async { self.page() })
    }
}
