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
        let hint = meant(text).unwrap_or_else(|| "the parts between `/` must be file names".into());
        let message = format!("`{name}` cannot name a secret in a folder: {why}");
        Err(Error::usage_hint(message, hint))
    };
    for part in text.split('/') {
        match part {
            "" => return refused("a part of it is empty"),
            "." | ".." => return refused("a part of it is `.` or `..`"),
            _ => {}
        }
    }
    if is_stores_own(text) {
        return Err(Error::usage_hint(
            format!(
                "`{name}` cannot name a secret in a folder: the store keeps its own files in `{FILE_NAME}`"
            ),
            "choose a name that begins otherwise",
        ));
    }
    let path = ObjectPath::new(format!("file://{}/", root.display()), text);
    // A folder may be mounted or copied elsewhere.
    let path = path.movable("file://");
    Ok(Place {
        name: name.clone(),
        path,
    })
}

/// Whether a name's record would be among the store's own files.
fn is_stores_own(name: &str) -> bool {
    name.split('/').next() == Some(FILE_NAME)
}

/// What to do where only `/` or `./` is too much in a name.
fn meant(text: &str) -> Option<String> {
    let parts = text.split('/').filter(|part| !matches!(*part, "" | "."));
    let name = parts.collect::<Vec<_>>().join("/").parse::<SecretName>();
    let name = name.ok().filter(|name| {
        let mut parts = name.as_str().split('/');
        let is_free = !is_stores_own(name.as_str());
        is_free && !text.contains('=') && !text.contains("://") && !parts.any(|part| part == "..")
    })?;
    let did = format!("did you mean `{}`?", name.argument());
    let list = format!("{}/", name.as_str()).parse::<SecretName>();
    Some(match list {
        Ok(list) if text.ends_with('/') => {
            format!("{did} `{}` shows the names in it", list.command("list", ""))
        }
        _ => format!("{did} `lazycred list` shows the names"),
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
