//! Secrets as files that exist only in memory.
//!
//! Nobody can change a sealed memory file; it is on no disk, and it goes with the
//! last process that has it open.

use std::fs::{File, Permissions};
use std::io::Write;
use std::os::fd::{AsRawFd, IntoRawFd};
use std::os::unix::fs::PermissionsExt;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};

use crate::base::{Error, Result, Secret, VarName};

/// Puts bytes into a file that the command inherits, and returns the path by which
/// it can open them.
///
/// # Errors
///
/// [`Error::Io`] if the system has no such files or no descriptor left, or if
/// there is no `/proc` for the command to open it by.
pub(crate) fn sealed_file(variable: &VarName, bytes: &Secret) -> Result<String> {
    let make = || {
        let flags = MFdFlags::MFD_ALLOW_SEALING;
        let name = "lazycred";
        let file = match memfd_create(
            name,
            flags | MFdFlags::from_bits_retain(libc::MFD_NOEXEC_SEAL),
        ) {
            // A system from before Linux 6.3.
            Err(Errno::EINVAL) => memfd_create(name, flags)?,
            file => file?,
        };
        let mut file = File::from(file);
        file.write_all(bytes.as_bytes())?;
        std::io::Seek::rewind(&mut file)?;
        // Programs that read private keys refuse what others may read.
        file.set_permissions(Permissions::from_mode(0o400))?;
        let seals = SealFlag::F_SEAL_SEAL
            | SealFlag::F_SEAL_SHRINK
            | SealFlag::F_SEAL_GROW
            | SealFlag::F_SEAL_WRITE;
        fcntl(&file, FcntlArg::F_ADD_SEALS(seals))?;
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        File::open(&path)?;
        // It stays open for the command.
        let _ = file.into_raw_fd();
        Ok(path)
    };
    make().map_err(|error| Error::io(format!("make the file of `{variable}`"), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_file_is_read_again_and_again_and_never_changed() {
        let secret = Secret::from("hunter2\n");
        let path = sealed_file(&"CERT".parse().unwrap(), &secret).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o400);
        for _ in 0..2 {
            assert_eq!(std::fs::read(&path).unwrap(), secret.as_bytes());
        }
        let changed = File::options()
            .write(true)
            .open(&path)
            .and_then(|mut file| file.write_all(b"x"));
        assert!(changed.is_err());
        assert!(
            File::options()
                .write(true)
                .open(&path)
                .and_then(|file| file.set_len(0))
                .is_err()
        );
    }
}
