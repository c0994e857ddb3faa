//! The command's environment: inherited variables, and those that secrets add.
//!
//! Decides which source wins, which names are refused, and whether the system can pass
//! on all of it. Knows no JSON and no store, and never shows a value.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
#[cfg(test)]
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;

use crate::base::{Error, OneLine, Result, Secret, VarName, system};
use crate::launch::inherit::{Dropped, Inherit};
use crate::launch::memfd::pass_on;
use crate::launch::refused::{none_refused, refuses};
use crate::launch::require::{Lacking, Required, none_lacking};
use crate::plaintext::vars::{LARGEST_ENTRY, Var};

/// Who chose a variable's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// The user, in a file of variables.
    InFile,
    /// The secret, so it may be refused.
    BySecret,
    /// The user, in a reference.
    ByReference,
    /// The user, as an inherited variable with a reference, or with a text.
    ByUser,
    /// The user, as a variable for a file's path.
    ForFile,
}

impl Chosen {
    /// Whether `no_override` lets the user's environment and files win.
    fn yields(self) -> bool {
        matches!(self, Self::BySecret | Self::ByReference)
    }
}

/// One variable to add to the environment.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) name: OsString,
    /// `None` unsets it.
    pub(crate) value: Option<Secret>,
    /// The length of the value, or of the file at that path.
    pub(crate) bytes: Option<usize>,
    /// `None` for a text without references.
    pub(crate) reference: Option<String>,
    /// `FILE:LINE`, if a file gives it.
    pub(crate) line: Option<String>,
    pub(crate) path: String,
    pub(crate) chosen: Chosen,
    /// The file in memory that the value is the path of.
    pub(crate) file: Option<OwnedFd>,
}

impl From<Var> for Given {
    fn from(var: Var) -> Self {
        Self {
            name: var.name.as_str().into(),
            bytes: var.value.as_ref().map(Secret::len),
            value: var.value,
            reference: Some(var.reference),
            line: None,
            path: var.path,
            chosen: if var.named {
                Chosen::ByReference
            } else {
                Chosen::BySecret
            },
            file: None,
        }
    }
}

/// One variable that a secret or a file sets or unsets, without its value.
///
/// # Examples
///
/// ```
/// let is_large = |change: &lazycred::launch::Change| change.bytes > Some(4096);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Change {
    /// The reference it comes from, as typed; all of a template's, with blanks between
    /// them. `None` for a text without references.
    pub reference: Option<String>,
    /// The JSON pointer of the field; empty for a whole secret or a template.
    pub path: String,
    /// The length of its value or file, in bytes; `None` if it is unset.
    pub bytes: Option<usize>,
    /// What it overrides: a reference, `environment`, or for a text without references
    /// `FILE:LINE` if it is in a file, else `text`.
    pub overrides: Option<String>,
    /// Whether its value is the path of a file in memory.
    pub file: bool,
    /// Whether its name is refused, see [`is_refused`](crate::is_refused).
    pub refused: bool,
    /// As `overrides` names it.
    source: String,
    chosen: Chosen,
}

/// The value of `overrides` for an inherited variable.
const INHERITED: &str = "environment";

/// The value of `overrides` for a text without references.
const TEXT: &str = "text";

/// The environment of a command: inherited variables, and those of secrets.
///
/// [`Plan::environ`](crate::launch::Plan::environ) makes one.
///
/// # Examples
///
/// ```
/// # fn example(environ: &lazycred::launch::Environ) {
/// assert!(environ.check().is_ok());
/// # }
/// ```
#[derive(Debug)]
pub struct Environ {
    /// Each as `NAME=value` and a NUL, so that every value exists only once.
    variables: BTreeMap<OsString, Secret>,
    changes: BTreeMap<OsString, Change>,
    /// Files in memory for the command, open as long as this lives: those whose paths
    /// are in variables.
    files: BTreeMap<OsString, OwnedFd>,
    /// With what keeps the inherited one from the command.
    required: Vec<(Required, Option<Dropped>)>,
    no_override: bool,
    allow: Vec<VarName>,
}

