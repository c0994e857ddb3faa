//! Files that are whole or not there, and folders that stay.
//!
//! Knows paths and bytes, and no record. Every function that gives `Ok` has
//! brought its work to the disk.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::SystemTime;

use tempfile::Builder;

/// Writes a file by way of one in the folder `on_the_way`.
///
/// `modified` is the time that the file is to have, if not now.
pub(super) fn put_in_place(
    path: &Path,
    on_the_way: &Path,
    bytes: &[u8],
    modified: Option<SystemTime>,
) -> io::Result<()> {
    let folder = parent(path);
    make_folders(folder)?;
    let mut file = Builder::new()
        .prefix("new-")
        .permissions(PermissionsExt::from_mode(0o666))
        .tempfile_in(on_the_way)?;
    file.write_all(bytes)?;
    if let Some(modified) = modified {
        file.as_file().set_modified(modified)?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync(folder)
}

/// Removes a file, and the folders below `root` that are empty without it.
pub(super) fn remove(path: &Path, root: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    let mut folder = parent(path);
    sync(folder)?;
    // What cannot be removed is in use, or not ours to remove, and harms nobody.
    while folder != root && folder.starts_with(root) && fs::remove_dir(folder).is_ok() {
        folder = parent(folder);
        sync(folder)?;
    }
    Ok(())
}

/// Makes folders down to `folder`, each of them to stay.
pub(super) fn make_folders(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = parent(folder);
    if above != folder {
        make_folders(above)?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    sync(above)
}

/// Whether an error says that there is no such file.
pub(super) fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename
    )
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => path,
    }
}
