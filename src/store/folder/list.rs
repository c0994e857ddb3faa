//! The names in a folder, in byte order of the whole names.
//!
//! Goes down the tree with what is still to be seen, and reads no record. A
//! link to a file is listed, as it is read; a link to a folder is not followed,
//! since it may lead back. What is neither, what is no text, and the store's own
//! folder are no secrets.

use std::fs;
use std::path::PathBuf;

use super::files::is_absence;
use crate::config::FILE_NAME;
use crate::error::{Error, Result};
use crate::store::{Entry, PAGE, Pages, Step};

/// A walk through a tree.
#[derive(Debug)]
pub(super) struct Walk {
    root: PathBuf,
    prefix: String,
    /// What is still to be seen, the next one last. A folder's name ends with
    /// `/`, and so stands where the names below it belong.
    ahead: Vec<String>,
}

impl Walk {
    pub(super) fn new(root: PathBuf, prefix: &str) -> Self {
        Self {
            root,
            prefix: prefix.to_owned(),
            // The root is the folder without a name.
            ahead: vec![String::new()],
        }
    }

    fn page(&mut self) -> Result<Option<Vec<Entry>>> {
        let mut page = Vec::new();
        while let Some(name) = self.ahead.last() {
            if page.len() == PAGE {
                return Ok(Some(page));
            }
            if name.is_empty() || name.ends_with('/') {
                let inside = self.inside(name)?;
                self.ahead.pop();
                self.ahead.extend(inside);
            } else {
                page.extend(self.entry(name)?);
                self.ahead.pop();
            }
        }
        Ok(Some(page).filter(|page| !page.is_empty()))
    }

    /// What a folder holds of what is wanted, the first one last.
    fn inside(&self, folder: &str) -> Result<Vec<String>> {
        let failed = |error| self.failed(folder, error);
        let entries = match fs::read_dir(self.root.join(folder)) {
            Ok(entries) => entries,
            Err(error) if is_absence(&error) => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let file_name = entry.file_name();
            let Some(file_name) = file_name.to_str() else {
                continue;
            };
            if folder.is_empty() && file_name == FILE_NAME {
                continue;
            }
            let is_folder = entry.file_type().map_err(failed)?.is_dir();
            let name = format!("{folder}{file_name}{}", if is_folder { "/" } else { "" });
            if name.starts_with(&self.prefix) || (is_folder && self.prefix.starts_with(&name)) {
                names.push(name);
            }
        }
        names.sort_unstable_by(|one, other| other.cmp(one));
        Ok(names)
    }

    fn entry(&self, name: &str) -> Result<Option<Entry>> {
        let failed = |error| self.failed(name, error);
        let metadata = match fs::metadata(self.root.join(name)) {
            Ok(metadata) => metadata,
            // A link to nothing, or gone since the folder was read.
            Err(error) if is_absence(&error) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if !metadata.is_file() {
            return Ok(None);
        }
        Ok(Some(Entry {
            name: name.parse()?,
            size: metadata.len(),
            modified: metadata.modified().map_err(failed)?,
            etag: None,
        }))
    }

    fn failed(&self, name: &str, error: std::io::Error) -> Error {
        Error::io(format!("list `{}`", self.root.join(name).display()), error)
    }
}

impl Pages for Walk {
    fn next(&mut self) -> Step<'_, Result<Option<Vec<Entry>>>> {
        Box::pin(async { self.page() })
    }
}
