//! Writes files that appear whole or not at all.
//!
//! While it is written, a file has no name if the system allows that, else a
//! temporary one. It is synced to disk before it gets its own name, and its
//! folder after that. Every step goes through an open folder, and a symbolic
//! link is replaced, not followed. Only SIGKILL leaves a temporary file behind.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::time::SystemTime;

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat, renameat};
use nix::sys::stat::Mode;
use nix::unistd::{UnlinkatFlags, linkat, unlinkat};
use rand_core::{OsRng, RngCore};

use crate::base::system;

/// How much is written between two checks whether to stop.
const PIECE: usize = 1 << 20;

/// What to do if a file's name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The existing file is replaced.
    Replace,
    /// It stays, and nothing is written.
    Keep,
}

/// A file to write.
///
/// # Examples
///
/// ```no_run
/// use std::{ffi::OsStr, fs::File};
/// use lazycred::whole_file::{Taken, WholeFile};
///
/// let file = WholeFile {
///     taken: Taken::Keep,
///     ..WholeFile::private(b"hunter2")
/// };
/// assert!(file.write(File::open(".")?, OsStr::new("token"))?);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct WholeFile<'a> {
    /// What is in it.
    pub bytes: &'a [u8],
    /// Its permissions, whatever the umask.
    pub mode: u32,
    /// Its modification time, if not now.
    pub modified: Option<SystemTime>,
    /// What to do if its name is taken.
    pub taken: Taken,
    /// The prefix of its temporary name.
    pub prefix: &'a str,
}

impl fmt::Debug for WholeFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The bytes may be secret.
        f.debug_struct("WholeFile")
            .field("mode", &self.mode)
            .field("taken", &self.taken)
            .finish_non_exhaustive()
    }
}

/// Whether to stop, and leave everything as it was.
type Stop<'a> = &'a mut dyn FnMut() -> bool;

impl<'a> WholeFile<'a> {
    /// A file that only its owner can read, which replaces any other.
    ///
    /// # Examples
    ///
    /// ```
    /// let file = lazycred::whole_file::WholeFile::private(b"hunter2");
    /// assert_eq!(file.mode, 0o600);
    /// ```
    #[must_use]
    pub fn private(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            mode: 0o600,
            modified: None,
            taken: Taken::Replace,
            prefix: ".lazycred-",
        }
    }

    /// Writes it to a folder; returns whether it did.
    ///
    /// # Errors
    ///
    /// The system's.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// let file = lazycred::whole_file::WholeFile::private(b"hunter2");
    /// file.write(std::fs::File::open(".")?, "token".as_ref())?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn write(&self, folder: impl AsFd, name: &OsStr) -> io::Result<bool> {
        let folder = folder.as_fd();
        self.write_by_way_of(folder, (folder, name), &mut || false)
    }

    /// The same by way of another folder; [`io::ErrorKind::Interrupted`] if told to
    /// stop.
    ///
    /// # Errors
    ///
    /// The system's; [`io::ErrorKind::Interrupted`] if it stopped.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::{fs::File, os::fd::AsFd};
    /// let file = lazycred::whole_file::WholeFile::private(b"hunter2");
    /// let (memory, home) = (File::open("/dev/shm")?, File::open("/dev/shm/mine")?);
    /// let mut stop = || false;
    /// file.write_by_way_of(memory.as_fd(), (home.as_fd(), "token".as_ref()), &mut stop)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn write_by_way_of(
        &self,
        beside: BorrowedFd,
        (folder, name): (BorrowedFd, &OsStr),
        stop: Stop,
    ) -> io::Result<bool> {
        let to = To { folder, name };
        let written = match self.unnamed(beside, to, stop)? {
            Some(written) => written,
            None => self.named(beside, to, stop)?,
        };
        if written {
            sync(folder)?;
        }
        Ok(written)
    }

    /// Writes a file that has no name until it is whole; `None` if the system does not
    /// support that.
    fn unnamed(&self, beside: BorrowedFd, to: To, stop: Stop) -> io::Result<Option<bool>> {
        let Ok(opened) = system::open_unnamed(beside, owners()) else {
            return Ok(None);
        };
        let file = self.fill(opened, stop)?;
        let link = |to: To| system::name_unnamed(&file, to.folder, to.name);
        match link(to) {
            Ok(()) => Ok(Some(true)),
            Err(Errno::EEXIST) if self.taken == Taken::Keep => Ok(Some(false)),
            Err(Errno::EEXIST) => {
                let temporary = Temporary::new(beside, self.prefix);
                link(temporary.name())?;
                stopped(stop)?;
                temporary.becomes(to).map(Some)
            }
            Err(_) => Ok(None),
        }
    }

    /// Writes a file under a temporary name.
    fn named(&self, beside: BorrowedFd, to: To, stop: Stop) -> io::Result<bool> {
        let temporary = Temporary::new(beside, self.prefix);
        let opened = openat(beside, &*temporary.name, new(), owners())?;
        self.fill(opened, stop)?;
        let keep = self.taken == Taken::Keep;
        if keep {
            let own = &*temporary.name;
            match linkat(beside, own, to.folder, to.name, AtFlags::empty()) {
                Ok(()) => return Ok(true),
                Err(Errno::EEXIST) => return Ok(false),
                // Without hard links, reserve the name first.
                Err(_) => match openat(to.folder, to.name, new(), owners()) {
                    Err(Errno::EEXIST) => return Ok(false),
                    opened => drop(opened?),
                },
            }
        }
        let became = temporary.becomes(to);
        if keep && became.is_err() {
            unlinkat(to.folder, to.name, UnlinkatFlags::NoRemoveDir).ok();
        }
        became
    }

    /// Writes to a new file, and syncs it to disk.
    fn fill(&self, opened: OwnedFd, stop: Stop) -> io::Result<File> {
        let mut file = File::from(opened);
        file.set_permissions(Permissions::from_mode(self.mode))?;
        for piece in self.bytes.chunks(PIECE) {
            stopped(stop)?;
            file.write_all(piece)?;
        }
        if let Some(modified) = self.modified {
            file.set_modified(modified)?;
        }
        file.sync_all()?;
        stopped(stop)?;
        Ok(file)
    }
}

