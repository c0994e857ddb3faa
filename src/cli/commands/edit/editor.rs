//! Which editor is started, and how.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{AccessFlags, access};

use crate::cli::lazycred_exec;
use crate::text::{OneLine, how_it_ended};
use crate::{Error, Result, SecretName};

/// The variables that name an editor, the first one first.
const VARIABLES: [&str; 2] = ["VISUAL", "EDITOR"];

/// The editors that are looked for if no variable names one, the first one first.
const USUAL: [&str; 4] = ["sensible-editor", "nano", "vim", "vi"];

/// How to choose an editor.
const HOW_TO_SET: &str = "set EDITOR to the command of an editor that returns when the file is closed, as in EDITOR='code --wait'";

/// Where they are looked for if there is no PATH.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A command that starts an editor.
#[derive(Debug)]
pub(super) struct Editor {
    /// The program, then its arguments.
    words: Vec<OsString>,
}

impl Editor {
    /// The one that a variable names, else the first of the usual ones that is there:
    /// they need a terminal.
    pub(super) fn find(name: &SecretName, at_terminal: bool) -> Result<Self> {
        for variable in VARIABLES {
            let value = env::var_os(variable).unwrap_or_default();
            let words = lazycred_exec::words(variable, &value)?;
            if !words.is_empty() {
                let words = words.into_iter().map(OsString::from).collect();
                return Ok(Self { words });
            }
        }
        let path = env::var_os("PATH").unwrap_or_else(|| DEFAULT_PATH.into());
        let usual = if at_terminal { &USUAL[..] } else { &[] };
        let found = usual.iter().find_map(|editor| search(editor, &path));
        let Some(file) = found else {
            let (last, others) = USUAL.split_last().expect("there are some");
            let why = if at_terminal {
                format!("neither {} nor {last} is on PATH", others.join(", "))
            } else {
                "there is no terminal for the usual ones".to_owned()
            };
            let name = name.argument();
            return Err(Error::usage_hint(
                format!("no editor: neither VISUAL nor EDITOR is set, and {why}"),
                format!(
                    "{HOW_TO_SET}; without one, `lazycred get {name} --output FILE` and `lazycred put {name} FILE` change the secret"
                ),
            ));
        };
        let words = vec![file.into()];
        Ok(Self { words })
    }

    /// Lets the user edit a file, until the editor ends.
    pub(super) fn open(&self, file: &Path, name: &SecretName) -> Result<()> {
        let (program, args) = self.words.split_first().expect("it has at least one word");
        let shown = program.to_string_lossy();
        let status = Command::new(program)
            .args(args)
            .arg(file)
            .status()
            .map_err(|error| {
                let message = format!("cannot start the editor `{}`: {error}", OneLine(&shown));
                Error::usage_hint(message, HOW_TO_SET)
            })?;
        if status.success() {
            return Ok(());
        }
        let how = how_it_ended(status);
        let cause = format!("editor `{}` {how}; nothing changed", OneLine(&shown));
        Err(Error::io(format!("edit `{name}`"), io::Error::other(cause)))
    }
}

/// A program on the absolute entries of PATH: one of the working directory could be
/// anybody's.
fn search(program: &str, path: &OsStr) -> Option<PathBuf> {
    let folders = env::split_paths(path).filter(|folder| folder.is_absolute());
    let mut files = folders.map(|folder| folder.join(program));
    files.find(|file| file.is_file() && access(file, AccessFlags::X_OK).is_ok())
}
