//! Files that appear all together or not at all.
//!
//! Each is written under a temporary name beside its place, and synced. Then each gets
//! its name, and what had it keeps a second one until the end. Dropped before that, a
//! change puts back what was there, and removes the folders that it made. What SIGKILL
//! leaves is removed by the next one.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, TryLockError, remove_dir};
use std::io;
use std::mem;
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open, renameat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstatat, umask};
use nix::unistd::{UnlinkatFlags, linkat, symlinkat, unlinkat};
use rand_core::{OsRng, RngCore as _};

use super::fault;
use super::place::{Content, Place, quoted};
use crate::cli::system::swap;
use crate::whole_file::{Taken, WholeFile};
use crate::{Error, Result};

/// How temporary names start; 16 digits follow. Nothing else gives such names.
const PREFIX: &str = ".lazycred-install-";

/// How often a lock is tried, ten milliseconds apart.
const PATIENCE: u32 = 100;

/// A change that is being made.
pub(super) struct Change<'a> {
    /// Whether to stop, and leave everything as it was.
    stop: &'a mut dyn FnMut() -> bool,
    /// The folders that it made, a parent before what is in it.
    made: Vec<PathBuf>,
    opened: Vec<(PathBuf, Rc<File>)>,
    staged: Vec<Staged>,
}

impl<'a> Change<'a> {
    pub(super) fn new(stop: &'a mut dyn FnMut() -> bool) -> Self {
        Self {
            stop,
            made: Vec::new(),
            opened: Vec::new(),
            staged: Vec::new(),
        }
    }

    /// Puts everything in its place, or nothing.
    pub(super) fn make(mut self, places: &[Place]) -> Result<()> {
        for place in places {
            self.look(place)?;
        }
        for place in places {
            self.stage(place)?;
        }
        for (at, place) in places.iter().enumerate() {
            self.check(place)?;
            let named = self.staged[at].take_name();
            named.map_err(|errno| failed(place, errno.into()))?;
        }
        for (folder, open) in &self.opened {
            let synced = open.sync_all();
            synced.map_err(|error| fault::io(format!("sync {}", quoted(folder)), error))?;
        }
        if let Some(last) = places.last() {
            self.check(last)?;
        }
        // From here on, nothing is undone.
        for staged in self.staged.drain(..) {
            staged.forget();
        }
        self.made.clear();
        Ok(())
    }

    /// Makes and opens the folder, and refuses what must not be replaced.
    fn look(&mut self, place: &Place) -> Result<()> {
        let folder = self.folder(&place.folder)?;
        let Some(there) = stat(&folder, &place.name) else {
            return Ok(());
        };
        let what = match kind(&there) {
            SFlag::S_IFREG | SFlag::S_IFLNK => return Ok(()),
            SFlag::S_IFDIR => "a folder",
            _ => "not a regular file",
        };
        let message = format!("{} is {what}, which is not replaced", place.shown());
        Err(Error::usage_hint(
            message,
            "move it away, or install elsewhere",
        ))
    }

    fn stage(&mut self, place: &Place) -> Result<()> {
        self.check(place)?;
        let folder = self.folder(&place.folder)?;
        let temporary = random();
        self.staged.push(Staged {
            folder: Rc::clone(&folder),
            name: place.name.clone(),
            temporary: temporary.clone(),
            own: None,
            before: None,
        });
        let mut write = |bytes: &[u8], mode| {
            let file = WholeFile {
                mode,
                taken: Taken::Keep,
                prefix: PREFIX,
                ..WholeFile::private(bytes)
            };
            let to = (folder.as_fd(), temporary.as_os_str());
            match file.write_by_way_of(folder.as_fd(), to, self.stop) {
                Ok(false) => Err(Errno::EEXIST.into()),
                written => written.map(drop),
            }
        };
        let written = match &place.content {
            Content::Program(bytes) => write(bytes, 0o755),
            Content::Text(bytes) => write(bytes, 0o644),
            Content::Link(to) => symlinkat(*to, &*folder, &*temporary).map_err(Into::into),
        };
        written.map_err(|error| failed(place, error))?;
        let staged = self.staged.last_mut();
        let own = stat(&folder, &temporary).map(|about| identity(&about));
        if let Some(staged) = staged {
            staged.own = own;
        }
        Ok(())
    }

    fn check(&mut self, place: &Place) -> Result<()> {
        if (self.stop)() {
            return Err(failed(place, Errno::EINTR.into()));
        }
        Ok(())
    }

    /// A folder, made if it is missing, with its parents.
    fn folder(&mut self, path: &Path) -> Result<Rc<File>> {
        let known = self.opened.iter().find(|(folder, _)| folder == path);
        if let Some((_, open)) = known {
            return Ok(Rc::clone(open));
        }
        let is_missing = |path: &&Path| {
            let about = path.metadata();
            about.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        };
        let parents = path.ancestors().filter(|path| !path.as_os_str().is_empty());
        let missing: Vec<&Path> = parents.take_while(is_missing).collect();
        for folder in missing.into_iter().rev() {
            match with_umask(0, || DirBuilder::new().mode(0o755).create(folder)) {
                Ok(()) => self.made.push(folder.to_owned()),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    let action = format!("make the folder {}", quoted(folder));
                    return Err(fault::io(action, error));
                }
            }
        }
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let opened = open(path, flags, Mode::empty()).map_err(|errno| match errno {
            Errno::ENOTDIR => Error::usage_hint(
                format!("{} is not a folder", quoted(first_file(path))),
                "DIR is the folder that the program is installed in",
            ),
            errno => fault::io(format!("open the folder {}", quoted(path)), errno.into()),
        })?;
        let opened = Rc::new(File::from(opened));
        sweep(&opened);
        self.opened.push((path.to_owned(), Rc::clone(&opened)));
        Ok(opened)
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        for staged in self.staged.drain(..).rev() {
            staged.undo();
        }
        for folder in self.made.iter().rev() {
            // What others have put there by now stays.
            remove_dir(folder).ok();
        }
    }
}

