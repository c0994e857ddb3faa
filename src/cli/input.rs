//! Input to store: a file, standard input, or a hidden prompt. None of it is kept
//! outside a [`Secret`].

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::prompt;
use crate::json::{self, JsonError};
use crate::launch::process;
use crate::text::{OneLine, is_hidden, shell_word};
use crate::{Error, Result, Secret, wipe};

/// The size of the first piece if the size is unknown, and of the largest.
const FIRST: usize = 64 << 10;
const PIECE: usize = 4 << 20;

/// What failed if FILE cannot be read.
const UNNAMED: &str =
    "read FILE (its name is not shown: it may be the secret itself, which is never an argument)";

/// The input of a command, and how to describe it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) file: Option<&'a Path>,
    /// A description, for the prompt and errors.
    pub(super) what: &'a str,
    /// The command that reads a file instead.
    pub(super) from_file: &'a str,
    /// The command that accepts empty input.
    pub(super) allowing: &'a str,
    /// Whether empty input is accepted.
    pub(super) allow_empty: bool,
}

impl Given<'_> {
    /// Whether it is typed at a prompt.
    pub(super) fn is_typed(&self) -> bool {
        self.file.is_none_or(|path| path == Path::new("-")) && io::stdin().is_terminal()
    }

    /// Reads a file or standard input, or prompts if that is a terminal. Reads at most
    /// one byte over the limit. No error repeats FILE: it may be the secret itself.
    pub(super) fn read(&self, limit: usize) -> Result<Secret> {
        let secret = match self.file.filter(|path| *path != Path::new("-")) {
            Some(path) => {
                let failed = |error| Error::io(UNNAMED, error);
                let file = File::open(path).map_err(failed)?;
                if file.is_terminal() {
                    // It would echo the secret.
                    return Err(Error::usage("FILE is a terminal; omit it to be prompted"));
                }
                read_file(file, limit).map_err(failed)?
            }
            None if self.is_typed() => {
                let remedy = format!("`{}` stores several lines from a file", self.from_file);
                prompt::ask(&format!("{} (not shown): ", self.what), &remedy, limit)?
            }
            None => read_standard_input(limit)?,
        };
        if is_nothing(&secret) && !self.allow_empty {
            return Err(self.nothing());
        }
        Ok(secret)
    }

    /// The error for empty input.
    fn nothing(&self) -> Error {
        let allowing = self.allowing;
        if self.is_typed() {
            let hint = format!("`{allowing}` stores it empty");
            return Error::usage_hint("nothing was typed; nothing stored", hint);
        }
        Error::usage_hint(
            format!("the {} is empty; nothing stored", self.what),
            format!("check the command that produces it; `{allowing}` stores it empty"),
        )
    }
}

/// Whether a file's name is a dotenv file's: `.env`, `.env.*` or `*.env`.
pub(super) fn is_named_dotenv(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name == ".env" || name.starts_with(".env.") || name.ends_with(".env")
}

/// A file as an argument, quoted for a shell.
pub(super) fn file_argument(file: &Path) -> String {
    let text = shell_word(&file.to_string_lossy());
    if file.as_os_str().as_encoded_bytes().starts_with(b"-") && file != Path::new("-") {
        return format!("./{text}");
    }
    text
}

/// Why a secret that starts as a JSON object does is not JSON.
pub(super) fn broken_object(secret: &Secret) -> Option<JsonError> {
    let bytes = secret.as_bytes();
    let start = bytes.utf8_chunks().next()?.valid();
    let is_first = |c: &char| !c.is_whitespace() && !is_hidden(*c);
    if start.chars().find(is_first) != Some('{') {
        return None;
    }
    json::check(bytes).err()
}

/// Whether input is empty, or only a line end.
pub(super) fn is_nothing(secret: &Secret) -> bool {
    matches!(secret.as_bytes(), b"" | b"\n" | b"\r\n")
}

/// Reads a file, or standard input for `-`, up to one byte over the limit. Refuses a
/// terminal, which would echo secrets.
pub(super) fn read(path: &Path, limit: usize) -> Result<Secret> {
    if path == Path::new("-") {
        if io::stdin().is_terminal() {
            return Err(shown("standard input"));
        }
        return read_standard_input(limit);
    }
    let failed = |error| Error::io(format!("read `{}`", path.display()), error);
    let file = File::open(path).map_err(failed)?;
    if file.is_terminal() {
        return Err(shown(&format!("`{}`", OneLine(path.to_string_lossy()))));
    }
    read_file(file, limit).map_err(failed)
}

fn shown(what: &str) -> Error {
    Error::usage_hint(
        format!("{what} is a terminal, which would echo the secrets"),
        "pass a file, or pipe a program's output to `-`",
    )
}

fn read_standard_input(limit: usize) -> Result<Secret> {
    let read = if process::was_closed(0) {
        // Rust's runtime opens /dev/null there, which would be stored as empty.
        Err(io::Error::from_raw_os_error(libc::EBADF))
    } else {
        read_all(io::stdin().lock(), FIRST, limit)
    };
    read.map_err(|error| Error::io("read standard input", error))
}

/// Reads an open file, up to one byte over the limit.
pub(super) fn read_file(file: File, limit: usize) -> io::Result<Secret> {
    let size = file.metadata()?.len();
    read_all(file, usize::try_from(size).unwrap_or(usize::MAX), limit)
}

/// Reads to the end, or to one byte over the limit, into memory that never grows:
/// pieces that are joined and wiped one by one. The first has the expected size.
fn read_all(mut input: impl Read, expected: usize, limit: usize) -> io::Result<Secret> {
    wipe::begin();
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

/// Reads until a piece is full or the input ends.
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
    fn input_is_read_to_its_end_or_one_byte_over_the_limit() {
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
