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

/// How a file is called while it is not whole yet.
const ON_THE_WAY: &str = "new-";

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
        .prefix(ON_THE_WAY)
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

/// Removes what writers that were killed left on the way, which harms nobody
/// where it cannot be removed.
///
/// Whoever calls this keeps others from writing there meanwhile.
pub(super) fn sweep(on_the_way: &Path) {
    for entry in fs::read_dir(on_the_way).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(ON_THE_WAY.as_bytes()) {
            fs::remove_file(entry.path()).ok();
        }
    }
}

/// Removes a folder in which there are only folders, if any, and says whether
/// it is gone.
pub(super) fn remove_empty(folder: &Path) -> bool {
    let is_gone = |entry: io::Result<fs::DirEntry>| {
        let folder = entry
            .ok()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        folder.is_some_and(|folder| remove_empty(&folder.path()))
    };
    let entries = fs::read_dir(folder);
    entries.is_ok_and(|mut entries| entries.all(is_gone)) && fs::remove_dir(folder).is_ok()
}

/// Whether there are only folders in a folder, if any.
pub(super) fn is_empty(folder: &Path) -> bool {
    let is_empty_folder = |entry: io::Result<fs::DirEntry>| {
        entry.is_ok_and(|entry| {
            entry.file_type().is_ok_and(|kind| kind.is_dir()) && is_empty(&entry.path())
        })
    };
    fs::read_dir(folder).is_ok_and(|mut entries| entries.all(is_empty_folder))
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
