//! Variables that the command must find set and not empty.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::Write as _;

use crate::base::{Brief, Error, OneLine, Result};
use crate::launch::inherit::{Dropped, Inherit};
use crate::plaintext::dotenv::{self, Pair};

/// The bytes of names that an error lists; the log has all of them.
const MOST: usize = 400;

/// A variable that must be set and not empty, and what requires it.
///
/// # Examples
///
/// ```
/// use lazycred::launch::Required;
/// let required = Required { name: "DB_URL".into(), by: None };
/// assert_eq!(required.name, "DB_URL");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Required {
    /// The variable's name.
    pub name: OsString,
    /// The file that requires it, if one does.
    pub by: Option<String>,
}

impl Required {
    /// All variables that a dotenv file names, whatever their values.
    ///
    /// **Shape**: `file` is what errors call the file.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if it is not in dotenv format, or names no variable, since it
    /// would require nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::launch::Required;
    /// let required = Required::by_file(".env.example", b"DB_URL=\nPORT=80\n")?;
    /// assert_eq!(required[1].name, "PORT");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn by_file(file: &str, bytes: &[u8]) -> Result<Vec<Self>> {
        let pairs = pairs(file, bytes)?;
        if pairs.is_empty() {
            return Err(Error::usage_hint(
                format!("`{}` names no variable, so it requires none", OneLine(file)),
                "a line is NAME= or NAME=VALUE",
            ));
        }
        let by = Some(file.to_owned());
        let required = pairs.into_iter().map(|pair| Self {
            name: pair.name.into(),
            by: by.clone(),
        });
        Ok(required.collect())
    }
}

/// The lines of a file that the user named.
pub(super) fn pairs(name: &str, bytes: &[u8]) -> Result<Vec<Pair>> {
    dotenv::parse(bytes).map_err(|error| {
        Error::usage_hint(
            format!("`{}`: {error}", OneLine(name)),
            "a line is NAME=VALUE; in single quotes VALUE is taken as it is",
        )
    })
}

/// What the command finds instead of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lacking {
    Unset,
    Empty,
}

/// What keeps required variables of the caller from the command.
pub(super) fn dropped(
    required: Vec<Required>,
    caller: &BTreeMap<OsString, OsString>,
    inherit: &Inherit,
) -> Vec<(Required, Option<Dropped>)> {
    let required = required.into_iter().map(|required| {
        let inherited = caller.get(&required.name);
        let inherited = inherited.filter(|value| !value.is_empty());
        let dropped = inherited.and_then(|_| inherit.drops(&required.name));
        (required, dropped)
    });
    required.collect()
}

/// Rejects variables that are required and lacking, given in order with what keeps
/// the inherited one from the command, if there is one.
///
/// # Errors
///
/// [`Error::Environment`] if there are any.
pub(super) fn none_lacking<'a>(
    lacking: impl Iterator<Item = (&'a Required, Lacking, Option<Dropped>)>,
) -> Result<()> {
    let mut seen = BTreeSet::new();
    let lacking: Vec<_> = lacking
        .filter(|(required, ..)| seen.insert(&required.name))
        .collect();
    let Some(first) = lacking.first() else {
        return Ok(());
    };
    let named = |(required, lacking, _): &(&Required, Lacking, _)| {
        let name = required.name.to_string_lossy();
        let state = match lacking {
            Lacking::Unset => "",
            Lacking::Empty => " (empty)",
        };
        format!("`{}`{state}", Brief(&name))
    };
    let (mut list, mut by, mut left) = (String::new(), None, MOST);
    for (at, each) in lacking.iter().enumerate() {
        let name = named(each);
        if at > 0 && name.len() > left {
            let more = lacking.len() - at;
            write!(list, " and {more} more").expect("a String takes all that is written");
            let all: Vec<_> = lacking.iter().map(named).collect();
            tracing::info!("all of them: {}", all.join(", "));
            break;
        }
        left = left.saturating_sub(name.len() + 2);
        if at == 0 || by != Some(&each.0.by) {
            by = Some(&each.0.by);
            list += if at == 0 { "" } else { "; " };
            match &each.0.by {
                Some(file) => write!(list, "required by `{}`", Brief(file)),
                None => write!(list, "required"),
            }
            .expect("a String takes all that is written");
            list += if at == 0 {
                ", but unset or empty: "
            } else {
                ": "
            };
        } else {
            list += ", ";
        }
        list += &name;
    }
    let dropped = lacking
        .iter()
        .find_map(|(required, _, dropped)| Some((required, (*dropped)?)));
    let (required, dropped) =
        dropped.map_or((first.0, None), |(required, by)| (*required, Some(by)));
    let name = required.name.to_string_lossy();
    let name = Brief(&name);
    let hint = match dropped {
        None => "set each in the environment, in an --env-file, or by a reference".to_owned(),
        Some(Dropped::ByPristine) => {
            format!("--pristine drops the inherited `{name}`; `--keep {name}` passes it on")
        }
        Some(Dropped::AsCredential) => {
            format!("--strip-credentials drops the inherited `{name}`")
        }
    };
    Err(Error::Environment {
        message: list,
        hint: Some(hint),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(of: &[(&str, Option<&str>, Lacking)]) -> String {
        let required: Vec<_> = of
            .iter()
            .map(|(name, by, lacking)| {
                let by = by.map(str::to_owned);
                let name = name.into();
                (Required { name, by }, *lacking)
            })
            .collect();
        let lacking = required
            .iter()
            .map(|(required, lacking)| (required, *lacking, None));
        none_lacking(lacking).unwrap_err().to_string()
    }

    #[test]
    fn each_is_named_once_with_what_requires_it() {
        use Lacking::{Empty, Unset};
        let example = Some(".env.example");
        assert_eq!(
            said(&[("A", None, Unset), ("B", None, Empty)]),
            "required, but unset or empty: `A`, `B` (empty)"
        );
        assert_eq!(
            said(&[
                ("A", None, Unset),
                ("A", example, Unset),
                ("B", example, Unset)
            ]),
            "required, but unset or empty: `A`; required by `.env.example`: `B`"
        );
        assert_eq!(
            said(&[("A", example, Unset)]),
            "required by `.env.example`, but unset or empty: `A`"
        );
        assert!(none_lacking(std::iter::empty()).is_ok());
    }

    #[test]
    fn many_names_and_long_ones_are_shortened() {
        let names: Vec<String> = (0..500).map(|n| format!("VARIABLE_{n}")).collect();
        let of: Vec<_> = names
            .iter()
            .map(|name| (&**name, None, Lacking::Unset))
            .collect();
        let text = said(&of);
        assert!(
            text.len() < 600 && text.contains("`VARIABLE_0`, `VARIABLE_1`"),
            "{text}"
        );
        assert!(text.ends_with(" more"), "{text}");
        let long = "X".repeat(5000);
        assert!(said(&[(&long, None, Lacking::Unset)]).len() < 300);
    }
}
