//! What a command is given to store: a file, standard input, or what is typed
//! at a hidden prompt. Nothing of it is kept outside a [`Secret`].

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::process;
use crate::secret::Secret;
use crate::wipe;

/// How much is expected where nothing says it, and read into one piece.
const FIRST: usize = 64 << 10;
const PIECE: usize = 4 << 20;

/// Reads a file, or standard input for `-`; without a file, a terminal is
/// asked for `what`. No more is read than one byte over the limit.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be read.
pub(super) fn read(file: Option<&Path>, what: &str, limit: usize) -> Result<Secret> {
    wipe::begin();
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
        None => read_all(io::stdin().lock(), FIRST, limit)
            .map_err(|error| Error::io("read standard input", error)),
    }
}

/// Reads a file, and no more than one byte over the limit.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be read.
pub(super) fn read_file(path: &Path, limit: usize) -> Result<Secret> {
    wipe::begin();
    let read = || {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        read_all(file, usize::try_from(size).unwrap_or(usize::MAX), limit)
    };
    read().map_err(|error| Error::io(format!("read `{}`", path.display()), error))
}

/// Reads to the end, or one byte past the limit, into memory that never grows:
/// pieces, which are put together and wiped one by one. The first has the size
/// that is expected.
fn read_all(mut input: impl Read, expected: usize, limit: usize) -> io::Result<Secret> {
    let most = limit.saturating_add(1);
    let mut next = expected.saturating_add(1);
    let mut length = 0;
    let mut pieces = Vec::new();
    loop {
        let mut piece = Zeroizing::new(vec![0; next.min(most - length)]);
        let read = fill(&mut input, &mut piece)?;
        length += read;
        let over = read < piece.len() || length == most;
        piece.truncate(read);
        if over && pieces.is_empty() {
            return Ok(Secret::from(piece));
        }
        pieces.push(piece);
        if over {
            break;
        }
        next = length.min(PIECE);
    }
    let mut whole = Zeroizing::new(Vec::with_capacity(length));
    for piece in pieces {
        whole.extend_from_slice(&piece);
    }
    Ok(Secret::from(whole))
}

/// Reads until a piece is full, or there is no more.
fn fill(input: &mut impl Read, piece: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < piece.len() {
        match input.read(&mut piece[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_read_and_one_byte_more_than_the_limit_at_the_most() {
        for (length, limit, read) in [
            (0, 10, 0),
            (10, 10, 10),
            (12, 10, 11),
            (12, 0, 1),
            (200_000, 1 << 20, 200_000),
            (5 << 20, 8 << 20, 5 << 20),
            (5 << 20, 5 << 20, 5 << 20),
            (6 << 20, 5 << 20, (5 << 20) + 1),
        ] {
            let input: Vec<u8> = (0..length)
                .map(|at: usize| (at / 7).to_le_bytes()[0])
                .collect();
            for expected in [0, 1, 100, length, usize::MAX] {
                let secret = read_all(&input[..], expected, limit).unwrap();
                assert!(
                    secret.as_bytes() == &input[..read],
                    "{length} {limit} {expected}"
                );
            }
        }
    }
}
