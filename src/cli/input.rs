//! What a command is given to store: a file, standard input, or what is typed
//! at a hidden prompt. Nothing of it is kept outside a [`Secret`].

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::process;
use crate::secret::Secret;

/// Reads a file, or standard input for `-`; without a file, a terminal is
/// asked for `what`. No more is read than one byte over the limit.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be read.
pub(super) fn read(file: Option<&Path>, what: &str, limit: usize) -> Result<Secret> {
    match file.filter(|path| *path != Path::new("-")) {
        Some(path) => read_file(path, limit),
        None if file.is_none() && io::stdin().is_terminal() => {
            let typed = rpassword::prompt_password(format!("{what} (not shown): "));
            typed
                .map(Secret::from)
                .map_err(|error| Error::io("read from the terminal", error))
        }
        // Rust's runtime opens an empty file there, which would be stored.
        None if process::was_closed(0) => Err(Error::io(
            "read standard input",
            io::Error::from_raw_os_error(libc::EBADF),
        )),
        None => read_all(io::stdin().lock(), limit)
            .map_err(|error| Error::io("read standard input", error)),
    }
}

/// Reads a file, and no more than one byte over the limit.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be read.
pub(super) fn read_file(path: &Path, limit: usize) -> Result<Secret> {
    File::open(path)
        .and_then(|file| read_all(file, limit))
        .map_err(|error| Error::io(format!("read `{}`", path.display()), error))
}

/// Reads to the end, or one byte past the limit. What grows is wiped where it was.
fn read_all(mut input: impl Read, limit: usize) -> io::Result<Secret> {
    let most = limit.saturating_add(1);
    let mut bytes = Zeroizing::new(vec![0; most.min(64 << 10)]);
    let mut length = 0;
    loop {
        if length == bytes.len() {
            if length == most {
                break;
            }
            let mut larger = Zeroizing::new(vec![0; bytes.len().saturating_mul(2).min(most)]);
            larger[..length].copy_from_slice(&bytes);
            bytes = larger;
        }
        match input.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(length);
    Ok(Secret::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_read_and_one_byte_more_than_the_limit_at_the_most() {
        for (length, limit, expected) in [
            (0, 10, 0),
            (10, 10, 10),
            (12, 10, 11),
            (200_000, 1 << 20, 200_000),
        ] {
            let input = vec![7; length];
            assert_eq!(
                read_all(&input[..], limit).unwrap().as_bytes(),
                &input[..expected]
            );
        }
    }
}
