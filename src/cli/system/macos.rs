//! macOS: type-checked, never run.

use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::sys::statfs::Statfs;

use crate::Result;

/// All signals that end a process by default, except SIGKILL.
///
/// Source: sigaction(2); SIGIO is discarded.
#[rustfmt::skip]
pub(in crate::cli) const ENDING: [libc::c_int; 20] = [
    libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGILL, libc::SIGTRAP, libc::SIGABRT, libc::SIGEMT, libc::SIGFPE,
    libc::SIGBUS, libc::SIGSEGV, libc::SIGSYS, libc::SIGPIPE, libc::SIGALRM, libc::SIGTERM, libc::SIGXCPU,
    libc::SIGXFSZ, libc::SIGVTALRM, libc::SIGPROF, libc::SIGUSR1, libc::SIGUSR2,
];

/// A pipe of which neither end waits, or is inherited by a program; but one that another
/// thread starts meanwhile may inherit it.
pub(in crate::cli) fn pipe() -> nix::Result<(OwnedFd, OwnedFd)> {
    let (reader, writer) = nix::unistd::pipe()?;
    for end in [&reader, &writer] {
        fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
        fcntl(end, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    }
    Ok((reader, writer))
}

/// Where this process's `fd` is, with an entry for each descriptor.
pub(in crate::cli) const DESCRIPTORS: &str = "/dev";

/// There is no such link: the program is read by the path that it was started by.
pub(in crate::cli) const ITSELF: &str = "";

/// Not asked for: `renameatx_np` does it.
pub(in crate::cli) fn swap(_: &File, _: &OsStr, _: &OsStr) -> nix::Result<()> {
    Err(Errno::ENOTSUP)
}

/// No program is started so.
pub(in crate::cli) fn loader() -> Option<PathBuf> {
    None
}

/// Not asked for.
pub(in crate::cli) fn is_noexec(_: &Path) -> bool {
    false
}

/// Whether a folder is no place for a user's file.
pub(in crate::cli) fn is_system_folder(folder: &Path) -> bool {
    folder.starts_with("/dev")
}

pub(in crate::cli) fn can_edit() -> Result<()> {
    Err(super::refusal::no_edit())
}

/// There is none.
pub(in crate::cli) const SHARED_MEMORY: &str = "";

/// Of none is it known.
pub(in crate::cli) fn is_memory(_: &Statfs) -> bool {
    false
}
