//! The environment of the command: what is inherited, and what secrets add.
//!
//! A map, so that no name stands twice. It decides who wins, which names are
//! refused, and whether the system can pass it all on. It knows no JSON and no
//! store, and never shows a value.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};

use crate::base::{Error, Result, Secret, VarName};
use crate::launch::inherit::Inherit;
use crate::launch::refused::{none_refused, refuses};
use crate::plaintext::vars::{LARGEST_ENTRY, Var};

/// Who chose a variable's name, the lowest rank first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Chosen {
    /// The secret, so it may be refused.
    BySecret,
    /// The user, in a reference.
    ByReference,
    /// The user, as an inherited variable that holds a reference.
    ByEnvironment,
    /// The user, as a variable that holds a file's path.
    ForFile,
}

/// One variable on its way into the environment.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) name: OsString,
    /// `None` unsets it.
    pub(crate) value: Option<Secret>,
    /// The length of the value, or of the file that it is the path of.
    pub(crate) bytes: Option<usize>,
    pub(crate) reference: String,
    pub(crate) path: String,
    pub(crate) chosen: Chosen,
}

impl From<Var> for Given {
    fn from(var: Var) -> Self {
        Self {
            name: var.name.as_str().into(),
            bytes: var.value.as_ref().map(Secret::len),
            value: var.value,
            reference: var.reference,
            path: var.path,
            chosen: if var.named {
                Chosen::ByReference
            } else {
                Chosen::BySecret
            },
        }
    }
}

/// One variable that secrets set or unset: all about it but its value.
///
/// # Examples
///
/// ```
/// let is_large = |change: &lazycred::launch::Change| change.bytes > Some(4096);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Change {
    /// The reference that gave it, as it was typed.
    pub reference: String,
    /// The JSON pointer of the field; empty for a whole secret.
    pub path: String,
    /// How long its value, or its file, is in bytes; `None` if it is unset.
    pub bytes: Option<usize>,
    /// What it overrides: a reference, or `environment`.
    pub overrides: Option<String>,
    /// Whether it holds the path of a file in memory.
    pub file: bool,
    /// Whether its name is refused, see [`is_refused`](crate::is_refused).
    pub refused: bool,
}

/// What stands in `overrides` for an inherited variable.
const INHERITED: &str = "environment";

/// The environment of a command: what it inherits, and what secrets change.
///
/// Shape: one variable a name, from [`Plan::environ`](crate::launch::Plan::environ).
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
    /// Each as `NAME=value` and a NUL, so that a value is there once.
    variables: BTreeMap<OsString, Secret>,
    changes: BTreeMap<OsString, Change>,
    no_override: bool,
    allow: Vec<VarName>,
}

