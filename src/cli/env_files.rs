//! The files of variables that `exec` is given: what to set, and what to require.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use super::input;
use crate::launch::{EnvFile, Required};
use crate::text::{OneLine, shell_word};
use crate::{Error, Result, Secret};

/// The largest file, in bytes: no system passes on more variables than that.
const MOST: usize = 8 << 20;

/// Names of standard input.
const STANDARD_INPUT: [&str; 3] = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// What is added to a file's name to show what belongs in it.
const EXAMPLES: [&str; 5] = ["example", "sample", "template", "dist", "defaults"];

/// The files of `--env-file`, or what is wrong with each.
pub(super) fn env_files(paths: &[PathBuf]) -> Result<Vec<EnvFile>> {
    let files = each(paths, EnvFile::parse)?;
    for (file, path) in files.iter().zip(paths) {
        let is_own = |name: &&OsStr| name.as_encoded_bytes().starts_with(b"LAZYCRED_");
        if let Some(name) = file.names().filter(is_own).min() {
            let (name, path) = (name.to_string_lossy(), path.to_string_lossy());
            tracing::warn!(
                "`{}` of `{}` is set only for the command: lazycred reads its own environment",
                OneLine(name),
                OneLine(path)
            );
        }
    }
    Ok(files)
}

/// What `--require` and the files of `--require-file` name.
pub(super) fn required(names: &[OsString], paths: &[PathBuf]) -> Result<Vec<Required>> {
    let by_user = names.iter().map(|name| Required {
        name: name.clone(),
        by: None,
    });
    let by_files = each(paths, Required::by_file)?;
    Ok(by_user.chain(by_files.into_iter().flatten()).collect())
}

/// Reads and parses files; reports what is wrong with any of them.
fn each<T>(paths: &[PathBuf], parse: impl Fn(&str, &[u8]) -> Result<T>) -> Result<Vec<T>> {
    let (mut parsed, mut errors) = (Vec::new(), Vec::new());
    for path in paths {
        let name = path.to_string_lossy();
        match read(path).and_then(|text| parse(&name, text.as_bytes())) {
            Ok(one) => parsed.push(one),
            Err(Error::Several(several)) => errors.extend(several),
            Err(error) => errors.push(error),
        }
    }
    Error::several(errors).map(|()| parsed)
}

/// Reads a file, a pipe, or standard input for `-`.
fn read(path: &Path) -> Result<Secret> {
    let shown = path.to_string_lossy();
    let cannot = |what: &str| format!("cannot read `{}`: {what}", OneLine(&shown));
    if path.is_dir() {
        return Err(Error::usage(cannot("it is a folder")));
    }
    // Rust's runtime opens /dev/null in place of a closed one.
    let is_standard_input = STANDARD_INPUT.iter().any(|name| path == Path::new(name));
    let from = if is_standard_input {
        Path::new("-")
    } else {
        path
    };
    match input::read(from, MOST) {
        Ok(text) if text.len() > MOST => {
            let what = format!("it is larger than {MOST} bytes");
            Err(Error::usage(cannot(&what)))
        }
        Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Err(missing(path, cannot("no such file")))
        }
        read => read,
    }
}

/// The error for a file that is not there, with what the user may have meant.
fn missing(path: &Path, message: String) -> Error {
    let word = |path: &Path| shell_word(&path.to_string_lossy());
    let example = EXAMPLES.iter().find_map(|end| {
        let mut example = path.as_os_str().to_owned();
        example.push(format!(".{end}"));
        Some(PathBuf::from(example)).filter(|example| example.is_file())
    });
    if let Some(example) = example {
        let hint = format!(
            "`cp {} {}` starts one, for you to fill in",
            word(&example),
            word(path)
        );
        return Error::usage_hint(message, hint);
    }
    let hint = match above(path) {
        Some(found) => format!("`{}` is there", OneLine(found.to_string_lossy())),
        None if path.is_relative() => "a relative FILE starts at the working directory".to_owned(),
        None => return Error::usage(message),
    };
    Error::usage_hint(message, hint)
}

/// The nearest file of a relative path in a folder above the working directory.
fn above(path: &Path) -> Option<PathBuf> {
    let folder = env::current_dir().ok().filter(|_| path.is_relative())?;
    let folders = folder.ancestors().skip(1);
    folders
        .map(|folder| folder.join(path))
        .find(|file| file.is_file())
}
