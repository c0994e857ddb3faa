//! `--min-gen NAME=N`: the oldest acceptable write of a secret.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::{Error, Result, SecretName};

/// One `NAME=N`.
///
/// Shape: `web/prod=7`; the name is everything up to the last `=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MinGeneration {
    name: SecretName,
    generation: u64,
}

impl FromStr for MinGeneration {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::usage("expected NAME=N with N at least 1, as in `web/prod=7`");
        let (name, digits) = text.rsplit_once('=').ok_or_else(wrong)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        let generation = digits.parse().ok().filter(|number| plain && *number > 0);
        Ok(Self {
            name: name.parse()?,
            generation: generation.ok_or_else(wrong)?,
        })
    }
}

/// The minimum generation of each name; if a name is repeated, the highest. Refuses
/// a name that is not read: a mistyped one would protect nothing.
pub(super) fn table(
    given: &[MinGeneration],
    is_read: impl Fn(&SecretName) -> bool,
) -> Result<BTreeMap<SecretName, u64>> {
    let mut table = BTreeMap::new();
    for MinGeneration { name, generation } in given {
        if !is_read(name) {
            return Err(Error::usage(format!(
                "--min-gen `{name}={generation}`: this command does not read `{name}`"
            )));
        }
        let least = table.entry(name.clone()).or_insert(*generation);
        *least = (*least).max(*generation);
    }
    Ok(table)
}
