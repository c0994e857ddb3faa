//! A private folder in memory, for as long as a person works on a secret.
//!
//! What it holds is on no disk, and nobody else can put another in its place: it
//! is made only where the system says that a folder lies in memory, and is
//! written and read by its own descriptor. Each is locked while its maker lives,
//! so that what a killed one left behind is told from what is in use. What is
//! kept is renamed, and never removed by another. It knows neither names nor
//! stores.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag, openat};
use nix::sys::stat::Mode;
use nix::sys::statfs::{FsType, TMPFS_MAGIC, fstatfs, statfs};
use nix::unistd::{AccessFlags, access, geteuid};
use rand_core::{OsRng, RngCore};

use crate::whole_file::WholeFile;
use crate::{Error, Result, Secret};

/// `RAMFS_MAGIC` of statfs(2).
const RAMFS_MAGIC: FsType = FsType(0x8584_58f6);

/// How a folder in use is called, and one that is kept.
const IN_USE: &str = "lazycred-edit-";
const KEPT: &str = "lazycred-kept-";

/// The user's own folder if there is one that lies in memory, else the one that
/// all users share. In neither may others rename what is ours.
///
/// # Errors
///
/// [`Error::Usage`] if neither will do.
pub(crate) fn in_memory(own: Option<&Path>, shared: &Path) -> Result<PathBuf> {
    let me = geteuid().as_raw();
    let own = own.and_then(|folder| usable(folder, &[me]));
    own.or_else(|| usable(shared, &[me, 0])).ok_or_else(|| {
        Error::usage_hint(
            "there is no folder in memory here, and a secret is not written to a disk",
            "set XDG_RUNTIME_DIR to a folder of yours on a tmpfs, or change the secret with `lazycred set` or `put`",
        )
    })
}

/// A folder as it really lies, if a secret may be written there.
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
    let kind = statfs(&folder).map(|about| about.filesystem_type());
    let may = AccessFlags::W_OK | AccessFlags::X_OK;
    let usable = about.is_dir()
        && owners.contains(&about.uid())
        && safe
        && kind.is_ok_and(is_memory)
        && access(&folder, may).is_ok();
    usable.then_some(folder)
}

fn is_memory(kind: FsType) -> bool {
    kind == TMPFS_MAGIC || kind == RAMFS_MAGIC
}

/// A folder of ours, removed with this unless it is kept.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: PathBuf,
    kept: bool,
    /// The folder itself, held for as long as this lives.
    lock: Flock<File>,
}

impl Scratch {
    /// Makes a folder, and removes what others that have died left behind.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if none can be made.
    pub(crate) fn new(base: &Path) -> Result<Self> {
        sweep(base);
        let failed = |error| Error::io(format!("make a folder in `{}`", base.display()), error);
        for _ in 0..100 {
            let folder = base.join(format!("{IN_USE}{:016x}", OsRng.next_u64()));
            DirBuilder::new()
                .mode(0o700)
                .create(&folder)
                .map_err(failed)?;
            let made = || {
                // The umask may have taken all of that away.
                match fs::set_permissions(&folder, Permissions::from_mode(0o700)) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                    done => done.and_then(|()| lock(&folder)),
                }
            };
            // Until it is locked, it looks like one that was left behind.
            match made() {
                Ok(None) => {}
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
        Err(failed(io::Error::other("none can be locked")))
    }

    /// Writes a file that only its owner can read, and gives its path.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it cannot be written.
    pub(crate) fn write(&self, name: &str, secret: &Secret) -> Result<PathBuf> {
        let path = self.folder.join(name);
        let write = || {
            let kind = fstatfs(&*self.lock)?.filesystem_type();
            if !is_memory(kind) {
                return Err(io::Error::other("its folder is not in memory any more"));
            }
            WholeFile::private(secret.as_bytes()).write(&*self.lock, OsStr::new(name))
        };
        write().map_err(|error| Error::io(format!("write `{}`", path.display()), error))?;
        Ok(path)
    }

    /// Opens a file in the folder that was made, whatever its path leads to by
    /// now, if it is a regular file there.
    ///
    /// # Errors
    ///
    /// The system's.
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

    /// Keeps the folder from now on, even if this process dies, and gives the
    /// path that one of its files has now.
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
            tracing::warn!("cannot remove `{folder}`, which holds a secret: {error}");
        }
    }
}

/// Removes what was left behind: our own folders that nobody holds.
fn sweep(base: &Path) {
    let Ok(entries) = fs::read_dir(base) else {
        return;
    };
    for entry in entries.flatten() {
        let left = entry.file_name().to_string_lossy().starts_with(IN_USE);
        if !left {
            continue;
        }
        let folder = entry.path();
        match lock(&folder) {
            Ok(Some(_lock)) => {
                fs::remove_dir_all(&folder).ok();
            }
            // Its maker died before it could be opened, so it is empty.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                fs::remove_dir(&folder).ok();
            }
            Ok(None) | Err(_) => {}
        }
    }
}

/// Locks a folder of ours; `None` if somebody else holds it, or if it is not
/// there any more by the time.
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
    fn only_a_folder_in_memory_will_do() {
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
    fn a_folder_in_which_others_may_rename_is_no_folder_of_ones_own() {
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
    fn a_file_is_read_from_the_folder_that_was_made_and_no_link_is_followed() {
        let Some(base) = crate::base::test_support::in_memory() else {
            return;
        };
        let scratch = Scratch::new(base.path()).unwrap();
        let path = scratch.write("secret", &"ours".into()).unwrap();
        let read = |name: &str| io::read_to_string(scratch.open(name)?);
        let aside = base.path().join("aside");
        fs::rename(&scratch.folder, &aside).unwrap();
        fs::create_dir(&scratch.folder).unwrap();
        fs::write(&path, "theirs").unwrap();
        assert_eq!(read("secret").unwrap(), "ours");
        std::os::unix::fs::symlink("secret", aside.join("link")).unwrap();
        fs::create_dir(aside.join("folder")).unwrap();
        nix::unistd::mkfifo(&aside.join("pipe"), Mode::S_IRWXU).unwrap();
        for name in ["link", "folder", "pipe", "nope"] {
            assert!(read(name).is_err(), "{name}");
        }
        drop(scratch);
        fs::remove_dir_all(aside).unwrap();
    }

    #[test]
    fn what_is_in_use_or_kept_is_left_and_what_was_left_behind_is_removed() {
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

    #[test]
    fn a_folder_that_was_kept_meanwhile_is_not_taken_for_one_left_behind() {
        let Some(base) = crate::base::test_support::in_memory() else {
            return;
        };
        let mut scratch = Scratch::new(base.path()).unwrap();
        let before = scratch.folder.clone();
        scratch.keep("secret");
        assert!(lock(&before).unwrap().is_none());
        assert!(lock(&scratch.folder).unwrap().is_none(), "it is still held");
    }
}
