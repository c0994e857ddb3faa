//! macOS: type-checked, never run.
//!
//! What protects less than on Linux: a debugger of the same user may attach, a child is
//! not killed with its parent, and a shell's children not with the shell.

use std::ffi::OsStr;
use std::fs::{File, Permissions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;

/// The limit on arguments and environment together, in bytes.
///
/// Source: `NCARGS` in xnu's bsd/kern/kern_exec.c, which counts strings and pointers as
/// Linux does.
pub(crate) fn most_of_all() -> usize {
    1 << 20
}

/// Here the right to read it is needed, too.
pub(crate) const PATH_ONLY: OFlag = OFlag::empty();

/// Sets the mode 0700 of an open folder.
pub(crate) fn make_private(folder: BorrowedFd) -> io::Result<()> {
    let folder = File::from(folder.try_clone_to_owned()?);
    folder.set_permissions(Permissions::from_mode(0o700))
}

/// There are none: such a file has a temporary name from the start.
pub(crate) fn open_unnamed(_: BorrowedFd, _: Mode) -> nix::Result<OwnedFd> {
    Err(Errno::ENOTSUP)
}

pub(crate) fn name_unnamed(_: impl AsFd, _: BorrowedFd, _: &OsStr) -> nix::Result<()> {
    Err(Errno::ENOTSUP)
}

pub(crate) fn has_files_in_memory() -> io::Result<()> {
    Err(super::refusal::no_files_in_memory())
}

pub(crate) fn file_in_memory(_: &[u8]) -> io::Result<(OwnedFd, String)> {
    Err(super::refusal::no_files_in_memory())
}

/// Does nothing. `PT_DENY_ATTACH` might deny it to the command's owner, too: nobody has
/// seen yet whether it outlives execve.
pub(crate) fn deny_debuggers() {}

/// There is no such thing: a child ends by itself.
pub(crate) fn end_with_parent() -> bool {
    true
}

/// Not asked for, so that no process is taken for a shell.
pub(crate) fn arguments_of(_: u32) -> Vec<u8> {
    Vec::new()
}

pub(crate) fn children_of(_: u32) -> String {
    String::new()
}

pub(crate) fn started_as() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

/// The lowest address of this thread's stack.
#[allow(clippy::unnecessary_wraps, reason = "Linux may not tell")]
pub(crate) fn lowest_of_stack() -> Option<usize> {
    // SAFETY: both only read what belongs to this thread.
    let (highest, size) = unsafe {
        let thread = libc::pthread_self();
        let highest = libc::pthread_get_stackaddr_np(thread);
        (highest.addr(), libc::pthread_get_stacksize_np(thread))
    };
    Some(highest - size)
}

/// Fills memory with zeros, whoever reads it later or not.
///
/// # Safety
///
/// `length` bytes from `from` on can be written.
pub(crate) unsafe fn wipe(from: *mut u8, length: usize) {
    // SAFETY: as the caller promises.
    unsafe { libc::memset_s(from.cast(), length, 0, length) };
}
