//! A version that is given by its first characters.
//!
//! Asked only after the store had no version of exactly these characters.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::OnceLock;

use crate::backends::store::{Store, Version};
use crate::base::version::{may_begin_one, start, telling_apart};
use crate::base::{Error, OneLine, Place, Result};

/// How many versions that begin alike are shown.
const SHOWN: usize = 8;

/// An old version, however often it is read: what somebody writes meanwhile may begin
/// alike.
#[derive(Debug)]
pub(crate) struct Old<'a> {
    /// The version, or its first characters.
    pub(crate) given: &'a str,
    /// The version, once it is known.
    pub(crate) whole: OnceLock<String>,
}

impl<'a> Old<'a> {
    pub(crate) fn new(given: &'a str) -> Self {
        let whole = OnceLock::new();
        Self { given, whole }
    }
}

/// The version that a text begins, from the list of all versions of a name. Etags
/// are never matched by their beginning.
pub(crate) async fn whole(store: &dyn Store, place: &Place, given: &str) -> Result<String> {
    let missing = || Error::Missing {
        place: place.clone(),
        version: Some(given.to_owned()),
    };
    if !may_begin_one(given) {
        return Err(missing());
    }
    let versions = match store.versions(place).await {
        Err(error) if error.is_denied() => {
            let hint =
                "give the whole version: finding it by its beginning needs s3:ListBucketVersions";
            return Err(no_version(place, missing().to_string(), hint.into()));
        }
        versions => versions?,
    };
    if versions.is_empty() {
        return Err(Error::Missing {
            place: place.clone(),
            version: None,
        });
    }
    let is_given = |version: &&Version| version.version == given;
    let begins = |version: &&Version| !version.etag && version.version.starts_with(given);
    let mut found: Vec<&Version> = versions.iter().filter(is_given).collect();
    if found.is_empty() {
        found = versions.iter().filter(begins).collect();
    }
    // Where one stands twice, a record is meant rather than a removal.
    let records = found.iter().filter(|version| !version.deleted);
    let records: HashSet<&str> = records.map(|version| &*version.version).collect();
    found.retain(|version| !version.deleted || !records.contains(&*version.version));
    let mut seen = HashSet::new();
    found.retain(|version| seen.insert(&*version.version));
    match found[..] {
        [] => Err(missing()),
        [removal] if removal.deleted => Err(is_removal(place, removal)),
        [version] => Ok(version.version.clone()),
        _ => Err(ambiguous(place, given, &found)),
    }
}

fn is_removal(place: &Place, removal: &Version) -> Error {
    let name = place.name.argument();
    no_version(
        place,
        format!(
            "version `{}` of {place} is a removal, which has no secret",
            OneLine(&removal.version)
        ),
        format!(
            "`lazycred history {name}` shows the versions; `lazycred rm {name}` removes the secret"
        ),
    )
}

fn no_version(place: &Place, message: String, hint: String) -> Error {
    Error::NoVersion {
        place: place.clone(),
        message,
        hint: Some(hint),
    }
}

/// The error that shows the versions that begin alike, newest first.
fn ambiguous(place: &Place, given: &str, found: &[&Version]) -> Error {
    let length = telling_apart(found.iter().map(|version| &*version.version));
    let mut message = format!(
        "`{}` matches {} versions of {place}:",
        OneLine(given),
        found.len()
    );
    for (at, version) in found.iter().take(SHOWN).enumerate() {
        let joint = if at == 0 { "" } else { "," };
        let short = start(&version.version, length);
        let removal = if version.deleted { " (a removal)" } else { "" };
        write!(message, "{joint} {}{removal}", OneLine(short)).expect("a String takes everything");
    }
    if found.len() > SHOWN {
        write!(message, " and {} more", found.len() - SHOWN).expect("a String takes everything");
    }
    let name = place.name.argument();
    let hint = format!("give more of its characters; `lazycred history {name}` shows all of them");
    Error::usage_hint(message, hint)
}

/// An error about a record, with the version that it is about.
pub(crate) fn of_version(mut error: Error, version: &str) -> Error {
    if let Error::Damaged {
        place,
        message,
        hint,
    }
    | Error::NoRecord {
        place,
        message,
        hint,
    } = &mut error
    {
        *message = format!("version `{}`: {message}", OneLine(version));
        let name = &place.name;
        hint.get_or_insert_with(|| {
            let other = name.command("rollback", "--to VERSION");
            let name = name.argument();
            format!("`{other}` restores another of those that `lazycred history {name}` shows")
        });
    }
    error
}
