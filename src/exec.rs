//! Finds the command, and becomes it.
//!
//! The command is looked for on our own PATH, never on one that a secret set.
//! No shell is ever tried. Nothing secret is left for the system call but the
//! variables that it passes on; if it succeeds, nothing of this process is.

use std::ffi::{CStr, CString, OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::unistd::{AccessFlags, access, execve};

use crate::environ::Environ;
use crate::error::{Error, Result};
use crate::name::OneLine;
use crate::process;
use crate::wipe;

/// Where commands are looked for if there is no PATH at all.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A command that was found: where it lies, and its arguments, itself first.
#[derive(Debug)]
pub(crate) struct Command {
    file: PathBuf,
    args: Vec<CString>,
}

impl Command {
    /// Looks for a command; `words` are its name and its arguments.
    ///
    /// # Errors
    ///
    /// [`Error::Command`], with 127 if there is none, and 126 if it cannot be run.
    pub(crate) fn find(words: Vec<OsString>, path: Option<&OsStr>) -> Result<Self> {
        let name = words.first().cloned().unwrap_or_default();
        let file = if name.as_bytes().contains(&b'/') {
            let file = PathBuf::from(&name);
            check(&file).map_err(|error| refused(&name, error))?;
            file
        } else {
            search(&name, path.unwrap_or(OsStr::new(DEFAULT_PATH)))?
        };
        let args = words
            .into_iter()
            .map(|word| CString::new(word.into_vec()))
            .collect::<Result<_, _>>()
            .map_err(|_| Error::usage("an argument of the command holds a NUL"))?;
        Ok(Self { file, args })
    }

    /// The bytes that the file's name and the arguments take in the system
    /// call, and how many arguments there are.
    pub(crate) fn size(&self) -> (usize, usize) {
        let args: usize = self.args.iter().map(|arg| arg.as_bytes().len() + 1).sum();
        (self.file.as_os_str().len() + 1 + args, self.args.len())
    }

    /// Replaces this process by the command; comes back only if that failed.
    pub(crate) fn become_it(self, environ: &Environ) -> Error {
        let name = OsString::from_vec(
            self.args
                .first()
                .map(|arg| arg.as_bytes().to_vec())
                .unwrap_or_default(),
        );
        let Ok(file) = CString::new(self.file.as_os_str().as_bytes()) else {
            return Error::usage("the command's path holds a NUL");
        };
        let entries: Vec<&CStr> = environ
            .entries()
            .map(|entry| {
                CStr::from_bytes_with_nul(entry).expect("an entry has one NUL, its last byte")
            })
            .collect();
        process::hand_over();
        wipe::stack();
        let Err(errno) = execve(&file, &self.args, &entries);
        process::take_back();
        match errno {
            Errno::E2BIG => environ.too_large(self.size()),
            errno => refused(&name, errno_of(errno, &self.file)),
        }
    }
}

/// Why a file is not a command.
enum NoCommand {
    NotFound,
    NotRunnable(String),
}

fn errno_of(errno: Errno, file: &Path) -> NoCommand {
    NoCommand::NotRunnable(match errno {
        Errno::ENOENT if file.exists() => "its interpreter is not there".into(),
        Errno::ENOENT => return NoCommand::NotFound,
        Errno::ENOEXEC => "it is no program, and has no `#!` line".into(),
        errno => errno.desc().to_lowercase(),
    })
}

fn refused(name: &OsStr, why: NoCommand) -> Error {
    let name = name.to_string_lossy();
    let name = OneLine(&name);
    match why {
        NoCommand::NotFound if name.0.contains('/') => Error::Command {
            message: format!("cannot run `{name}`: no such file"),
            status: 127,
        },
        NoCommand::NotFound => Error::Command {
            message: format!("cannot run `{name}`: not found on PATH"),
            status: 127,
        },
        NoCommand::NotRunnable(why) => Error::Command {
            message: format!("cannot run `{name}`: {why}"),
            status: 126,
        },
    }
}

fn check(file: &Path) -> Result<(), NoCommand> {
    let about = match fs::metadata(file) {
        Ok(about) => about,
        Err(error) => {
            let errno = Errno::from_raw(error.raw_os_error().unwrap_or_default());
            return Err(match errno {
                Errno::ENOENT => NoCommand::NotFound,
                errno => NoCommand::NotRunnable(errno.desc().to_lowercase()),
            });
        }
    };
    if about.is_dir() {
        return Err(NoCommand::NotRunnable("it is a folder".into()));
    }
    access(file, AccessFlags::X_OK)
        .map_err(|errno| NoCommand::NotRunnable(errno.desc().to_lowercase()))
}

/// Looks through the absolute entries of PATH; others depend on where one stands.
fn search(name: &OsStr, path: &OsStr) -> Result<PathBuf> {
    let mut found = NoCommand::NotFound;
    if name.is_empty() {
        return Err(refused(name, found));
    }
    for folder in std::env::split_paths(path).filter(|folder| folder.is_absolute()) {
        let file = folder.join(name);
        match check(&file) {
            Ok(()) => return Ok(file),
            // A folder on PATH that may not be looked into says nothing about the command.
            Err(NoCommand::NotRunnable(why)) if file.is_file() => {
                found = NoCommand::NotRunnable(why);
            }
            Err(_) => {}
        }
    }
    Err(refused(name, found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn found(words: &[&str], path: &str) -> Result<PathBuf> {
        let words = words.iter().map(OsString::from).collect();
        Command::find(words, Some(OsStr::new(path))).map(|command| command.file)
    }

    #[test]
    fn a_command_is_found_on_the_absolute_entries_of_path() {
        let folder = crate::tests::folder();
        let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
        for folder in [&first, &second] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("tool"), "").unwrap();
        }
        let path = format!(".::relative:{}:{}", first.display(), second.display());
        let error = found(&["tool"], &path).unwrap_err();
        assert_eq!(error.exit_code(), 126);
        assert_eq!(error.to_string(), "cannot run `tool`: permission denied");
        fs::set_permissions(second.join("tool"), fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(found(&["tool"], &path).unwrap(), second.join("tool"));
    }

    #[test]
    fn what_cannot_be_run_has_its_status() {
        for (name, status, message) in [
            (
                "no-such-command",
                127,
                "cannot run `no-such-command`: not found on PATH",
            ),
            ("", 127, "cannot run ``: not found on PATH"),
            ("./no-such", 127, "cannot run `./no-such`: no such file"),
            ("/", 126, "cannot run `/`: it is a folder"),
            (
                "/etc/passwd",
                126,
                "cannot run `/etc/passwd`: permission denied",
            ),
            (
                "/etc/passwd/x",
                126,
                "cannot run `/etc/passwd/x`: not a directory",
            ),
        ] {
            let error = found(&[name], "/usr/bin").unwrap_err();
            assert_eq!(
                (error.exit_code(), error.to_string().as_str()),
                (status, message)
            );
        }
    }
}
