//! Linux.

use std::ffi::{CStr, OsStr};
use std::fs::{self, File, Permissions};
use std::io::{self, Seek, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::ptr;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, FcntlArg, OFlag, SealFlag, fcntl, openat};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::prctl;
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};
use nix::sys::stat::Mode;
use nix::unistd::linkat;

/// The limit on arguments and environment together, in bytes: a quarter of the stack,
/// between 128 KiB and 6 MiB.
///
/// Source: `bprm_stack_limits` in Linux's fs/exec.c.
pub(crate) fn most_of_all() -> usize {
    const LEAST: u64 = 128 << 10;
    const MOST: u64 = 6 << 20;
    let stack = getrlimit(Resource::RLIMIT_STACK).map_or(RLIM_INFINITY, |(soft, _)| soft);
    usize::try_from((stack / 4).clamp(LEAST, MOST)).unwrap_or(usize::MAX)
}

/// Opens a folder without the right to read it: what is in it can be opened.
pub(crate) const PATH_ONLY: OFlag = OFlag::O_PATH;

/// A path of an open file, as long as it is open.
fn path_of(file: impl AsFd) -> String {
    format!("/proc/self/fd/{}", file.as_fd().as_raw_fd())
}

/// Sets the mode 0700 of a folder that is open as a path only, if it is another.
pub(crate) fn make_private(folder: BorrowedFd) -> io::Result<()> {
    let path = path_of(folder);
    if fs::metadata(&path).is_ok_and(|about| about.mode() & 0o777 != 0o700) {
        fs::set_permissions(path, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Opens a new file in a folder that has no name yet; not every file system has them.
pub(crate) fn open_unnamed(folder: BorrowedFd, mode: Mode) -> nix::Result<OwnedFd> {
    let flags = OFlag::O_TMPFILE | OFlag::O_WRONLY | OFlag::O_CLOEXEC;
    openat(folder, ".", flags, mode)
}

/// Names a file that [`open_unnamed`] opened.
pub(crate) fn name_unnamed(file: impl AsFd, folder: BorrowedFd, name: &OsStr) -> nix::Result<()> {
    let follow = AtFlags::AT_SYMLINK_FOLLOW;
    linkat(AT_FDCWD, path_of(file).as_str(), folder, name, follow)
}

/// Whether there are files in memory.
#[allow(clippy::unnecessary_wraps, reason = "macOS has none")]
pub(crate) fn has_files_in_memory() -> io::Result<()> {
    Ok(())
}

/// Writes bytes to a file in memory that nobody can change, and returns it with a path by
/// which a program opens it that inherits it.
pub(crate) fn file_in_memory(bytes: &[u8]) -> io::Result<(OwnedFd, String)> {
    let flags = MFdFlags::MFD_ALLOW_SEALING | MFdFlags::MFD_CLOEXEC;
    let name = "lazycred";
    let file = match memfd_create(
        name,
        flags | MFdFlags::from_bits_retain(libc::MFD_NOEXEC_SEAL),
    ) {
        // Before Linux 6.3.
        Err(Errno::EINVAL) => memfd_create(name, flags)?,
        file => file?,
    };
    let mut file = File::from(file);
    file.write_all(bytes)?;
    file.rewind()?;
    // Programs reject private keys that others may read.
    file.set_permissions(Permissions::from_mode(0o400))?;
    let seals = SealFlag::F_SEAL_SEAL
        | SealFlag::F_SEAL_SHRINK
        | SealFlag::F_SEAL_GROW
        | SealFlag::F_SEAL_WRITE;
    fcntl(&file, FcntlArg::F_ADD_SEALS(seals))?;
    let path = path_of(&file);
    File::open(&path)?;
    Ok((file.into(), path))
}

/// Keeps other users' debuggers out of this process, and it out of core files.
pub(crate) fn deny_debuggers() {
    prctl::set_dumpable(false).ok();
}

/// Has this process killed when its parent ends; returns whether the system agreed. It
/// only makes a system call.
pub(crate) fn end_with_parent() -> bool {
    // SAFETY: it changes no memory.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != -1 }
}

/// The arguments of a process, each ended by a zero byte.
pub(crate) fn arguments_of(id: u32) -> Vec<u8> {
    fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default()
}

/// The ids of the children of a process, with blanks between them.
pub(crate) fn children_of(id: u32) -> String {
    fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default()
}

/// The path by which the kernel started the program.
pub(crate) fn started_as() -> Option<PathBuf> {
    // SAFETY: the call only reads what the kernel has left on the stack.
    let path = unsafe { libc::getauxval(libc::AT_EXECFN) };
    let path = ptr::with_exposed_provenance::<libc::c_char>(usize::try_from(path).ok()?);
    // SAFETY: if it is not null, it points to a string of the kernel's, which stays.
    let path = (!path.is_null()).then(|| unsafe { CStr::from_ptr(path) })?;
    Some(OsStr::from_bytes(path.to_bytes()).into())
}

/// The lowest address of this thread's stack.
pub(crate) fn lowest_of_stack() -> Option<usize> {
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    let (mut from, mut size) = (ptr::null_mut(), 0);
    // SAFETY: the attributes are initialised by the first call, and read and destroyed
    // only if it succeeds.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return None;
        }
        let found = libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut from, &raw mut size);
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        (found == 0).then_some(from.addr())
    }
}

/// Fills memory with zeros, whoever reads it later or not.
///
/// # Safety
///
/// `length` bytes from `from` on can be written.
pub(crate) unsafe fn wipe(from: *mut u8, length: usize) {
    // SAFETY: as the caller promises.
    unsafe { libc::explicit_bzero(from.cast(), length) }
}
