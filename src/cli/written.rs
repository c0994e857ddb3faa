//! `--output FILE`: a secret in a file that only its owner can read, or on stdout.

use std::fs::File;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::output::Printer;
use super::signals::{self, Caught, ENDING};
use super::system::is_system_folder;
use crate::text::named_file;
use crate::whole_file::WholeFile;
use crate::{Error, Result, Secret};

/// Prints a secret, or writes it to a file other than `-`.
pub(super) fn write(output: Option<&Path>, secret: &Secret, printer: Printer) -> Result<()> {
    match output {
        Some(path) if path.as_os_str() != "-" => replace(path, secret),
        _ => printer.secret(secret),
    }
}

/// Writes or replaces a file; a symbolic link is replaced, not followed. Signals
/// wait until any partial file is removed.
fn replace(path: &Path, secret: &Secret) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    check(path, folder)?;
    let name = path.file_name().unwrap_or_default();
    let mut came = None;
    let mut write = || {
        let caught = Caught::new(&ENDING)?;
        let folder = File::open(folder)?;
        let folder = folder.as_fd();
        let mut stop = || {
            came = came.or_else(|| caught.next());
            came.is_some()
        };
        let file = WholeFile::private(secret.as_bytes());
        let written = file.write_by_way_of(folder, (folder, name), &mut stop);
        stop();
        written
    };
    let written = write();
    if let Some(signal) = came {
        signals::obey(signal);
    }
    let written = written.map_err(|error| Error::io(format!("write {}", shown(path)), error));
    written.map(drop)
}

/// The file as errors name it.
fn shown(path: &Path) -> String {
    named_file("FILE", path, path)
}

/// Refuses a path that cannot be a file's.
fn check(path: &Path, folder: &Path) -> Result<()> {
    let refused = |what: &str| {
        Err(Error::usage_hint(
            format!("{} is {what}", shown(path)),
            "--output takes a file name; `-` is standard output",
        ))
    };
    match path.symlink_metadata() {
        Ok(about) if about.is_dir() => refused("a folder"),
        Ok(about) if !about.is_file() && !about.is_symlink() => refused("not a regular file"),
        _ if is_folders(path) => refused("the name of a folder"),
        _ if is_system_folder(folder) => refused("in a system folder"),
        _ => Ok(()),
    }
}

/// Whether a path can only be a folder's: `Path` ignores a trailing `/` or `/.`.
fn is_folders(path: &Path) -> bool {
    let mut parts = path.as_os_str().as_bytes().rsplit(|byte| *byte == b'/');
    matches!(parts.next(), Some(b"" | b"." | b".."))
}
