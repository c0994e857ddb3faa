//! Finds the command and executes it in place of this process.
//!
//! Searches the caller's own PATH, never one that a secret set, and never tries a
//! shell. Nothing secret remains at the system call except the variables it passes.

use std::ffi::{CStr, CString, OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::unistd::{AccessFlags, access, execve};

use crate::base::{Error, OneLine, Result, is_variable, wipe};
use crate::launch::environ::Environ;
use crate::launch::process;

/// Where to look for commands without a PATH.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Commands that only a shell has.
const BUILTINS: [&str; 22] = [
    ".", "alias", "bg", "cd", "command", "eval", "exec", "exit", "export", "fg", "hash", "if",
    "read", "set", "shift", "source", "trap", "type", "ulimit", "umask", "unset", "while",
];

/// A command that was found: its file, and its arguments, starting with its name.
///
/// # Examples
///
/// ```
/// use lazycred::launch::Command;
/// let words = vec!["ls".into(), "-l".into()];
/// let command = Command::find(words, std::env::var_os("PATH").as_deref())?;
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug)]
pub struct Command {
    file: PathBuf,
    args: Vec<CString>,
}

impl Command {
    /// Finds a command in the absolute entries of a PATH.
    ///
    /// **Shape**: `words` are the command's name and its arguments. A name with a `/`
    /// is a path; any other is searched for, in the usual folders if there is no PATH.
    ///
    /// # Errors
    ///
    /// [`Error::Command`], with 127 if it is not found, and 126 if it cannot be run;
    /// [`Error::Usage`] if an argument contains a NUL.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::launch::Command;
    /// let path = Some("/usr/bin:/bin".as_ref());
    /// assert!(Command::find(vec!["sh".into(), "-c".into(), "exit 0".into()], path).is_ok());
    /// let error = Command::find(vec!["no-such-command".into()], path).unwrap_err();
    /// assert_eq!(error.exit_code(), 127);
    /// ```
    pub fn find(words: Vec<OsString>, path: Option<&OsStr>) -> Result<Self> {
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
            .map_err(|_| Error::usage("an argument of the command contains a NUL"))?;
        Ok(Self { file, args })
    }

    /// The size of the file's name and the arguments in the system call, in bytes, and
    /// the number of arguments.
    fn size(&self) -> (usize, usize) {
        let args: usize = self.args.iter().map(|arg| arg.as_bytes().len() + 1).sum();
        (self.file.as_os_str().len() + 1 + args, self.args.len())
    }

    /// Replaces this process with the command; returns only if that fails.
    ///
    /// The command inherits SIGPIPE's disposition and closed standard descriptors as
    /// this process did. Nothing is dropped.
    ///
    /// # Errors
    ///
    /// It returns [`Error::Environment`] as [`Environ::check`] does, [`Error::Usage`] for
    /// a NUL in the caller's variables, and [`Error::Command`] if the command cannot run.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use lazycred::launch::{Command, Plan};
    ///
    /// let client = lazycred::blocking::Client::from_env()?;
    /// let mut plan = Plan::new(std::env::vars_os());
    /// plan.listed.push("web/prod".parse()?);
    /// let words = vec!["./server".into(), "--port".into(), "80".into()];
    /// let command = Command::find(words, std::env::var_os("PATH").as_deref())?;
    /// let environ = client.block_on(async |client| plan.environ(client).await)?;
    /// eprintln!("{}", command.exec(&environ));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use = "the command did not start"]
    pub fn exec(self, environ: &Environ) -> Error {
        if let Err(error) = environ.fits(self.size()) {
            return error;
        }
        let file = CString::new(self.file.as_os_str().as_bytes());
        let entries = environ.entries().map(CStr::from_bytes_with_nul);
        let (Ok(file), Ok(entries)) = (file, entries.collect::<Result<Vec<_>, _>>()) else {
            return Error::usage("the command's path or a variable contains a NUL");
        };
        process::hand_over();
        wipe::stack();
        let Err(errno) = environ
            .pass_on_files(true)
            .and_then(|()| execve(&file, &self.args, &entries));
        // The process goes on, and what it starts is not to inherit them.
        environ.pass_on_files(false).ok();
        process::take_back();
        match errno {
            Errno::E2BIG => environ.too_large(self.size()),
            Errno::ENOENT if self.file.exists() => {
                let why = "its interpreter does not exist".into();
                refused(self.name(), NoCommand::NotRunnable(why))
            }
            errno => refused(self.name(), errno.into()),
        }
    }