impl Environ {
    /// The inherited variables; `allow` lists names not to refuse.
    pub(crate) fn inherit(
        caller: BTreeMap<OsString, OsString>,
        inherit: &Inherit,
        allow: Vec<VarName>,
    ) -> Self {
        let taken = caller.into_iter().filter(|(name, _)| inherit.takes(name));
        let variables = taken.map(|(name, value)| {
            let entry = entry(&name, value.as_bytes());
            (name, entry)
        });
        Self {
            variables: variables.collect(),
            changes: BTreeMap::new(),
            files: BTreeMap::new(),
            required: Vec::new(),
            no_override: inherit.no_override,
            allow,
        }
    }

    /// What the command must find set and not empty.
    pub(crate) fn require(&mut self, required: Vec<(Required, Option<Dropped>)>) {
        self.required = required;
    }

    /// Sets a variable, or unsets it.
    pub(crate) fn set(&mut self, given: Given) {
        let earlier = self.changes.get(&given.name);
        let inherited = earlier.is_none() && self.variables.contains_key(&given.name);
        let is_held = earlier.map_or(inherited, |change| change.chosen == Chosen::InFile);
        if self.no_override && is_held && given.chosen.yields() {
            return;
        }
        let earlier = earlier.map(|change| change.source.clone());
        // An overridden one is closed.
        match given.file {
            Some(file) => self.files.insert(given.name.clone(), file),
            None => self.files.remove(&given.name),
        };
        let name = given.name.to_string_lossy();
        let source = given.reference.as_ref().or(given.line.as_ref());
        let source = source.map_or(TEXT, String::as_str).to_owned();
        if inherited {
            tracing::info!("inherited variable {name} is overridden by `{source}`");
        }
        let change = Change {
            refused: refuses(
                given.chosen == Chosen::BySecret,
                &self.allow,
                &name,
                given.value.as_ref(),
            ),
            overrides: earlier.or(inherited.then(|| INHERITED.to_owned())),
            file: given.chosen == Chosen::ForFile,
            bytes: given.bytes,
            reference: given.reference,
            path: given.path,
            source,
            chosen: given.chosen,
        };
        match given.value {
            Some(value) => {
                let entry = entry(&given.name, value.as_bytes());
                self.variables.insert(given.name.clone(), entry)
            }
            None => self.variables.remove(&given.name),
        };
        self.changes.insert(given.name, change);
    }

    /// The variables that secrets and files set and unset, sorted by name.
    ///
    /// # Examples
    ///
    /// ```
    /// # let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", r#"{"port": 5432}"#)?;
    /// let mut plan = lazycred::launch::Plan::new(std::env::vars_os());
    /// plan.listed.push("db".parse()?);
    /// let environ = client.block_on(async |client| plan.environ(client).await)?;
    /// for (name, change) in environ.changes() {
    ///     assert_eq!((name.to_str(), change.bytes), (Some("PORT"), Some(4)));
    /// }
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn changes(&self) -> impl Iterator<Item = (&OsStr, &Change)> {
        let changes = self.changes.iter();
        changes.map(|(name, change)| (name.as_os_str(), change))
    }

