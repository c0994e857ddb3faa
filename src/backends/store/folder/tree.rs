//! Folders by descriptor: an open folder stays the same, even if its path changes.
//!
//! Knows names and bytes, but no records. A path is walked one name at a time, so
//! that a symbolic link is followed only if the caller says so. Every function
//! that changes something has synced it to disk when it returns `Ok`.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{File, Permissions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nix::dir::{Dir, Type};
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstatat, mkdirat};
use nix::unistd::{UnlinkatFlags, geteuid, unlinkat};

use crate::backends::whole_file::{self, WholeFile};
use crate::base::system::{PATH_ONLY, make_private};
use crate::base::{Error, OneLine};

/// The prefix of a file's temporary name, which random digits follow.
const ON_THE_WAY: &str = "new-";

/// Whether symbolic links are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Links {
    Followed,
    Refused,
}

impl Links {
    fn flag(self) -> OFlag {
        match self {
            Self::Followed => OFlag::empty(),
            Self::Refused => OFlag::O_NOFOLLOW,
        }
    }
}

/// An obstacle that someone created.
#[derive(Debug)]
enum InTheWay {
    /// A symbolic link, where none is followed.
    Link(PathBuf),
    /// Not a regular file of our own.
    NotOurs(PathBuf),
}

impl fmt::Display for InTheWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, what) = match self {
            Self::Link(path) => (path, "a symbolic link, which is not followed"),
            Self::NotOurs(path) => (path, "not a regular file, or has a second hard link"),
        };
        write!(f, "`{}` is {what}", OneLine(path.to_string_lossy()))
    }
}

impl std::error::Error for InTheWay {}

/// The error for a failed action. An obstacle is a usage error, not an I/O error.
pub(super) fn failed(action: impl Into<String>, error: io::Error) -> Error {
    let cause = error.get_ref();
    let in_the_way = cause.and_then(|cause| cause.downcast_ref::<InTheWay>());
    let hint = match in_the_way {
        Some(InTheWay::Link(_)) => {
            "replace the link with the real file or folder, if you trust where it leads"
        }
        Some(InTheWay::NotOurs(_)) => {
            "remove it: lazycred keeps nothing in it and creates it again"
        }
        None => return Error::io(action, error),
    };
    Error::usage_hint(format!("cannot {}: {error}", action.into()), hint)
}

/// Whether an error means that there is no such file.
pub(super) fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename
    )
}

/// The result, or `None` if there is no such file.
pub(super) fn if_there<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The kind of a file.
pub(super) fn kind(about: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(about.st_mode) & SFlag::S_IFMT
}

/// When a file was last written.
pub(super) fn modified(about: &FileStat) -> SystemTime {
    let part = Duration::from_nanos(about.st_mtime_nsec.unsigned_abs());
    let seconds = Duration::from_secs(about.st_mtime.unsigned_abs());
    let whole = if about.st_mtime < 0 {
        UNIX_EPOCH.checked_sub(seconds)
    } else {
        UNIX_EPOCH.checked_add(seconds)
    };
    whole
        .and_then(|whole| whole.checked_add(part))
        .unwrap_or(UNIX_EPOCH)
}

/// An open folder. It need not be readable, only searchable.
#[derive(Debug)]
pub(super) struct Folder {
    at: OwnedFd,
    /// For messages.
    path: PathBuf,
}

