//! A private in-memory folder for a secret while a person edits it.
//!
//! Its contents are on no disk, and nobody else can replace it: it is created only
//! in a file system that the kernel reports as in memory, and accessed by its own
//! descriptor. It stays locked while its process lives, which distinguishes it from
//! what a killed process left behind. A folder that is kept is renamed, and never
//! removed by another process. Knows neither names nor stores.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag, openat};
use nix::sys::stat::Mode;
use nix::sys::statfs::{fstatfs, statfs};
use nix::unistd::{AccessFlags, access, geteuid};
use rand_core::{OsRng, RngCore};

use crate::cli::system::is_memory;
use crate::whole_file::WholeFile;
use crate::{Error, Result, Secret};

/// The name prefixes of a folder in use, and of one that is kept.
const IN_USE: &str = "lazycred-edit-";
const KEPT: &str = "lazycred-kept-";

/// The user's own folder if it is in memory, else the folder shared by all users.
/// Accepts neither if others may rename our files there.
pub(crate) fn in_memory(own: Option<&Path>, shared: &Path) -> Result<PathBuf> {
    let me = geteuid().as_raw();
    let own = own.and_then(|folder| usable(folder, &[me]));
    own.or_else(|| usable(shared, &[me, 0])).ok_or_else(|| {
        Error::usage_hint(
            "no in-memory folder available, and secrets are never written to disk",
            "set XDG_RUNTIME_DIR to a folder of yours on a tmpfs, or change the secret with `lazycred set` or `put`",
        )
    })
}

/// The real path of a folder, if a secret may be written there.
fn usable(folder: &Path, owners: &[u32]) -> Option<PathBuf> {
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    if !folder.is_absolute() {
        return None;
    }
    let folder = folder.canonicalize().ok()?;
    let about = folder.metadata().ok()?;
    let others = about.mode() & (WRITABLE_BY_OTHERS | STICKY);
    let safe = others & WRITABLE_BY_OTHERS == 0 || others & STICKY != 0;
    let may = AccessFlags::W_OK | AccessFlags::X_OK;
    let usable = about.is_dir()
        && owners.contains(&about.uid())
        && safe
        && statfs(&folder).is_ok_and(|about| is_memory(&about))
        && access(&folder, may).is_ok();
    usable.then_some(folder)
}

/// A folder of ours, removed on drop unless it is kept.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: PathBuf,
    kept: bool,
    /// The folder itself, locked until this is dropped.
    lock: Flock<File>,
}

impl Scratch {
    /// Creates a folder, and removes those left behind by killed processes.
    pub(crate) fn new(base: &Path) -> Result<Self> {
        sweep(base);
        let failed = |error| Error::io(format!("create a folder in `{}`", base.display()), error);
        for _ in 0..100 {
            let folder = base.join(format!("{IN_USE}{:016x}", OsRng.next_u64()));
            DirBuilder::new()
                .mode(0o700)
                .create(&folder)
                .map_err(failed)?;
            // The umask may have removed these permissions.
            let owned = fs::set_permissions(&folder, Permissions::from_mode(0o700));
            match owned.and_then(|()| lock(&folder)) {
                // Another process took it for a folder left behind.
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Ok(Some(lock)) => {
                    return Ok(Self {
                        folder,
                        kept: false,
                        lock,
                    });
                }
                Err(error) => {
                    fs::remove_dir(&folder).ok();
                    return Err(failed(error));
                }
            }
        }
        Err(failed(io::Error::other("none could be locked")))
    }

    /// Writes a file that only its owner can read; returns its path.
    pub(crate) fn write(&self, name: &str, secret: &Secret) -> Result<PathBuf> {
        let path = self.folder.join(name);
        let write = || {
            if !is_memory(&fstatfs(&*self.lock)?) {
                return Err(io::Error::other("its folder is no longer in memory"));
            }
            WholeFile::private(secret.as_bytes()).write(&*self.lock, OsStr::new(name))
        };
        write().map_err(|error| Error::io(format!("write `{}`", path.display()), error))?;
        Ok(path)
    }

    /// Opens a regular file in the folder that was created, whatever its path leads to
    /// by now.
    pub(crate) fn open(&self, name: &str) -> io::Result<File> {
        let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let file = match openat(&*self.lock, name, flags, Mode::empty()) {
            Err(Errno::ELOOP) => return Err(io::Error::other("it is a symbolic link")),
            opened => File::from(opened?),
        };
        if file.metadata()?.is_file() {
            Ok(file)
        } else {
            Err(io::Error::other("it is not a regular file"))
        }
    }

