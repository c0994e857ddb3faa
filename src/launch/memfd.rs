//! Secrets as files that exist only in memory.
//!
//! Nobody can change a sealed memory file. It is never on disk, and disappears when the
//! last process closes it.

use std::fs::{File, Permissions};
use std::io::Write;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};

use crate::base::{Error, Result, Secret, VarName};

/// Writes bytes to a file, and returns it with the path by which the command opens it.
/// Programs inherit it only once [`pass_on`] says so.
///
/// # Errors
///
/// [`Error::Io`] if the system has no such files, no free descriptor or no `/proc`.
pub(crate) fn sealed_file(variable: &VarName, bytes: &Secret) -> Result<(OwnedFd, String)> {
    let make = || {
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
        file.write_all(bytes.as_bytes())?;
        std::io::Seek::rewind(&mut file)?;
        // Programs reject private keys that others may read.
        file.set_permissions(Permissions::from_mode(0o400))?;
        let seals = SealFlag::F_SEAL_SEAL
            | SealFlag::F_SEAL_SHRINK
            | SealFlag::F_SEAL_GROW
            | SealFlag::F_SEAL_WRITE;
        fcntl(&file, FcntlArg::F_ADD_SEALS(seals))?;
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        File::open(&path)?;
        Ok((file.into(), path))
    };
    make().map_err(|error| Error::io(format!("make the file of `{variable}`"), error))
}

/// Whether the next program inherits these files.
pub(crate) fn pass_on<'a>(
    mut files: impl Iterator<Item = &'a OwnedFd>,
    inherited: bool,
) -> nix::Result<()> {
    let flags = if inherited {
        FdFlag::empty()
    } else {
        FdFlag::FD_CLOEXEC
    };
    files.try_for_each(|file| fcntl(file, FcntlArg::F_SETFD(flags)).map(drop))
}
