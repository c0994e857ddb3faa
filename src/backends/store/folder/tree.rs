//! Folders by descriptor: what is opened stays what it was, whatever becomes of
//! its path meanwhile.
//!
//! Knows names and bytes, and no record. A path is walked one name at a time,
//! so that a symbolic link on the way is followed only where the caller says
//! so. Every function that changes something and gives `Ok` has brought its
//! work to the disk.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
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
use crate::base::{Error, OneLine};

/// How a file is called while it is not whole yet: with random digits behind.
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

/// What somebody put in the way.
#[derive(Debug)]
enum InTheWay {
    /// A symbolic link where none is followed.
    Link(PathBuf),
    /// No file that we alone have, where ours is to be.
    NotOurs(PathBuf),
}

impl fmt::Display for InTheWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, what) = match self {
            Self::Link(path) => (path, "a symbolic link, and is not followed"),
            Self::NotOurs(path) => (path, "not a regular file with a single name"),
        };
        write!(f, "`{}` is {what}", OneLine(path.to_string_lossy()))
    }
}

impl std::error::Error for InTheWay {}

/// What was being done when something failed: what is in the way is a mistake
/// in what is configured, not one of the disk's.
pub(super) fn failed(action: impl Into<String>, error: io::Error) -> Error {
    let cause = error.get_ref();
    let in_the_way = cause.and_then(|cause| cause.downcast_ref::<InTheWay>());
    let hint = match in_the_way {
        Some(InTheWay::Link(_)) => {
            "replace the link with the real file or folder, if you trust where it leads"
        }
        Some(InTheWay::NotOurs(_)) => "remove it: it holds nothing, and is made again",
        None => return Error::io(action, error),
    };
    Error::usage_hint(format!("cannot {}: {error}", action.into()), hint)
}

/// Whether an error says that there is no such file.
pub(super) fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename
    )
}

/// What is found, or `None` where there is no such file.
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

/// An open folder. It need not be readable, only open to passage.
#[derive(Debug)]
pub(super) struct Folder {
    at: OwnedFd,
    /// For messages.
    path: PathBuf,
}