    /// Keeps the folder, even if this process is killed; returns the new path of one
    /// of its files.
    pub(crate) fn keep(&mut self, file: &str) -> PathBuf {
        let name = self.folder.file_name().unwrap_or_default();
        let id = name.to_string_lossy().replacen(IN_USE, "", 1);
        let kept = self.folder.with_file_name(format!("{KEPT}{id}"));
        self.kept = true;
        match fs::rename(&self.folder, &kept) {
            Ok(()) => self.folder = kept,
            Err(error) => tracing::warn!(
                "cannot rename `{}`, so the next `edit` will remove it: {error}",
                self.folder.display()
            ),
        }
        self.folder.join(file)
    }

    /// Removes the folder, kept or not.
    pub(crate) fn remove(mut self) {
        self.kept = false;
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            let folder = self.folder.display();
            tracing::warn!("cannot remove `{folder}`, which contains a secret: {error}");
        }
    }
}

/// Removes our own folders that no process has locked.
fn sweep(base: &Path) {
    let Ok(entries) = fs::read_dir(base) else {
        return;
    };
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(IN_USE) {
            continue;
        }
        let folder = entry.path();
        match lock(&folder) {
            Ok(Some(_lock)) => drop(fs::remove_dir_all(&folder)),
            // Its process was killed before it could be opened, so it is empty.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                drop(fs::remove_dir(&folder));
            }
            Ok(None) | Err(_) => {}
        }
    }
}

/// Locks a folder of ours; `None` if another process has locked it, or if it no
/// longer exists.
fn lock(folder: &Path) -> io::Result<Option<Flock<File>>> {
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_DIRECTORY | libc::O_NOFOLLOW)
        .open(folder);
    let file = match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let lock = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => lock,
        Err((_, Errno::EWOULDBLOCK)) => return Ok(None),
        Err((_, errno)) => return Err(errno.into()),
    };
    let ours = lock.metadata()?;
    let same = |now: fs::Metadata| (now.dev(), now.ino()) == (ours.dev(), ours.ino());
    let there = fs::symlink_metadata(folder).is_ok_and(same);
    Ok((there && ours.uid() == geteuid().as_raw()).then_some(lock))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(base: &Path) -> Vec<String> {
        let entries = fs::read_dir(base).unwrap();
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<_> = entries
            .map(|entry| name(entry).into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn only_a_folder_in_memory_is_accepted() {
        let shared = Path::new("/dev/shm");
        for none in ["/proc", "/sys", "/nope", "dev/shm", "/etc/passwd"] {
            let none = Path::new(none);
            assert_eq!(in_memory(Some(none), none).unwrap_err().exit_code(), 2);
            if crate::base::test_support::in_memory().is_some() {
                assert_eq!(in_memory(Some(none), shared).unwrap(), shared);
            }
        }
    }

    #[test]
    fn a_folder_in_which_others_may_rename_is_refused() {
        let Some(own) = crate::base::test_support::in_memory() else {
            return;
        };
        let own = own.path();
        let nope = Path::new("/nope");
        for (mode, usable) in [
            (0o700, true),
            (0o755, true),
            (0o1777, true),
            (0o777, false),
            (0o770, false),
        ] {
            fs::set_permissions(own, Permissions::from_mode(mode)).unwrap();
            assert_eq!(in_memory(Some(own), nope).is_ok(), usable, "{mode:o}");
        }
    }

    #[test]
    fn folders_in_use_or_kept_stay_and_those_left_behind_are_removed() {
        let Some(base) = crate::base::test_support::in_memory() else {
            return;
        };
        let base = base.path();
        let victim = base.join("victim");
        fs::create_dir(&victim).unwrap();
        std::os::unix::fs::symlink(&victim, base.join("lazycred-edit-link")).unwrap();
        fs::write(base.join("lazycred-edit-file"), "").unwrap();
        fs::create_dir_all(base.join("lazycred-edit-dead/below")).unwrap();
        let mut first = Scratch::new(base).unwrap();
        let second = Scratch::new(base).unwrap();
        let path = first.write("secret", &"x".into()).unwrap();
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(first.folder.metadata().unwrap().mode() & 0o777, 0o700);
        assert_eq!(names(base).len(), 5, "{:?}", names(base));
        let kept = first.keep("secret");
        drop((first, second));
        Scratch::new(base).unwrap().remove();
        assert_eq!(fs::read(&kept).unwrap(), b"x");
        let id = kept.parent().unwrap().file_name().unwrap();
        let expected = [
            "lazycred-edit-file",
            "lazycred-edit-link",
            id.to_str().unwrap(),
            "victim",
        ];
        assert_eq!(names(base), expected);
    }
}