impl Environ {
    /// What a command inherits; `allow` has the names that are not refused.
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
            no_override: inherit.no_override,
            allow,
        }
    }

    /// Sets a variable, or unsets it.
    pub(crate) fn set(&mut self, given: Given) {
        let earlier = self.changes.get(&given.name);
        let earlier = earlier.map(|change| change.reference.clone());
        let inherited = earlier.is_none() && self.variables.contains_key(&given.name);
        if inherited && self.no_override && given.chosen <= Chosen::ByReference {
            return;
        }
        let name = given.name.to_string_lossy();
        if inherited {
            tracing::info!(
                "{name} of the environment is overridden by `{}`",
                given.reference
            );
        }
        let change = Change {
            refused: given.chosen == Chosen::BySecret
                && refuses(&self.allow, &name, given.value.as_ref()),
            overrides: earlier.or(inherited.then(|| INHERITED.to_owned())),
            file: given.chosen == Chosen::ForFile,
            bytes: given.bytes,
            reference: given.reference,
            path: given.path,
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

    /// What secrets set and unset, sorted by name.
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

    /// Whether a secret sets or unsets a variable.
    pub(crate) fn changed(&self, name: &OsStr) -> bool {
        self.changes.contains_key(name)
    }

    /// Whether a command could be given this environment, apart from its arguments.
    ///
    /// # Errors
    ///
    /// [`Error::Environment`] for refused names, or for more bytes than Linux
    /// passes on, in one variable or in all.
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

    /// The same with a command: what its name and arguments take, in bytes, and
    /// how many arguments there are.
    pub(crate) fn fits(&self, command: (usize, usize)) -> Result<()> {
        let refused = self.changes().filter(|(_, change)| change.refused);
        none_refused(refused.map(|(name, change)| (name, change.reference.as_str())))?;
        let is_large = |size| size > LARGEST_ENTRY;
        if self.variables.values().any(|entry| is_large(entry.len())) {
            return Err(oversize(format!(
                "a variable can take {LARGEST_ENTRY} bytes with its name; larger: {}",
                self.largest(is_large)
            )));
        }
        if self.total(command) > most_of_all() {
            return Err(self.too_large(command));
        }
        Ok(())
    }

    /// The error for an environment that is more than the system passes on.
    pub(crate) fn too_large(&self, command: (usize, usize)) -> Error {
        oversize(format!(
            "environment and arguments take {} bytes, more than the {} that a program can be given here; largest: {}",
            self.total(command),
            most_of_all(),
            self.largest(|_| true)
        ))
    }

    /// Each variable as `NAME=value` and a NUL.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &[u8]> {
        self.variables.values().map(Secret::as_bytes)
    }

    /// What the system counts: every string with its NUL, and a pointer each.
    fn total(&self, (bytes, args): (usize, usize)) -> usize {
        let entries: usize = self.variables.values().map(Secret::len).sum();
        let pointers = (args + self.variables.len()) * size_of::<usize>();
        bytes + entries + pointers
    }

    /// The three largest variables of the sizes that are wanted.
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

/// The most that arguments and environment may take together, in bytes: a
/// quarter of the stack, between 128 KiB and 6 MiB.
///
/// Source: `bprm_stack_limits` in Linux's fs/exec.c.
fn most_of_all() -> usize {
    const LEAST: u64 = 128 << 10;
    const MOST: u64 = 6 << 20;
    let stack = getrlimit(Resource::RLIMIT_STACK).map_or(RLIM_INFINITY, |(soft, _)| soft);
    usize::try_from((stack / 4).clamp(LEAST, MOST)).unwrap_or(usize::MAX)
}

fn oversize(message: String) -> Error {
    Error::Environment {
        message,
        hint: Some("`--file VAR=REFERENCE` passes a secret as a file of any size, `--only` passes fewer variables".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environ(inherit: &Inherit, allow: &[&str]) -> Environ {
        let caller = [
            ("A", "1"),
            ("AWS_PROFILE", "p"),
            ("LAZYCRED_X", "x"),
            ("PATH", "/bin"),
        ];
        let caller = caller.map(|(name, value)| (name.into(), value.into()));
        let allow = allow.iter().map(|name| name.parse().unwrap()).collect();
        Environ::inherit(caller.into(), inherit, allow)
    }

    fn listed(environ: &Environ) -> Vec<String> {
        environ
            .entries()
            .map(|entry| String::from_utf8_lossy(&entry[..entry.len() - 1]).into_owned())
            .collect()
    }

    fn set(environ: &mut Environ, name: &str, value: &str, reference: &str) {
        set_as(environ, name, Some(value), reference, Chosen::BySecret);
    }

    fn set_as(
        environ: &mut Environ,
        name: &str,
        value: Option<&str>,
        reference: &str,
        chosen: Chosen,
    ) {
        environ.set(Given {
            name: name.into(),
            value: value.map(Secret::from),
            bytes: value.map(str::len),
            reference: reference.into(),
            path: String::new(),
            chosen,
        });
    }

    #[test]
    fn a_later_source_overrides_an_earlier_one_and_says_so() {
        let mut environ = environ(&Inherit::default(), &[]);
        set(&mut environ, "A", "3", "db");
        set(&mut environ, "A", "4", "web");
        set_as(&mut environ, "PATH", None, "x", Chosen::BySecret);
        let changes: Vec<_> = environ
            .changes()
            .map(|(_, change)| change.overrides.clone().unwrap())
            .collect();
        assert_eq!(changes, ["db", INHERITED]);
        assert_eq!(listed(&environ), ["A=4", "AWS_PROFILE=p", "LAZYCRED_X=x"]);
    }

    #[test]
    fn inherited_variables_are_kept_where_that_is_asked_for() {
        let inherit = Inherit {
            no_override: true,
            ..Inherit::default()
        };
        let mut environ = environ(&inherit, &[]);
        set(&mut environ, "A", "3", "db");
        set(&mut environ, "B", "4", "db");
        set(&mut environ, "B", "5", "web");
        let chosen = Chosen::ByEnvironment;
        set_as(&mut environ, "PATH", Some("/x"), "x", chosen);
        assert_eq!(
            listed(&environ),
            ["A=1", "AWS_PROFILE=p", "B=5", "LAZYCRED_X=x", "PATH=/x"]
        );
    }

    #[test]
    fn a_refused_name_stops_everything_unless_it_is_allowed_or_typed() {
        let mut refusing = environ(&Inherit::default(), &[]);
        set(&mut refusing, "LD_PRELOAD", "/x", "db");
        let error = refusing.check().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`LD_PRELOAD` of `db` can make another program run code, and is refused"
        );
        let mut allowing = environ(&Inherit::default(), &["LD_PRELOAD"]);
        set(&mut allowing, "LD_PRELOAD", "/x", "db");
        let (typed, chosen) = ("BASH_ENV=db#x", Chosen::ByReference);
        set_as(&mut allowing, "BASH_ENV", Some("/x"), typed, chosen);
        assert!(allowing.check().is_ok());
    }

    #[test]
    fn a_size_that_no_program_can_be_given_names_the_largest_variables() {
        let mut environ = environ(&Inherit::default(), &[]);
        let filler = "x".repeat(LARGEST_ENTRY - 3);
        set(&mut environ, "B", &filler, "db");
        assert!(environ.check().is_ok());
        set(&mut environ, "B", &format!("{filler}x"), "db");
        let message = environ.check().unwrap_err().to_string();
        assert_eq!(
            message,
            "a variable can take 131072 bytes with its name; larger: `B` (131073)"
        );
        let mut environ = self::environ(&Inherit::default(), &[]);
        for name in 0..60 {
            let value = "x".repeat(130_000);
            set(&mut environ, &format!("V{name}"), &value, "db");
        }
        let message = environ.fits((10, 1)).unwrap_err().to_string();
        assert!(
            message.contains("more than the") && message.contains("`V10` (130005)"),
            "{message}"
        );
    }
}
