//! Finds the configuration file, and refuses one that someone else planted.
//!
//! Reads files and their owners, but does not interpret the text. A file is checked
//! by the descriptor that its text is read from, so that it cannot be swapped in
//! between.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

use super::file::FILE_NAME;
use super::refuse::accepted_by;
use super::variables::Variables;
use crate::base::{Error, OneLine, Result, named_file, shell_word};
use crate::config::small_file;

/// The size limit of a configuration file, in bytes.
pub(super) const LARGEST: usize = 64 << 10;

const WORLD_WRITABLE: &str = "it is world-writable";

/// A file that was found, and its text.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) text: Vec<u8>,
    pub(super) by: By,
}

impl Found {
    /// Where it is, as messages name it.
    pub(super) fn place(&self) -> String {
        match self.by {
            By::Caller => "the configuration given".to_owned(),
            By::Name | By::Home | By::Walk => format!("`{}`", OneLine(self.path.to_string_lossy())),
        }
    }
}

/// How a file was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The user named it.
    Name,
    /// It is in the home folder.
    Home,
    /// It is no file: the calling program gives its members.
    Caller,
    /// The walk came to it, so anyone may have put it there.
    Walk,
}

/// The file that the user named: `--config`, else `LAZYCRED_CONFIG`.
/// A relative one starts at `folder`.
pub(super) fn named(folder: &Path, given: &Path, source: &str) -> Result<Found> {
    let path = folder.join(given);
    let text = small_file::open(&path).and_then(|file| read(&file, &file.metadata()?));
    let text = text.map_err(|error| {
        let shown = named_file("the file", given, &path);
        Error::usage_hint(
            format!("cannot read {shown}, named by {source}: {error}"),
            "name a readable JSON file",
        )
    })?;
    Ok(Found {
        path,
        text,
        by: By::Name,
    })
}

/// The first `.lazycred` in the working directory and its parents, else in the
/// home folder.
pub(super) fn walk(variables: &Variables) -> Result<Option<Found>> {
    let homes = homes(variables);
    for folder in variables.working_directory.ancestors() {
        if let Some(found) = in_folder(folder, is_among(folder, &homes), variables)? {
            return Ok(Some(found));
        }
    }
    let [home, _] = homes;
    match home {
        Some(home) => in_folder(&home, true, variables),
        None => Ok(None),
    }
}

/// How a file at a path is found, unless the user names it.
pub(super) fn found_by(path: &Path, variables: &Variables) -> By {
    if path.file_name() != Some(OsStr::new(FILE_NAME)) {
        return By::Name;
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    let homes = homes(variables);
    let real = folder.canonicalize();
    if is_among(folder, &homes) || real.is_ok_and(|real| is_among(&real, &homes)) {
        return By::Home;
    }
    By::Walk
}

/// The home folder, as it is named and without links: the working directory's path
/// has none.
pub(super) fn homes(variables: &Variables) -> [Option<PathBuf>; 2] {
    let home = variables.path("HOME").filter(|home| home.is_absolute());
    let real = home.as_deref().and_then(|home| home.canonicalize().ok());
    [home, real]
}

fn is_among(folder: &Path, homes: &[Option<PathBuf>; 2]) -> bool {
    homes.iter().any(|home| home.as_deref() == Some(folder))
}

fn in_folder(folder: &Path, at_home: bool, variables: &Variables) -> Result<Option<Found>> {
    let path = folder.join(FILE_NAME);
    let unreadable = |error: &io::Error| {
        Error::usage_hint(
            format!("`{}` cannot be read: {error}", path.display()),
            "name another file with LAZYCRED_CONFIG=FILE or --config FILE",
        )
    };
    let opened = match open(&path) {
        // The folder may not be searched, so it counts as having no file.
        Err(error)
            if is_denied(&error)
                && path
                    .symlink_metadata()
                    .is_err_and(|error| is_denied(&error)) =>
        {
            return Ok(None);
        }
        opened => opened.map_err(|error| unreadable(&error))?,
    };
    let Some(file) = opened else {
        return match path.symlink_metadata() {
            // A dangling link counts as a file, so that no other file replaces it.
            Ok(_) => Err(unreadable(&io::ErrorKind::NotFound.into())),
            Err(_) => Ok(None),
        };
    };
    let about = file.metadata().map_err(|error| unreadable(&error))?;
    if about.is_dir() {
        // A folder store keeps its versions in a folder of this name.
        return Ok(None);
    }
    let link = path
        .symlink_metadata()
        .map_err(|error| unreadable(&error))?;
    if let Some(why) = planted(&about, &link, folder, variables) {
        let path = path.to_string_lossy();
        let accepted = accepted_by(&path);
        return Err(Error::usage_hint(
            format!("`{}` could have been planted: {why}", OneLine(&path)),
            if why == WORLD_WRITABLE {
                format!(
                    "read it, then: chmod o-w {}; or {accepted}",
                    shell_word(&path)
                )
            } else {
                accepted
            },
        ));
    }
    if !about.is_file() {
        return Err(unreadable(&io::Error::other("it is not a regular file")));
    }
    let text = read(&file, &about).map_err(|error| unreadable(&error))?;
    Ok(Some(Found {
        path,
        text,
        by: if at_home { By::Home } else { By::Walk },
    }))
}

fn is_denied(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied
}

/// Opens a file, if it exists.
fn open(path: &Path) -> io::Result<Option<File>> {
    match small_file::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Why the file could be someone else's: the file and a link to it must belong to the
/// user or root, and must not be world-writable.
fn planted(
    about: &Metadata,
    link: &Metadata,
    folder: &Path,
    variables: &Variables,
) -> Option<String> {
    let user = geteuid().as_raw();
    let as_root = |uid: Option<u32>| uid.filter(|_| user == 0);
    let behind_sudo = as_root(variables.text("SUDO_UID").and_then(|uid| uid.parse().ok()));
    let here = folder == variables.working_directory;
    let owner_here = || {
        let about = folder.metadata().ok().filter(|_| here);
        as_root(about.map(|about| about.uid()))
    };
    let accepted = [Some(user), Some(0), behind_sudo];
    for owner in [about.uid(), link.uid()] {
        if !accepted.contains(&Some(owner)) && owner_here() != Some(owner) {
            return Some(format!(
                "it belongs to user {owner}, who is neither you nor root"
            ));
        }
    }
    (about.mode() & 0o002 != 0).then(|| WORLD_WRITABLE.to_owned())
}

fn read(file: &File, about: &Metadata) -> io::Result<Vec<u8>> {
    small_file::read_known(file, about, LARGEST).map(|text| text.to_vec())
}