impl Folder {
    /// Opens a folder by its path, following links.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let here = path.as_os_str().is_empty();
        let opened = if here { Path::new(".") } else { path };
        let at = openat(AT_FDCWD, opened, path_only(), Mode::empty())?;
        let path = path.to_owned();
        Ok(Self { at, path })
    }

    /// The same, creating it if necessary.
    pub(super) fn make(path: &Path) -> io::Result<Self> {
        let absolute = path.is_absolute();
        let mut folder = Self::open(Path::new(if absolute { "/" } else { "." }))?;
        for part in path.components() {
            if matches!(part, Component::Normal(_) | Component::ParentDir) {
                folder = folder.made(part.as_os_str(), Links::Followed)?;
            }
        }
        Ok(folder)
    }

    /// Opens a folder in this one.
    pub(super) fn below(&self, name: &OsStr, links: Links) -> io::Result<Self> {
        let opened = openat(&self.at, name, path_only() | links.flag(), Mode::empty());
        let at = opened.map_err(|errno| self.not_opened(name, errno, links))?;
        let path = self.path.join(name);
        Ok(Self { at, path })
    }

    /// Opens the folder at a path of several names, such as `a/b`; without any, this one.
    pub(super) fn along(&self, names: &str, links: Links) -> io::Result<Self> {
        self.walk(names, |folder, name| folder.below(name, links))
    }

    /// The same, creating each if necessary; no link is followed.
    pub(super) fn make_along(&self, names: &str) -> io::Result<Self> {
        self.walk(names, |folder, name| folder.made(name, Links::Refused))
    }

    fn walk(
        &self,
        names: &str,
        step: impl Fn(&Self, &OsStr) -> io::Result<Self>,
    ) -> io::Result<Self> {
        let (at, path) = (self.at.try_clone()?, self.path.clone());
        let mut names = names.split('/').filter(|name| !name.is_empty());
        names.try_fold(Self { at, path }, |folder, name| {
            step(&folder, OsStr::new(name))
        })
    }

    /// Opens a folder in this one, creating it with mode 0700 if necessary, whatever
    /// the umask.
    pub(super) fn made(&self, name: &OsStr, links: Links) -> io::Result<Self> {
        match self.below(name, links) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            found => return found,
        }
        match mkdirat(&self.at, name, Mode::S_IRWXU) {
            Ok(()) => {}
            Err(Errno::EEXIST) => return self.below(name, links),
            Err(errno) => return Err(errno.into()),
        }
        let made = self.below(name, Links::Refused)?;
        make_private(made.at.as_fd())?;
        self.sync()?;
        Ok(made)
    }

    /// Opens a file for reading, without waiting if it is a pipe.
    pub(super) fn file(&self, name: &str, links: Links) -> io::Result<File> {
        let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let opened = openat(&self.at, name, flags | links.flag(), Mode::empty());
        let opened = opened.map_err(|errno| self.not_opened(OsStr::new(name), errno, links))?;
        Ok(opened.into())
    }

    /// Opens a regular file of our own, creating it with mode 0600 if necessary,
    /// whatever the umask.
    pub(super) fn own_file(&self, name: &str) -> io::Result<File> {
        let flags = OFlag::O_RDWR
            | OFlag::O_CREAT
            | OFlag::O_NONBLOCK
            | OFlag::O_NOCTTY
            | OFlag::O_NOFOLLOW
            | OFlag::O_CLOEXEC;
        let not_ours = || io::Error::other(InTheWay::NotOurs(self.path.join(name)));
        let opened = openat(&self.at, name, flags, whole_file::owners());
        let opened = opened.map_err(|errno| match errno {
            // A folder or a socket.
            Errno::EISDIR | Errno::ENXIO => not_ours(),
            errno => self.not_opened(OsStr::new(name), errno, Links::Refused),
        })?;
        let file = File::from(opened);
        let about = file.metadata()?;
        if !about.is_file() || about.nlink() > 1 {
            return Err(not_ours());
        }
        if about.mode() & 0o777 != 0o600 && about.uid() == geteuid().as_raw() {
            file.set_permissions(Permissions::from_mode(0o600))?;
        }
        Ok(file)
    }

    /// Inspects a name without opening it.
    pub(super) fn about(&self, name: impl AsRef<OsStr>, links: Links) -> io::Result<FileStat> {
        let flags = match links {
            Links::Followed => AtFlags::empty(),
            Links::Refused => AtFlags::AT_SYMLINK_NOFOLLOW,
        };
        Ok(fstatat(&self.at, name.as_ref(), flags)?)
    }

    /// The names in it, and whether each is a folder; a link is not.
    pub(super) fn entries(&self) -> io::Result<Vec<(OsString, bool)>> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let mut dir = Dir::openat(&self.at, ".", flags, Mode::empty())?;
        let mut entries = Vec::new();
        for entry in dir.iter() {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes()).to_owned();
            if name == "." || name == ".." {
                continue;
            }
            let is_folder = match entry.file_type() {
                Some(kind) => kind == Type::Directory,
                None => if_there(self.about(&name, Links::Refused))?
                    .is_some_and(|about| kind(&about) == SFlag::S_IFDIR),
            };
            entries.push((name, is_folder));
        }
        Ok(entries)
    }

    /// Writes a file to `folder` by way of a temporary one here, which replaces any
    /// file of that name. `modified` is its time, if not now.
    pub(super) fn put(
        &self,
        (folder, name): (&Self, &str),
        bytes: &[u8],
        modified: Option<SystemTime>,
    ) -> io::Result<()> {
        let file = WholeFile {
            modified,
            prefix: ON_THE_WAY,
            ..WholeFile::private(bytes)
        };
        let to = (folder.at.as_fd(), OsStr::new(name));
        let written = file.write_by_way_of(self.at.as_fd(), to, &mut || false);
        written.map(drop)
    }

    /// Removes a file, or a link but not its target.
    pub(super) fn remove(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        unlinkat(&self.at, name.as_ref(), UnlinkatFlags::NoRemoveDir)?;
        self.sync()
    }

    /// Removes an empty folder; returns whether it did.
    pub(super) fn remove_folder(&self, name: impl AsRef<OsStr>) -> bool {
        unlinkat(&self.at, name.as_ref(), UnlinkatFlags::RemoveDir).is_ok() && self.sync().is_ok()
    }

    /// Whether a folder in this one contains only empty folders, or nothing.
    pub(super) fn is_empty(&self, name: &OsStr) -> bool {
        self.all_below(name, Self::is_empty)
    }

    /// Removes a folder in this one that contains only empty folders, or nothing;
    /// returns whether it did.
    pub(super) fn remove_empty(&self, name: &OsStr) -> bool {
        self.all_below(name, Self::remove_empty) && self.remove_folder(name)
    }

    /// Whether a folder in this one contains only folders that `check` accepts.
    fn all_below(&self, name: &OsStr, check: fn(&Self, &OsStr) -> bool) -> bool {
        let below = self.below(name, Links::Refused);
        below.is_ok_and(|folder| {
            let entries = folder.entries();
            entries.is_ok_and(|entries| {
                let mut entries = entries.iter();
                entries.all(|(name, is_folder)| *is_folder && check(&folder, name))
            })
        })
    }

    /// Removes temporary files left by killed writers; those that cannot be removed
    /// are harmless. The caller must hold the lock.
    pub(super) fn sweep(&self) {
        for (name, _) in self.entries().into_iter().flatten() {
            let left = self.about(&name, Links::Refused).is_ok_and(|about| {
                kind(&about) == SFlag::S_IFREG && about.st_uid == geteuid().as_raw()
            });
            if left && is_on_the_way(&name) {
                self.remove(&name).ok();
            }
        }
    }

    fn sync(&self) -> io::Result<()> {
        whole_file::sync(&self.at)
    }

    /// Why a name could not be opened: the kernel has several error codes for a link
    /// that must not be followed.
    fn not_opened(&self, name: &OsStr, errno: Errno, links: Links) -> io::Error {
        let in_question = matches!(errno, Errno::ELOOP | Errno::ENOTDIR | Errno::EMLINK);
        let is_link = in_question
            && links == Links::Refused
            && self
                .about(name, Links::Refused)
                .is_ok_and(|about| kind(&about) == SFlag::S_IFLNK);
        if is_link {
            return io::Error::other(InTheWay::Link(self.path.join(name)));
        }
        errno.into()
    }
}

fn path_only() -> OFlag {
    PATH_ONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC
}

/// Whether a name is a temporary one: with 16 digits, or the 6 characters that
/// `tempfile` uses.
fn is_on_the_way(name: &OsStr) -> bool {
    let digits = name.to_str().and_then(|name| name.strip_prefix(ON_THE_WAY));
    digits.is_some_and(|digits| {
        matches!(digits.len(), 6 | 16) && digits.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}
