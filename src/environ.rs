//! The environment of the command: what is inherited, and what secrets add.
//!
//! A map, so that no name stands twice. It decides who wins, which names are
//! refused, and whether the system can pass it all on. It knows no JSON and no
//! store, and never says a value.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};

use crate::error::{Error, Result};
use crate::inherit::Inherit;
use crate::refused::{is_refused, refusal};
use crate::secret::Secret;

/// The most that one `NAME=value` and its NUL may take, in bytes.
///
/// Source: `MAX_ARG_STRLEN`, execve(2).
const MOST_OF_ONE: usize = 131_072;

/// Where a variable comes from.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// The reference, as it was typed.
    pub(crate) reference: String,
    /// The JSON pointer of the field; empty for a whole secret.
    pub(crate) path: String,
    /// Whether the user named the variable.
    pub(crate) named: bool,
    /// Whether it holds even where inherited variables are kept.
    pub(crate) holds: bool,
    /// Whether the bytes are in a file.
    pub(crate) file: bool,
}

/// One variable that the secrets set or unset.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) origin: Origin,
    /// The length of what it gives; `None` where it unsets the variable.
    pub(crate) bytes: Option<usize>,
    /// What it overrides: a reference, or `environment`.
    pub(crate) overrides: Option<String>,
    pub(crate) refused: bool,
}

/// What stands in `overrides` for an inherited variable.
const INHERITED: &str = "environment";

/// Variables by name, and what of them is new.
#[derive(Debug)]
pub(crate) struct Environ {
    /// Each as `NAME=value` and a NUL, so that a value is there once.
    variables: BTreeMap<OsString, Secret>,
    changes: BTreeMap<OsString, Change>,
    no_override: bool,
    allow: Vec<String>,
}