    /// The command's name, as typed.
    fn name(&self) -> &OsStr {
        let name = self.args.first().map(CString::as_bytes);
        OsStr::from_bytes(name.unwrap_or_default())
    }
}

/// Why a file is not a command.
enum NoCommand {
    NotFound,
    NotRunnable(String),
}

impl From<Errno> for NoCommand {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::ENOENT => Self::NotFound,
            Errno::ENOEXEC => {
                Self::NotRunnable("it is neither a program nor a script with a `#!` line".into())
            }
            errno => Self::NotRunnable(errno.desc().to_lowercase()),
        }
    }
}

fn refused(name: &OsStr, why: NoCommand) -> Error {
    let name = name.to_string_lossy();
    // What is assigned may be a secret.
    let shown = match name.split_once('=') {
        Some((variable, _)) if is_variable(variable) => format!("{variable}=…"),
        _ => name.to_string(),
    };
    let hint = match why {
        NoCommand::NotFound => of_shell(&name),
        NoCommand::NotRunnable(_) => None,
    };
    let (why, status) = match why {
        NoCommand::NotFound if name.contains('/') => ("no such file".into(), 127),
        NoCommand::NotFound => ("not found on PATH".into(), 127),
        NoCommand::NotRunnable(why) => (why, 126),
    };
    Error::Command {
        message: format!("cannot run `{}`: {why}", OneLine(&shown)),
        status,
        hint: hint.map(str::to_owned),
    }
}

/// What helps if a shell would have understood a name.
fn of_shell(name: &str) -> Option<&'static str> {
    let (first, _) = name.split_once(char::is_whitespace).unwrap_or((name, ""));
    let is_assignment = first
        .split_once('=')
        .is_some_and(|(name, _)| is_variable(name));
    if is_assignment {
        return Some("`--set VAR=TEXT` sets a variable for COMMAND");
    }
    let is_line = first.len() < name.len() || name.contains(['|', ';', '&', '<', '>', '$']);
    (is_line || BUILTINS.contains(&name))
        .then_some("a shell's own command, or a line of them, needs a shell: `-- sh -c '…'`")
}

fn check(file: &Path) -> Result<(), NoCommand> {
    let about = fs::metadata(file)
        .map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or_default()))?;
    if about.is_dir() {
        return Err(NoCommand::NotRunnable("it is a folder".into()));
    }
    Ok(access(file, AccessFlags::X_OK)?)
}

/// Searches the absolute entries of PATH; relative ones would depend on the working
/// directory.
fn search(name: &OsStr, path: &OsStr) -> Result<PathBuf> {
    let mut found = NoCommand::NotFound;
    if name.is_empty() {
        return Err(refused(name, found));
    }
    for folder in std::env::split_paths(path).filter(|folder| folder.is_absolute()) {
        let file = folder.join(name);
        match check(&file) {
            Ok(()) => return Ok(file),
            // Only a file counts: a folder on PATH may not be searchable.
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
    use crate::launch::inherit::Inherit;
    use std::os::unix::fs::PermissionsExt;

    fn found(words: &[&str], path: &str) -> Result<PathBuf> {
        let words = words.iter().map(OsString::from).collect();
        Command::find(words, Some(OsStr::new(path))).map(|command| command.file)
    }

    #[test]
    fn a_command_is_found_on_the_absolute_entries_of_path() {
        let folder = crate::base::test_support::folder();
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
    fn a_variable_that_no_command_can_be_given_stops_the_start() {
        let path = Some(OsStr::new("/usr/bin:/bin"));
        let command = Command::find(vec!["false".into()], path).unwrap();
        let caller = [("A".into(), "x\0y".into())].into();
        let environ = Environ::inherit(caller, &Inherit::default(), Vec::new());
        assert_eq!(command.exec(&environ).exit_code(), 2);
    }
}
