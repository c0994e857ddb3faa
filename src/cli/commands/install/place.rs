//! What is installed where, and how messages name it.

use std::path::{Path, PathBuf};

use crate::text::OneLine;

pub(super) enum Content {
    Program(Vec<u8>),
    Text(Vec<u8>),
    /// A symbolic link to a name beside it.
    Link(&'static str),
}

/// What is to be where.
pub(super) struct Place {
    pub(super) folder: PathBuf,
    pub(super) name: String,
    pub(super) content: Content,
}

impl Place {
    pub(super) fn new(folder: &Path, name: &str, content: Content) -> Self {
        Self {
            folder: PathBuf::from(folder),
            name: name.to_owned(),
            content,
        }
    }

    pub(super) fn shown(&self) -> String {
        quoted(&self.folder.join(&self.name))
    }
}

/// A path as messages name it.
pub(super) fn shown(path: &Path) -> String {
    OneLine(path.to_string_lossy()).to_string()
}

/// The same as errors name it.
pub(super) fn quoted(path: &Path) -> String {
    format!("`{}`", shown(path))
}
