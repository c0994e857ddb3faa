//! What can occupy a record's path: folders, other records, and special files.

use std::path::Path;

use nix::sys::stat::SFlag;

use super::names::{above, clash, split};
use super::tree::{self, Folder, Links, failed, if_there};
use crate::base::{Error, OneLine, Place, Result};

/// Refuses to replace a pipe, a socket or a device by a record; `path` is that of
/// `root`.
pub(super) fn refuse_no_file(path: &Path, root: &Folder, place: &Place) -> Result<()> {
    let (above, name) = split(place);
    let look = || {
        root.along(above, Links::Refused)?
            .about(name, Links::Refused)
    };
    let found = if_there(look()).map_err(|error| failed(format!("write {place}"), error))?;
    if found.is_none_or(|about| !is_no_file(tree::kind(&about))) {
        return Ok(());
    }
    let path = path.join(place.path.as_str());
    Err(Error::usage_hint(
        format!(
            "`{}` cannot be stored: `{}` is not a regular file",
            place.name,
            OneLine(path.to_string_lossy())
        ),
        "choose another name, or remove the existing one if nothing needs it",
    ))
}

pub(super) fn is_folder(folder: &Folder, name: &str) -> bool {
    let about = folder.about(name, Links::Refused);
    about.is_ok_and(|about| tree::kind(&about) == SFlag::S_IFDIR)
}

/// Whether it is a special file; folders and links are handled elsewhere.
pub(super) fn is_no_file(kind: SFlag) -> bool {
    !matches!(kind, SFlag::S_IFREG | SFlag::S_IFDIR | SFlag::S_IFLNK)
}

pub(super) fn refuse_below_a_file(root: &Folder, place: &Place) -> Result<()> {
    for above in above(place) {
        let (folders, name) = above.rsplit_once('/').unwrap_or(("", above));
        let look = || {
            root.along(folders, Links::Refused)?
                .about(name, Links::Refused)
        };
        let found = if_there(look());
        let found = found.map_err(|error| failed(format!("write {place}"), error))?;
        // A link is handled where it is opened.
        let in_the_way = |kind| kind != SFlag::S_IFDIR && kind != SFlag::S_IFLNK;
        match found.as_ref().map(tree::kind) {
            Some(kind) if in_the_way(kind) => return Err(clash(place, above, "already exists")),
            Some(_) => {}
            None => break,
        }
    }
    Ok(())
}

/// Removes empty folders, from the last one up.
pub(super) fn remove_empty_folders(root: &Folder, folders: &str) {
    let mut rest = folders;
    while !rest.is_empty() {
        let (above, name) = rest.rsplit_once('/').unwrap_or(("", rest));
        // A folder that cannot be removed is in use or not ours, and harmless.
        let folder = root.along(above, Links::Refused);
        if !folder.is_ok_and(|folder| folder.remove_folder(name)) {
            break;
        }
        rest = above;
    }
}
