//! Secrets as files that exist only in memory.
//!
//! Nobody can change a sealed memory file. It is never on disk, and disappears when the
//! last process closes it. On macOS there is none, so a plan with one is refused.

use std::io;
use std::os::fd::OwnedFd;

use nix::fcntl::{FcntlArg, FdFlag, fcntl};

use crate::base::{Error, Result, Secret, VarName, system};

/// Refuses a plan with such a file where the system has none, before anything is fetched.
///
/// # Errors
///
/// [`Error::Io`] with the reason.
pub(crate) fn has_files(variable: &VarName) -> Result<()> {
    system::has_files_in_memory().map_err(|error| not_made(variable, error))
}

/// Writes bytes to a file, and returns it with the path by which the command opens it.
/// Programs inherit it only once [`pass_on`] says so.
///
/// # Errors
///
/// [`Error::Io`] if the system has no such files, no free descriptor or no `/proc`.
pub(crate) fn sealed_file(variable: &VarName, bytes: &Secret) -> Result<(OwnedFd, String)> {
    system::file_in_memory(bytes.as_bytes()).map_err(|error| not_made(variable, error))
}

fn not_made(variable: &VarName, error: io::Error) -> Error {
    Error::io(format!("make the file of `{variable}`"), error)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_refused_on_macos_with_the_reason() {
        let error = not_made(
            &"TLS".parse().unwrap(),
            system::refusal::no_files_in_memory(),
        );
        assert_eq!(error.exit_code(), 1);
        assert_eq!(
            error.to_string(),
            "cannot make the file of `TLS`: macOS has no file that is only in memory and has \
             a path, and secrets are never written to disk"
        );
    }

    #[test]
    fn a_file_is_not_refused_where_it_can_be_made() {
        let variable = "TLS".parse().unwrap();
        let made = sealed_file(&variable, &"x".into());
        assert_eq!(has_files(&variable).is_ok(), made.is_ok());
    }
}
