//! Variables that the command must find set and not empty.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

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

/// A variable that is lacking, and what keeps the inherited one from the command.
type Lack<'a> = (&'a Required, Lacking, Option<Dropped>);

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
pub(super) fn none_lacking<'a>(lacking: impl Iterator<Item = Lack<'a>>) -> Result<()> {
    let mut seen = BTreeSet::new();
    let lacking: Vec<_> = lacking
        .filter(|(required, ..)| seen.insert(&required.name))
        .collect();
    let Some(first) = lacking.first() else {
        return Ok(());
    };
    Err(Error::Environment {
        message: sentence(&lacking),
        hint: Some(hint(first.0, &lacking)),
    })
}

/// All that is lacking, grouped by what requires it, or the first of many.
fn sentence(lacking: &[Lack<'_>]) -> String {
    let mut text = String::from("required");
    let (mut by, mut left) = (&None, MOST);
    for (at, lack) in lacking.iter().enumerate() {
        let name = named(lack);
        if at > 0 && name.len() > left {
            text.extend([" and ", &(lacking.len() - at).to_string(), " more"]);
            let all: Vec<_> = lacking.iter().map(named).collect();
            tracing::info!("all of them: {}", all.join(", "));
            break;
        }
        left = left.saturating_sub(name.len() + 2);
        let is_same = *by == lack.0.by;
        by = &lack.0.by;
        let by = by.as_ref().map(|file| format!(" by `{}`", Brief(file)));
        let by = by.unwrap_or_default();
        let more = match at {
            0 => format!("{by}, but unset or empty: {name}"),
            _ if is_same => format!(", {name}"),
            _ => format!("; required{by}: {name}"),
        };
        text.push_str(&more);
    }
    text
}

fn named((required, lacking, _): &Lack<'_>) -> String {
    let state = match lacking {
        Lacking::Unset => "",
        Lacking::Empty => " (empty)",
    };
    format!("`{}`{state}", Brief(&required.name.to_string_lossy()))
}

/// What helps: with the first variable that an option drops, if one does.
fn hint(first: &Required, lacking: &[Lack<'_>]) -> String {
    let dropped = lacking
        .iter()
        .find_map(|(required, _, dropped)| Some((*required, (*dropped)?)));
    let (required, dropped) = dropped.map_or((first, None), |(required, by)| (required, Some(by)));
    let name = required.name.to_string_lossy();
    let name = Brief(&name);
    match dropped {
        None => "set each in the environment, in an --env-file, or by a reference".to_owned(),
        Some(Dropped::ByPristine) => {
            format!("--pristine drops the inherited `{name}`; `--keep {name}` passes it on")
        }
        Some(Dropped::AsCredential) => format!(
            "--strip-credentials drops the inherited `{name}`; an --env-file or a reference may set it"
        ),
    }
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
