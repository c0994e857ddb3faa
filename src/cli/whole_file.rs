//! A file that appears whole or not at all, and that only its owner can read.
//!
//! It has no name while it is written, where the system has such files. Where
//! it must have one meanwhile, signals wait until that is gone again.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, openat, renameat};
use nix::sys::stat::Mode;
use nix::unistd::{UnlinkatFlags, linkat, unlinkat};
use rand_core::{OsRng, RngCore};

use super::signals::{self, Caught, ENDING};
use crate::error::{Error, Result};
use crate::secret::Secret;

/// How much is written between two looks at what signals came.
const PIECE: usize = 1 << 20;

/// Writes a file in place of what was there; a link is replaced, not followed.
///
/// # Errors
///
/// [`Error::Usage`] if it can be no such file, [`Error::Io`] if it cannot be
/// written.
pub(super) fn write(path: &Path, secret: &Secret) -> Result<()> {
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
        let mut stop = || {
            came = came.or_else(|| caught.next());
            came.is_some()
        };
        let bytes = secret.as_bytes();
        let done = match unnamed(&folder, name, bytes, &mut stop) {
            Err(Failed::Unsupported) => named(&folder, name, bytes, &mut stop),
            done => done,
        };
        stop();
        match done {
            Ok(()) => folder.sync_all(),
            Err(Failed::Unsupported) => Err(Errno::EOPNOTSUPP.into()),
            Err(Failed::Io(error)) => Err(error),
        }
    };
    let written = write();
    if let Some(signal) = came {
        signals::obey(signal);
    }
    written.map_err(|error| Error::io(format!("write `{}`", path.display()), error))
}

/// Refuses what is no place for a file.
fn check(path: &Path, folder: &Path) -> Result<()> {
    let refused = |what: &str| {
        Err(Error::usage_hint(
            format!("`{}` is {what}", path.display()),
            "--output takes a file's name; `-` is standard output",
        ))
    };
    let system = ["/dev", "/proc"].map(Path::new);
    let is_systems = |root: &&Path| folder.starts_with(root) && !folder.starts_with("/dev/shm");
    match path.symlink_metadata() {
        Ok(about) if about.is_dir() => refused("a folder"),
        Ok(about) if !about.is_file() && !about.is_symlink() => refused("not a regular file"),
        _ if is_folders(path) => refused("the name of a folder"),
        _ if system.iter().any(is_systems) => refused("in a system folder"),
        _ => Ok(()),
    }
}

/// Whether a path can only be a folder's, which its last part alone does not say.
fn is_folders(path: &Path) -> bool {
    let last = path
        .as_os_str()
        .as_bytes()
        .rsplit(|byte| *byte == b'/')
        .next();
    matches!(last, Some(b"" | b"." | b".."))
}

enum Failed {
    /// The system has no files without names here, or gives them none later.
    Unsupported,
    Io(io::Error),
}

impl<E: Into<io::Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Io(error.into())
    }
}

type Stop<'a> = &'a mut dyn FnMut() -> bool;

/// Writes a file that has no name before it is whole.
fn unnamed(folder: &File, name: &OsStr, bytes: &[u8], stop: Stop) -> Result<(), Failed> {
    let flags = OFlag::O_TMPFILE | OFlag::O_WRONLY | OFlag::O_CLOEXEC;
    let opened = openat(folder, ".", flags, owners());
    let file = fill(opened.map_err(|_| Failed::Unsupported)?, bytes, stop)?;
    let descriptor = format!("/proc/self/fd/{}", file.as_raw_fd());
    let link = |name: &OsStr| {
        let follow = AtFlags::AT_SYMLINK_FOLLOW;
        linkat(AT_FDCWD, descriptor.as_str(), folder, name, follow)
    };
    match link(name) {
        Ok(()) => Ok(()),
        Err(Errno::EEXIST) => {
            let name_meanwhile = Meanwhile::new(folder);
            link(&name_meanwhile.name)?;
            name_meanwhile.becomes(name, stop)
        }
        Err(_) => Err(Failed::Unsupported),
    }
}

/// Writes a file under another name first.
fn named(folder: &File, name: &OsStr, bytes: &[u8], stop: Stop) -> Result<(), Failed> {
    let flags = OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_WRONLY | OFlag::O_CLOEXEC;
    let name_meanwhile = Meanwhile::new(folder);
    let opened = openat(folder, &*name_meanwhile.name, flags, owners())?;
    fill(opened, bytes, stop)?;
    name_meanwhile.becomes(name, stop)
}

fn owners() -> Mode {
    Mode::S_IRUSR | Mode::S_IWUSR
}

/// Writes to a new file, whatever the umask made of its mode.
fn fill(opened: OwnedFd, bytes: &[u8], stop: Stop) -> Result<File, Failed> {
    let mut file = File::from(opened);
    file.set_permissions(Permissions::from_mode(0o600))?;
    for piece in bytes.chunks(PIECE) {
        interrupted(stop)?;
        file.write_all(piece)?;
    }
    file.sync_all()?;
    interrupted(stop)?;
    Ok(file)
}

fn interrupted(stop: Stop) -> Result<(), Failed> {
    if stop() {
        return Err(Errno::EINTR.into());
    }
    Ok(())
}

/// The name that a file has meanwhile, taken away with this.
struct Meanwhile<'a> {
    folder: &'a File,
    name: OsString,
}

impl<'a> Meanwhile<'a> {
    fn new(folder: &'a File) -> Self {
        let name = format!(".lazycred-{:016x}", OsRng.next_u64()).into();
        Self { folder, name }
    }

    fn becomes(mut self, name: &OsStr, stop: Stop) -> Result<(), Failed> {
        interrupted(stop)?;
        renameat(self.folder, &*self.name, self.folder, name)?;
        self.name.clear();
        Ok(())
    }
}

impl Drop for Meanwhile<'_> {
    fn drop(&mut self) {
        if !self.name.is_empty() {
            unlinkat(self.folder, &*self.name, UnlinkatFlags::NoRemoveDir).ok();
        }
    }
}
