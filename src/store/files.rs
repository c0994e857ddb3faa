//! What the folder store's files are called, and folders that stay.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

/// SHA-256 in hexadecimal.
pub(super) fn hash(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").expect("a String takes all that is written");
    }
    text
}

/// The hash in the file name of a version, `TIME-HASH`.
pub(super) fn hash_in(name: &std::ffi::OsStr) -> Option<&str> {
    Some(name.to_str()?.split_once('-')?.1)
}

/// The time in the file name of a version, in nanoseconds.
pub(super) fn time_in(name: &std::ffi::OsStr) -> Option<u128> {
    name.to_str()?.split_once('-')?.0.parse().ok()
}

/// Whether an error says that there is no such file.
pub(super) fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename
    )
}

/// Makes folders down to `folder`, each of them to stay.
pub(super) fn make_folders(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let Some(parent) = folder.parent() else {
        return Ok(());
    };
    make_folders(parent)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let parent = if parent.as_os_str().is_empty() {
        Path::new(".")
    } else {
        parent
    };
    File::open(parent)?.sync_all()
}
