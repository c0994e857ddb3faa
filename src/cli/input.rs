//! Input to store: a file, standard input, or a hidden prompt. None of it is kept
//! outside a [`Secret`].

use std::env;
use std::fs::{self, File};
use std::io::{self, ErrorKind, IsTerminal, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::system::DESCRIPTORS;
use super::{progress, prompt};
use crate::json::{self, JsonError};
use crate::launch::process;
use crate::text::{OneLine, is_hidden, looks_like_text, named_file, shell_word};
use crate::{Error, Result, Secret, SecretName, wipe};

/// The size of the first piece if the size is unknown, and of the largest.
const FIRST: usize = 64 << 10;
const PIECE: usize = 4 << 20;

/// What is added to a file's name to show what belongs in it.
const EXAMPLES: [&str; 5] = ["example", "sample", "template", "dist", "defaults"];

/// How many links to follow, as the system does.
const LINKS: usize = 40;

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
                let file = open(path).map_err(failed)?;
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
        if self.is_typed() {
            let hint = "--allow-empty stores it empty";
            return Error::usage_hint("nothing was typed; nothing stored", hint);
        }
        Error::usage_hint(
            format!("the {} is empty; nothing stored", self.what),
            "check the command that produces it; --allow-empty stores it empty",
        )
    }
}

/// The file that a name is, if that has a dot as files have.
pub(super) fn as_file(name: &SecretName) -> Option<&Path> {
    let file = Path::new(name.as_str());
    let is_dotted = file.file_name()?.as_encoded_bytes().contains(&b'.');
    (is_dotted && file.is_file()).then_some(file)
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
    let broken = json::check(bytes).err();
    // Pieces of the secret that the check left on the stack could be moved to the heap
    // with what is put there next.
    wipe::stack();
    wipe::begin();
    broken
}

/// Whether input is empty, or only a line end.
pub(super) fn is_nothing(secret: &Secret) -> bool {
    matches!(secret.as_bytes(), b"" | b"\n" | b"\r\n")
}

/// What may be read from a FILE, and what helps if it cannot be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit<'a> {
    /// The most bytes.
    pub(super) most: usize,
    /// What allows more of them.
    pub(super) larger: Option<&'a str>,
    /// What to do if FILE is no file's name, but the text itself.
    pub(super) instead: &'a str,
}

/// Reads a file, or standard input for `-`. Refuses a terminal, which would echo secrets.
pub(super) fn read(path: &Path, limit: Limit<'_>) -> Result<Secret> {
    let name = name(path);
    let secret = if path == Path::new("-") {
        if io::stdin().is_terminal() {
            return Err(shown(&name));
        }
        read_standard_input(limit.most)?
    } else {
        let failed = |error| unreadable(path, error, limit.instead);
        let file = open_pipe(path, &name).map_err(failed)?;
        if file.is_terminal() {
            return Err(shown(&name));
        }
        read_file(file, limit.most).map_err(failed)?
    };
    if secret.len() <= limit.most {
        return Ok(secret);
    }
    let larger = format!("cannot read {name}: it is larger than {} bytes", limit.most);
    Err(match limit.larger {
        Some(hint) => Error::usage_hint(larger, hint),
        None => Error::usage(larger),
    })
}

/// A FILE as errors name it.
pub(super) fn name(path: &Path) -> String {
    if path == Path::new("-") {
        return "standard input".to_owned();
    }
    format!("`{}`", OneLine(path.to_string_lossy()))
}

/// Refuses standard input, by any of its names, for a command that starts another one.
pub(super) fn not_standard_input(option: &str, path: &Path) -> Result<()> {
    if path == Path::new("-") || descriptor(path) == Some(0) {
        return Err(Error::usage_hint(
            format!("{option} cannot read standard input, which is COMMAND's"),
            "pass a file, or in bash and zsh a program's output as `<(PROGRAM)`; `./-` is a file of this name",
        ));
    }
    Ok(())
}

/// Opens a file, but not what Rust's runtime opens in place of a closed descriptor:
/// `/dev/null`, which would be read as empty.
fn open(path: &Path) -> io::Result<File> {
    match descriptor(path) {
        Some(number @ 0..=2) if process::was_closed(number) => {
            Err(io::Error::from_raw_os_error(libc::EBADF))
        }
        _ => File::open(path),
    }
}

/// Opens a file; if that is a pipe, says meanwhile that it waits for who writes to it.
fn open_pipe(path: &Path, name: &str) -> io::Result<File> {
    let is_pipe = |about: fs::Metadata| about.file_type().is_fifo();
    if !path.metadata().is_ok_and(is_pipe) {
        return open(path);
    }
    let what = format!("a program that writes to {name}");
    progress::narrated_while(&what, || open(path))
}

/// The descriptor of this process that a path names, or a link to it: 0 for `/dev/stdin`.
fn descriptor(path: &Path) -> Option<usize> {
    let own = fs::canonicalize(DESCRIPTORS).ok()?;
    let mut path = env::current_dir().ok()?.join(path);
    for _ in 0..LINKS {
        let folder = fs::canonicalize(path.parent()?).ok()?;
        let name = path.file_name()?;
        if folder.starts_with(&own) && folder.ends_with("fd") {
            return name.to_str()?.parse().ok();
        }
        let link = fs::read_link(folder.join(name)).ok()?;
        path = folder.join(link);
    }
    None
}

/// The error for a file that cannot be read. A name that is no file's is not shown if it
/// looks like the text that a file was to hold.
pub(super) fn unreadable(path: &Path, error: io::Error, instead: &str) -> Error {
    let kind = error.kind();
    let none = || io::Error::new(kind, "no such file");
    let is_none = matches!(
        kind,
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename
    );
    let action = format!("read {}", named_file("FILE", path, path));
    if is_none && looks_like_text(path) {
        return Error::io(action, none()).hinted(instead);
    }
    match kind {
        ErrorKind::NotFound => {
            let error = Error::io(action, none());
            match meant(path) {
                Some(hint) => error.hinted(hint),
                None => error,
            }
        }
        ErrorKind::IsADirectory => Error::io(action, io::Error::new(kind, "it is a folder")),
        _ => Error::io(action, error),
    }
}

/// What the user may have meant by a file that is not there.
fn meant(path: &Path) -> Option<String> {
    let word = |path: &Path| shell_word(&path.to_string_lossy());
    let example = EXAMPLES.iter().find_map(|end| {
        let mut example = path.as_os_str().to_owned();
        example.push(format!(".{end}"));
        Some(PathBuf::from(example)).filter(|example| example.is_file())
    });
    if let Some(example) = example {
        return Some(format!(
            "`cp {} {}` starts one, for you to fill in",
            word(&example),
            word(path)
        ));
    }
    match above(path) {
        Some(found) => Some(format!("{} is there", name(&found))),
        None => path
            .is_relative()
            .then(|| "a relative FILE starts at the working directory".to_owned()),
    }
}

/// The nearest file of a relative path in a folder above the working directory.
fn above(path: &Path) -> Option<PathBuf> {
    let folder = env::current_dir().ok().filter(|_| path.is_relative())?;
    let folders = folder.ancestors().skip(1);
    folders
        .map(|folder| folder.join(path))
        .find(|file| file.is_file())
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