/// What tells one file from all others.
type Identity = (libc::dev_t, libc::ino_t);

/// A file with a temporary name, or with its own.
struct Staged {
    folder: Rc<File>,
    name: String,
    temporary: OsString,
    /// Which file it is, once it is written.
    own: Option<Identity>,
    /// The second name of what had its name before.
    before: Option<OsString>,
}

impl Staged {
    /// Gives it its name.
    fn take_name(&mut self) -> nix::Result<()> {
        let (folder, before) = (&*self.folder, random());
        let name = self.name.as_str();
        let kept = match linkat(folder, name, folder, &*before, AtFlags::empty()) {
            // Some systems link no file of another user, and some none at all.
            Err(errno) if errno != Errno::ENOENT => {
                if swap(folder, &self.temporary, name.as_ref()).is_ok() {
                    self.before = Some(mem::replace(&mut self.temporary, before));
                    return Ok(());
                }
                renameat(folder, name, folder, &*before)
            }
            kept => kept,
        };
        match kept {
            Ok(()) => self.before = Some(before),
            Err(Errno::ENOENT) => {}
            Err(errno) => return Err(errno),
        }
        renameat(folder, &*self.temporary, folder, name)
    }

    /// Puts back what was there.
    fn undo(self) {
        let there = stat(&self.folder, &self.name).map(|about| identity(&about));
        // What somebody else has put there meanwhile stays.
        let is_own = there.is_some() && there == self.own;
        match &self.before {
            Some(before) if is_own || there.is_none() => {
                let folder = &*self.folder;
                if renameat(folder, &**before, folder, self.name.as_str()).is_err() {
                    return self.remove(&self.temporary);
                }
            }
            None if is_own => self.remove(&self.name),
            _ => {}
        }
        self.remove(&self.temporary);
        self.forget();
    }

    /// Removes what was there.
    fn forget(self) {
        if let Some(before) = &self.before {
            self.remove(before);
        }
    }

    fn remove(&self, name: impl AsRef<Path>) {
        unlinkat(&*self.folder, name.as_ref(), UnlinkatFlags::NoRemoveDir).ok();
    }
}

/// Removes from a folder what an installation was killed amid, unless another one is at
/// work there: each holds a shared lock on its folders.
fn sweep(folder: &File) {
    if folder.try_lock().is_ok() {
        for name in leftovers(folder) {
            unlinkat(folder, &*name, UnlinkatFlags::NoRemoveDir).ok();
        }
    }
    // Some systems lock no folder, and a stranger may have locked it.
    for _ in 0..PATIENCE {
        match folder.try_lock_shared() {
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(10)),
            Ok(()) | Err(TryLockError::Error(_)) => break,
        }
    }
}

/// The temporary names in a folder.
fn leftovers(folder: &File) -> Vec<OsString> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let Ok(mut listed) = Dir::openat(folder, ".", flags, Mode::empty()) else {
        return Vec::new();
    };
    let entries = listed.iter().filter_map(std::result::Result::ok);
    let names = entries.map(|entry| entry.file_name().to_bytes().to_vec());
    let is_ours = |name: &Vec<u8>| {
        let digits = name.strip_prefix(PREFIX.as_bytes());
        digits.is_some_and(|digits| digits.len() == 16 && digits.iter().all(u8::is_ascii_hexdigit))
    };
    names.filter(is_ours).map(OsString::from_vec).collect()
}

fn random() -> OsString {
    format!("{PREFIX}{:016x}", OsRng.next_u64()).into()
}

fn stat(folder: &File, name: impl AsRef<Path>) -> Option<FileStat> {
    fstatat(folder, name.as_ref(), AtFlags::AT_SYMLINK_NOFOLLOW).ok()
}

fn identity(about: &FileStat) -> Identity {
    (about.st_dev, about.st_ino)
}

fn kind(about: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(about.st_mode) & SFlag::S_IFMT
}

/// What on the way to a folder is none.
fn first_file(path: &Path) -> &Path {
    let is_none = |path: &&Path| path.metadata().is_ok_and(|about| !about.is_dir());
    path.ancestors().find(is_none).unwrap_or(path)
}

fn failed(place: &Place, error: io::Error) -> Error {
    fault::io(format!("install {}", place.shown()), error)
}

/// Does this with another umask.
fn with_umask<T>(mask: libc::mode_t, work: impl FnOnce() -> T) -> T {
    let before = umask(Mode::from_bits_truncate(mask));
    let done = work();
    umask(before);
    done
}
