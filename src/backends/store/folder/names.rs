//! Which names a folder can keep records under, and their paths in it.

use std::path::Path;

use crate::base::{Error, ObjectPath, OneLine, Place, Result, SecretName};
use crate::config::FILE_NAME;

/// The longest part of a name between `/`, in bytes: a file name may have 255, some of
/// which derived names need.
const LONGEST: usize = 240;

/// The place of a name's record.
pub(super) fn place(root: &Path, name: &SecretName) -> Result<Place> {
    let text = name.as_str();
    let refused = |why: &str| {
        Err(Error::usage_hint(
            format!("`{name}` cannot name a secret in a folder: {why}"),
            "the parts between `/` must be file names",
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
    let path = ObjectPath::new(format!("file://{}/", root.display()), text);
    // A folder may be mounted or copied elsewhere.
    let path = path.movable("file://");
    Ok(Place {
        name: name.clone(),
        path,
    })
}

/// The folders that contain a record, and its file name: `a/b` and `c`.
pub(super) fn split(place: &Place) -> (&str, &str) {
    let name = place.path.as_str();
    name.rsplit_once('/').unwrap_or(("", name))
}

/// The length of a name's longest part, if no version of it could be kept or restored.
pub(super) fn too_long(place: &Place) -> Option<usize> {
    let longest = place.path.as_str().split('/').map(str::len).max();
    longest.filter(|longest| *longest > LONGEST)
}

/// Refuses a name that could be stored but not kept as a version.
pub(super) fn check_length(place: &Place) -> Result<()> {
    match too_long(place) {
        None => Ok(()),
        Some(longest) => Err(Error::usage_hint(
            format!(
                "`{}` cannot be stored in a folder: a part of it is {longest} bytes long",
                place.name
            ),
            format!("shorten it: each part between `/` may be at most {LONGEST} bytes long"),
        )),
    }
}

/// The parents of a name: `a` and `a/b` for `a/b/c`.
pub(super) fn above(place: &Place) -> impl Iterator<Item = &str> {
    let name = place.path.as_str();
    name.match_indices('/').map(|(at, _)| &name[..at])
}

pub(super) fn clash(place: &Place, other: &str, why: &str) -> Error {
    Error::usage_hint(
        format!(
            "`{}` cannot be stored: `{}` {why}",
            place.name,
            OneLine(other)
        ),
        "a folder cannot contain both a secret and others below its name; choose another name",
    )
}