impl Folder {
    /// A folder by its path, in which links are followed.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let here = path.as_os_str().is_empty();
        let opened = if here { Path::new(".") } else { path };
        let at = openat(AT_FDCWD, opened, passage(), Mode::empty())?;
        let path = path.to_owned();
        Ok(Self { at, path })
    }

    /// The same, made where it is not there.
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

    /// The folder of a name in this one.
    pub(super) fn below(&self, name: &OsStr, links: Links) -> io::Result<Self> {
        let opened = openat(&self.at, name, passage() | links.flag(), Mode::empty());
        let at = opened.map_err(|errno| self.not_opened(name, errno, links))?;
        let path = self.path.join(name);
        Ok(Self { at, path })
    }

    /// The folder behind several names: `a/b`. None of them is the folder itself.
    pub(super) fn along(&self, names: &str, links: Links) -> io::Result<Self> {
        let mut folder = self.again()?;
        for name in names.split('/').filter(|name| !name.is_empty()) {
            folder = folder.below(OsStr::new(name), links)?;
        }
        Ok(folder)
    }

    /// The same, each made where it is not there; no link is followed.
    pub(super) fn make_along(&self, names: &str) -> io::Result<Self> {
        let mut folder = self.again()?;
        for name in names.split('/').filter(|name| !name.is_empty()) {
            folder = folder.made(OsStr::new(name), Links::Refused)?;
        }
        Ok(folder)
    }

    /// The folder of a name, made where it is not there: 0700 whatever the umask.
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
        let through = format!("/proc/self/fd/{}", made.at.as_raw_fd());
        if fs::metadata(&through).is_ok_and(|about| about.mode() & 0o777 != 0o700) {
            fs::set_permissions(through, Permissions::from_mode(0o700))?;
        }
        self.sync()?;
        Ok(made)
    }

    /// A file of a name, for reading; never waits, should it be a pipe.
    pub(super) fn file(&self, name: &str, links: Links) -> io::Result<File> {
        let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let opened = openat(&self.at, name, flags | links.flag(), Mode::empty());
        let opened = opened.map_err(|errno| self.not_opened(OsStr::new(name), errno, links))?;
        Ok(opened.into())
    }

    /// A regular file of ours, made where it is not there: 0600 whatever the umask.
    pub(super) fn own_file(&self, name: &str) -> io::Result<File> {
        let flags = OFlag::O_RDWR
            | OFlag::O_CREAT
            | OFlag::O_NONBLOCK
            | OFlag::O_NOCTTY
            | OFlag::O_NOFOLLOW
            | OFlag::O_CLOEXEC;
        let not_ours = || io::Error::other(InTheWay::NotOurs(self.path.join(name)));
        let opened = openat(&self.at, name, flags, private());
        let opened = opened.map_err(|errno| match errno {
            // A folder, and a socket.
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

    /// What is known of a name without opening it.
    pub(super) fn about(&self, name: impl AsRef<OsStr>, links: Links) -> io::Result<FileStat> {
        let flags = match links {
            Links::Followed => AtFlags::empty(),
            Links::Refused => AtFlags::AT_SYMLINK_NOFOLLOW,
        };
        Ok(fstatat(&self.at, name.as_ref(), flags)?)
    }

    /// What is in it: names, and whether each is a folder, which no link is.
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

    /// Writes a file of a name in `folder` by way of one here, which is put in
    /// the place of whatever has that name. `modified` is the time that it is
    /// to have, if not now.
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

    /// Removes a file, or a link and not what it leads to.
    pub(super) fn remove(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        unlinkat(&self.at, name.as_ref(), UnlinkatFlags::NoRemoveDir)?;
        self.sync()
    }

    /// Removes a folder that is empty, and says whether it is gone.
    pub(super) fn remove_folder(&self, name: impl AsRef<OsStr>) -> bool {
        unlinkat(&self.at, name.as_ref(), UnlinkatFlags::RemoveDir).is_ok() && self.sync().is_ok()
    }

    /// Whether there are only folders in the folder of a name, if any.
    pub(super) fn is_empty(&self, name: &OsStr) -> bool {
        let only_folders = |folder: Self| {
            let entries = folder.entries().ok()?;
            let empty = |(name, is_folder): &(OsString, bool)| *is_folder && folder.is_empty(name);
            Some(entries.iter().all(empty))
        };
        let below = self.below(name, Links::Refused).ok();
        below.and_then(only_folders).unwrap_or(false)
    }

    /// Removes the folder of a name if there are only folders in it, and says
    /// whether it is gone.
    pub(super) fn remove_empty(&self, name: &OsStr) -> bool {
        let emptied = |folder: Self| {
            let entries = folder.entries().ok()?;
            let gone =
                |(name, is_folder): &(OsString, bool)| *is_folder && folder.remove_empty(name);
            Some(entries.iter().all(gone))
        };
        let below = self.below(name, Links::Refused).ok();
        below.and_then(emptied).unwrap_or(false) && self.remove_folder(name)
    }

    /// Removes what writers that were killed left on the way, which harms nobody
    /// where it cannot be removed.
    ///
    /// Whoever calls this keeps others from writing there meanwhile.
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

    fn again(&self) -> io::Result<Self> {
        let (at, path) = (self.at.try_clone()?, self.path.clone());
        Ok(Self { at, path })
    }

    fn sync(&self) -> io::Result<()> {
        whole_file::sync(&self.at)
    }

    /// Why a name could not be opened: the kernel has several words for a link
    /// that is not to be followed.
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

fn passage() -> OFlag {
    OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC
}

fn private() -> Mode {
    Mode::S_IRUSR | Mode::S_IWUSR
}

/// Whether a name is one that files have while they are not whole yet: with 16
/// digits, or the 6 characters that `tempfile` gives.
fn is_on_the_way(name: &OsStr) -> bool {
    let digits = name.to_str().and_then(|name| name.strip_prefix(ON_THE_WAY));
    digits.is_some_and(|digits| {
        matches!(digits.len(), 6 | 16) && digits.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}