    /// All variables with their values, sorted by name: for a program that starts the
    /// command itself. [`Environ::check`] comes first.
    ///
    /// Shape: names and values as bytes, which need not be UTF-8; a value may contain
    /// `=`. They borrow the only copy, which is wiped when this is dropped. A variable
    /// for a file has a path that only [`Command::exec`](crate::launch::Command::exec)
    /// makes valid: the system closes the file in what is started by any other way.
    ///
    /// # Examples
    ///
    /// ```
    /// # let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", r#"{"options": "a=1&b=2"}"#)?;
    /// let mut plan = lazycred::launch::Plan::new([("LANG".into(), "C".into())]);
    /// plan.listed.push("db".parse()?);
    /// let environ = client.block_on(async |client| plan.environ(client).await)?;
    /// environ.check()?;
    /// let all: Vec<_> = environ.variables().collect();
    /// assert_eq!(all, [("LANG".as_ref(), &b"C"[..]), ("OPTIONS".as_ref(), b"a=1&b=2")]);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn variables(&self) -> impl Iterator<Item = (&OsStr, &[u8])> {
        self.variables.iter().map(|(name, entry)| {
            // `NAME=value` and a NUL.
            let value = &entry.as_bytes()[name.len() + 1..entry.len() - 1];
            (name.as_os_str(), value)
        })
    }

    /// Whether a secret or a file sets or unsets a variable.
    pub(crate) fn changed(&self, name: &OsStr) -> bool {
        self.changes.contains_key(name)
    }

    /// Whether this environment can be passed to a command without arguments.
    ///
    /// # Errors
    ///
    /// [`Error::Environment`] for refused names, for required variables that are unset or
    /// empty, or for more bytes than the system passes on, in one variable or altogether.
    ///
    /// # Examples
    ///
    /// ```
    /// # let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", r#"{"ld_preload": "/x"}"#)?;
    /// let mut plan = lazycred::launch::Plan::new(std::env::vars_os());
    /// plan.listed.push("db".parse()?);
    /// let environ = client.block_on(async |client| plan.environ(client).await)?;
    /// let error = environ.check().unwrap_err();
    /// assert!(error.to_string().starts_with("`LD_PRELOAD` of `db`"));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn check(&self) -> Result<()> {
        self.fits((0, 0))
    }

    /// Like [`Environ::check`], with the size of the command's name and arguments in
    /// bytes, and the number of arguments.
    pub(crate) fn fits(&self, command: (usize, usize)) -> Result<()> {
        let refused = self.changes().filter(|(_, change)| change.refused);
        none_refused(refused.map(|(name, change)| (name, change.source.as_str())))?;
        let mut names = self.changes.keys().map(|name| name.as_bytes());
        // A leading `=` is part of some inherited names.
        let is_no_name = |name: &&[u8]| name.is_empty() || name[1..].contains(&b'=');
        if let Some(name) = names.find(is_no_name) {
            let name = String::from_utf8_lossy(name);
            let message = format!("`{}` is not a variable's name", OneLine(name));
            return Err(Error::Environment {
                message,
                hint: None,
            });
        }
        none_lacking(self.required.iter().filter_map(|(required, dropped)| {
            let lacking = match self.variables.get(&required.name) {
                None => Lacking::Unset,
                // `NAME=` and a NUL.
                Some(entry) if entry.len() == required.name.len() + 2 => Lacking::Empty,
                Some(_) => return None,
            };
            Some((required, lacking, *dropped))
        }))?;
        let is_large = |size| size > LARGEST_ENTRY;
        if self.variables.values().any(|entry| is_large(entry.len())) {
            return Err(oversize(format!(
                "each `NAME=value` must be under {LARGEST_ENTRY} bytes; too large: {}",
                self.largest(is_large)
            )));
        }
        if self.total(command) > system::most_of_all() {
            return Err(self.too_large(command));
        }
        Ok(())
    }

    /// The error for an environment that is larger than the system passes on.
    pub(crate) fn too_large(&self, command: (usize, usize)) -> Error {
        oversize(format!(
            "environment and arguments take {} bytes, more than the {} that this system allows; largest: {}",
            self.total(command),
            system::most_of_all(),
            self.largest(|_| true)
        ))
    }

    /// Whether the next program inherits the files in memory.
    pub(crate) fn pass_on_files(&self, inherited: bool) -> nix::Result<()> {
        pass_on(self.files.values(), inherited)
    }

    #[cfg(test)]
    pub(crate) fn files(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.files.values().map(AsFd::as_fd)
    }

    /// Each variable as `NAME=value` and a NUL.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &[u8]> {
        self.variables.values().map(Secret::as_bytes)
    }

    /// The size that the system counts: every string with its NUL, and its pointer.
    fn total(&self, (bytes, args): (usize, usize)) -> usize {
        let entries: usize = self.variables.values().map(Secret::len).sum();
        let pointers = (args + self.variables.len()) * size_of::<usize>();
        bytes + entries + pointers
    }

    /// The three largest variables of a wanted size.
    fn largest(&self, wanted: impl Fn(usize) -> bool) -> String {
        let sizes = self.variables.iter();
        let sizes = sizes.map(|(name, entry)| (Reverse(entry.len()), name));
        let mut sizes: Vec<_> = sizes.filter(|(size, _)| wanted(size.0)).collect();
        sizes.sort();
        let named = sizes.iter().take(3);
        let named = named.map(|(size, name)| format!("`{}` ({})", name.display(), size.0));
        named.collect::<Vec<_>>().join(", ")
    }
}

fn entry(name: &OsStr, value: &[u8]) -> Secret {
    Secret::new([name.as_bytes(), b"=", value, b"\0"].concat())
}

fn oversize(message: String) -> Error {
    Error::Environment {
        message,
        hint: Some("`--file VAR=REFERENCE` passes a secret as a file of any size; `--only` passes fewer variables".into()),
    }
}