impl Environ {
    /// The caller's environment, less what is not taken over. Of a name that
    /// stands there twice the first counts, as for getenv.
    pub(crate) fn inherit<'a>(
        variables: impl IntoIterator<Item = &'a (OsString, OsString)>,
        inherit: &Inherit,
    ) -> Self {
        let mut inherited = BTreeMap::new();
        for (name, value) in variables {
            if inherit.takes(name) && !inherited.contains_key(name) {
                inherited.insert(name.clone(), entry(name, value.as_bytes()));
            }
        }
        Self {
            variables: inherited,
            changes: BTreeMap::new(),
            no_override: inherit.no_override,
            allow: inherit.allow.clone(),
        }
    }

    /// Sets a variable, or unsets it; `shown` is how many bytes it stands for.
    pub(crate) fn set(
        &mut self,
        name: &OsStr,
        value: Option<Secret>,
        shown: Option<usize>,
        origin: Origin,
    ) {
        let earlier = self
            .changes
            .get(name)
            .map(|change| change.origin.reference.clone());
        let inherited = earlier.is_none() && self.variables.contains_key(name);
        let text = name.to_string_lossy();
        let refused = !origin.named
            && !self.allow.iter().any(|allowed| *allowed == text)
            && is_refused(&text, value.as_ref().map_or(b"", Secret::as_bytes));
        if inherited && self.no_override && !origin.holds {
            return;
        }
        if inherited {
            tracing::info!(
                "{text} of the environment is overridden by `{}`",
                origin.reference
            );
        }
        let change = Change {
            origin,
            bytes: shown,
            overrides: earlier.or(inherited.then(|| INHERITED.to_owned())),
            refused,
        };
        match value {
            Some(value) => {
                let entry = entry(name, value.as_bytes());
                self.variables.insert(name.to_owned(), entry)
            }
            None => self.variables.remove(name),
        };
        self.changes.insert(name.to_owned(), change);
    }

    /// What the secrets set and unset, by name.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (&OsStr, &Change)> {
        self.changes
            .iter()
            .map(|(name, change)| (name.as_os_str(), change))
    }

    /// Whether a secret sets or unsets a variable.
    pub(crate) fn changed(&self, name: &OsStr) -> bool {
        self.changes.contains_key(name)
    }

    /// Whether the command can be given all this; `command` is what its name
    /// and arguments take, in bytes, and how many of them there are.
    ///
    /// # Errors
    ///
    /// [`Error::Environment`] for a refused name or a size.
    pub(crate) fn check(&self, command: (usize, usize)) -> Result<()> {
        let refused = self.changes().filter(|(_, change)| change.refused);
        let refused: Vec<_> = refused
            .map(|(name, change)| (name.to_string_lossy(), change.origin.reference.as_str()))
            .collect();
        if let Some(error) = refusal(&refused) {
            return Err(error);
        }
        if self
            .variables
            .values()
            .any(|entry| entry.len() > MOST_OF_ONE)
        {
            let message = format!(
                "a variable may have {MOST_OF_ONE} bytes with its name, and {} more",
                self.largest(|size| size > MOST_OF_ONE)
            );
            return Err(oversize(message));
        }
        if self.total(command) > most_of_all() {
            return Err(self.too_large(command));
        }
        Ok(())
    }

    /// The error for an environment that the system does not pass on.
    pub(crate) fn too_large(&self, command: (usize, usize)) -> Error {
        oversize(format!(
            "the environment and the arguments take {} bytes, more than the {} that a program can be given here; {} most",
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

    /// The largest variables that are wanted, as part of a sentence.
    fn largest(&self, wanted: impl Fn(usize) -> bool) -> String {
        let mut sizes: Vec<_> = self
            .variables
            .iter()
            .map(|(name, entry)| (entry.len(), name))
            .filter(|(size, _)| wanted(*size))
            .collect();
        sizes.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        let named: Vec<_> = sizes
            .iter()
            .take(3)
            .map(|(size, name)| format!("`{}` ({size})", name.display()))
            .collect();
        let verb = if named.len() == 1 { "has" } else { "have" };
        format!("{} {verb}", named.join(", "))
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

    fn origin(reference: &str) -> Origin {
        Origin {
            reference: reference.into(),
            path: String::new(),
            named: false,
            holds: false,
            file: false,
        }
    }

    fn environ(inherit: &Inherit) -> Environ {
        let variables = [
            ("A", "1"),
            ("A", "2"),
            ("AWS_PROFILE", "p"),
            ("LAZYCRED_X", "x"),
            ("PATH", "/bin"),
        ];
        let variables = variables.map(|(name, value)| (name.into(), value.into()));
        Environ::inherit(&variables, inherit)
    }

    fn listed(environ: &Environ) -> Vec<String> {
        environ
            .entries()
            .map(|entry| String::from_utf8_lossy(&entry[..entry.len() - 1]).into_owned())
            .collect()
    }

    fn set(environ: &mut Environ, name: &str, value: &str, origin: Origin) {
        environ.set(
            OsStr::new(name),
            Some(Secret::from(value)),
            Some(value.len()),
            origin,
        );
    }

    #[test]
    fn a_later_source_overrides_an_earlier_one_and_says_so() {
        let mut environ = environ(&Inherit::default());
        set(&mut environ, "A", "3", origin("db"));
        set(&mut environ, "A", "4", origin("web"));
        environ.set(OsStr::new("PATH"), None, None, origin("x"));
        let changes: Vec<_> = environ
            .changes()
            .map(|(_, change)| change.overrides.clone().unwrap())
            .collect();
        assert_eq!(changes, ["db", INHERITED]);
        assert_eq!(listed(&environ), ["A=4", "AWS_PROFILE=p", "LAZYCRED_X=x"]);
    }

    #[test]
    fn inherited_variables_are_kept_where_that_is_asked_for() {
        let mut environ = environ(&Inherit {
            no_override: true,
            ..Inherit::default()
        });
        set(&mut environ, "A", "3", origin("db"));
        set(&mut environ, "B", "4", origin("db"));
        set(&mut environ, "B", "5", origin("web"));
        set(
            &mut environ,
            "PATH",
            "/x",
            Origin {
                holds: true,
                named: true,
                ..origin("x")
            },
        );
        assert_eq!(
            listed(&environ),
            ["A=1", "AWS_PROFILE=p", "B=5", "LAZYCRED_X=x", "PATH=/x"]
        );
    }

    #[test]
    fn a_refused_name_stops_everything_unless_it_is_allowed_or_typed() {
        let mut refusing = environ(&Inherit::default());
        set(&mut refusing, "LD_PRELOAD", "/x", origin("db"));
        let error = refusing.check((0, 0)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`LD_PRELOAD` of `db` can make another program run code, and is refused"
        );
        let mut allowing = environ(&Inherit {
            allow: vec!["LD_PRELOAD".into()],
            ..Inherit::default()
        });
        set(&mut allowing, "LD_PRELOAD", "/x", origin("db"));
        set(
            &mut allowing,
            "BASH_ENV",
            "/x",
            Origin {
                named: true,
                ..origin("BASH_ENV=db#x")
            },
        );
        assert!(allowing.check((0, 0)).is_ok());
    }

    #[test]
    fn a_size_that_no_program_can_be_given_names_the_largest_variables() {
        let mut environ = environ(&Inherit::default());
        set(
            &mut environ,
            "B",
            &"x".repeat(MOST_OF_ONE - 3),
            origin("db"),
        );
        assert!(environ.check((0, 0)).is_ok());
        set(
            &mut environ,
            "B",
            &"x".repeat(MOST_OF_ONE - 2),
            origin("db"),
        );
        let message = environ.check((0, 0)).unwrap_err().to_string();
        assert_eq!(
            message,
            "a variable may have 131072 bytes with its name, and `B` (131073) has more"
        );
        let mut environ = self::environ(&Inherit::default());
        for name in 0..60 {
            set(
                &mut environ,
                &format!("V{name}"),
                &"x".repeat(130_000),
                origin("db"),
            );
        }
        let message = environ.check((10, 1)).unwrap_err().to_string();
        assert!(
            message.contains("more than the") && message.contains("`V10` (130005)"),
            "{message}"
        );
    }
}
