//! The files of variables that `exec` is given: what to set, and what to require.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::input::{self, Limit};
use crate::launch::{EnvFile, Required};
use crate::text::OneLine;
use crate::{Error, Result};

/// The largest file, in bytes: no system passes on more variables than that.
const MOST: usize = 8 << 20;

/// The files of `--env-file`, or what is wrong with each.
pub(super) fn env_files(paths: &[PathBuf]) -> Result<Vec<EnvFile>> {
    let instead = "`--set VAR=TEXT` sets one variable";
    let files = each("--env-file", paths, instead, EnvFile::parse)?;
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
    let instead = "`--require VAR` requires one variable";
    let by_files = each("--require-file", paths, instead, Required::by_file)?;
    Ok(by_user.chain(by_files.into_iter().flatten()).collect())
}

/// Reads and parses files; reports what is wrong with any of them. `instead` is for
/// whoever typed a variable for a file.
fn each<T>(
    option: &str,
    paths: &[PathBuf],
    instead: &str,
    parse: impl Fn(&str, &[u8]) -> Result<T>,
) -> Result<Vec<T>> {
    let limit = Limit {
        most: MOST,
        larger: None,
        instead,
    };
    Error::all(paths.iter().map(|path| {
        input::not_standard_input(option, path)?;
        let text = input::read(path, limit)?;
        parse(&path.to_string_lossy(), text.as_bytes())
    }))
}
