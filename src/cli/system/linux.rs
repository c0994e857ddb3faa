//! Linux.

use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::statfs::{FsType, Statfs, TMPFS_MAGIC};
use nix::sys::statvfs::{FsFlags, statvfs};
use nix::unistd::pipe2;
use rustix::fs::{RenameFlags, renameat_with};

use crate::Result;

/// All signals that end a process by default, except SIGKILL. Numbers 34 to 64 are
/// the real-time signals, which have no names.
#[rustfmt::skip]
pub(in crate::cli) const ENDING: [libc::c_int; 53] = [
    libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGILL, libc::SIGTRAP, libc::SIGABRT, libc::SIGBUS, libc::SIGFPE,
    libc::SIGUSR1, libc::SIGSEGV, libc::SIGUSR2, libc::SIGPIPE, libc::SIGALRM, libc::SIGTERM, libc::SIGSTKFLT,
    libc::SIGXCPU, libc::SIGXFSZ, libc::SIGVTALRM, libc::SIGPROF, libc::SIGIO, libc::SIGPWR, libc::SIGSYS,
    34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
    63, 64,
];

/// A pipe of which neither end waits, or is inherited by a program.
pub(in crate::cli) fn pipe() -> nix::Result<(OwnedFd, OwnedFd)> {
    pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)
}

/// Where this process's `fd` is, with an entry for each descriptor.
pub(in crate::cli) const DESCRIPTORS: &str = "/proc/self";

/// The kernel's own link to the running program, also if its file was replaced.
pub(in crate::cli) const ITSELF: &str = "/proc/self/exe";

/// Gives each of two files of a folder the other's name, at once.
pub(in crate::cli) fn swap(folder: &File, one: &OsStr, other: &OsStr) -> nix::Result<()> {
    let swapped = renameat_with(folder, one, folder, other, RenameFlags::EXCHANGE);
    swapped.map_err(|error| Errno::from_raw(error.raw_os_error()))
}

/// The program that loads another one which is given to it, if that is what runs.
pub(in crate::cli) fn loader() -> Option<PathBuf> {
    let program = std::fs::read_link(ITSELF).ok()?;
    let name = program.file_name()?.as_encoded_bytes();
    (name.starts_with(b"ld-") || name == b"ld.so").then_some(program)
}

/// Whether no program runs from a folder, as far as the system tells.
pub(in crate::cli) fn is_noexec(folder: &Path) -> bool {
    statvfs(folder).is_ok_and(|about| about.flags().contains(FsFlags::ST_NOEXEC))
}

/// Whether a folder is no place for a user's file.
pub(in crate::cli) fn is_system_folder(folder: &Path) -> bool {
    let system = ["/dev", "/proc"].map(Path::new);
    let is_systems = |root: &&Path| folder.starts_with(root) && !folder.starts_with(SHARED_MEMORY);
    system.iter().any(is_systems)
}

/// Whether `edit` can be trusted to leave nothing on a disk.
#[allow(clippy::unnecessary_wraps, reason = "macOS refuses it")]
pub(in crate::cli) fn can_edit() -> Result<()> {
    Ok(())
}

/// The in-memory folder if the session has none of its own.
pub(in crate::cli) const SHARED_MEMORY: &str = "/dev/shm";

/// `RAMFS_MAGIC` of statfs(2).
const RAMFS_MAGIC: FsType = FsType(0x8584_58f6);

/// Whether a file system is in memory.
pub(in crate::cli) fn is_memory(about: &Statfs) -> bool {
    let kind = about.filesystem_type();
    kind == TMPFS_MAGIC || kind == RAMFS_MAGIC
}