/// Syncs a folder to disk; it may be open as a path only.
pub(crate) fn sync(folder: impl AsFd) -> io::Result<()> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    File::from(openat(folder, ".", flags, Mode::empty())?).sync_all()
}

fn new() -> OFlag {
    OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_WRONLY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC
}

/// Read and write, for the owner only.
pub(crate) fn owners() -> Mode {
    Mode::S_IRUSR | Mode::S_IWUSR
}

fn stopped(stop: Stop) -> io::Result<()> {
    if stop() {
        return Err(Errno::EINTR.into());
    }
    Ok(())
}

/// A name in a folder.
#[derive(Clone, Copy)]
struct To<'a> {
    folder: BorrowedFd<'a>,
    name: &'a OsStr,
}

/// A temporary name, removed on drop.
struct Temporary<'a> {
    folder: BorrowedFd<'a>,
    name: OsString,
}

impl<'a> Temporary<'a> {
    fn new(folder: BorrowedFd<'a>, prefix: &str) -> Self {
        let name = format!("{prefix}{:016x}", OsRng.next_u64()).into();
        Self { folder, name }
    }

    fn name(&self) -> To<'_> {
        To {
            folder: self.folder,
            name: &self.name,
        }
    }

    fn becomes(mut self, to: To) -> io::Result<bool> {
        renameat(self.folder, &*self.name, to.folder, to.name)?;
        self.name.clear();
        Ok(true)
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.name.is_empty() {
            unlinkat(self.folder, &*self.name, UnlinkatFlags::NoRemoveDir).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    fn names(folder: &std::path::Path) -> Vec<OsString> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn a_file_is_whole_with_and_without_a_temporary_name_and_replaces_only_where_it_may() {
        let folder = crate::base::test_support::folder();
        let (path, open) = (folder.path().join("f"), File::open(folder.path()).unwrap());
        let to = To {
            folder: open.as_fd(),
            name: OsStr::new("f"),
        };
        let mut never = || false;
        let file = WholeFile {
            mode: 0o644,
            ..WholeFile::private(b"new")
        };
        for taken in [Taken::Replace, Taken::Keep] {
            for there in [None, Some("nowhere"), Some("/etc/hostname")] {
                for named in [false, true] {
                    fs::remove_file(&path).ok();
                    if let Some(target) = there {
                        symlink(target, &path).unwrap();
                    }
                    let file = WholeFile { taken, ..file };
                    let written = if named {
                        file.named(open.as_fd(), to, &mut never).unwrap()
                    } else {
                        file.write(&open, to.name).unwrap()
                    };
                    let expected = there.is_none() || taken == Taken::Replace;
                    assert_eq!(written, expected, "{taken:?} {there:?} {named}");
                    let about = path.symlink_metadata().unwrap();
                    assert_eq!(about.is_file(), expected);
                    if expected {
                        assert_eq!(about.mode() & 0o777, 0o644);
                        assert_eq!(fs::read(&path).unwrap(), b"new");
                    }
                    assert_eq!(names(folder.path()), ["f"]);
                }
            }
        }
    }

    #[test]
    fn its_bytes_show_in_no_debug_output() {
        let shown = format!("{:?}", WholeFile::private(b"hunter2"));
        assert!(
            !shown.contains("104") && !shown.contains("hunter2"),
            "{shown}"
        );
    }

    #[test]
    fn one_that_is_told_to_stop_leaves_what_was_there_and_nothing_beside_it() {
        let folder = crate::base::test_support::folder();
        let (path, open) = (folder.path().join("f"), File::open(folder.path()).unwrap());
        fs::write(&path, "old").unwrap();
        for named in [false, true] {
            let mut looks = 0;
            let mut second = || {
                looks += 1;
                looks == 2
            };
            let file = WholeFile::private(b"new");
            let to = To {
                folder: open.as_fd(),
                name: OsStr::new("f"),
            };
            let error = if named {
                file.named(open.as_fd(), to, &mut second).map(Some)
            } else {
                file.unnamed(open.as_fd(), to, &mut second)
            };
            assert_eq!(error.unwrap_err().kind(), io::ErrorKind::Interrupted);
            assert_eq!(fs::read(&path).unwrap(), b"old");
            assert_eq!(names(folder.path()), ["f"]);
        }
    }
}
