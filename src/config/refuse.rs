//! Values that no setting may have, and settings that a file found by the walk may
//! not give.

use std::path::{Component, Path};

use super::address::StoreAddress;
use super::region::is_region;
use super::settings::Settings;
use crate::base::{Error, OneLine, Result, shell_word};

/// How much of an invalid value is shown, in characters.
pub(super) const SHOWN: usize = 64;

/// Refuses control characters, which a setting only contains by mistake, such as a
/// foreign line ending.
///
/// # Errors
///
/// [`Error::Usage`] if the text contains a control character.
///
/// # Examples
///
/// ```
/// assert!(lazycred::config::refuse_control("--region", "eu-west-1\r").is_err());
/// ```
pub fn refuse_control(source: &str, text: &str) -> Result<()> {
    if !text.contains(char::is_control) {
        return Ok(());
    }
    Err(Error::usage_hint(
        format!(
            "{source} is `{}`, which contains a control character",
            OneLine(text)
        ),
        "remove it; a `\\r` at the end comes from a file with DOS line endings",
    ))
}

/// Refuses an invalid region.
///
/// # Errors
///
/// [`Error::Usage`] if it is not one by its form.
///
/// # Examples
///
/// ```
/// assert!(lazycred::config::refuse_no_region("eu_west", "--region").is_err());
/// ```
pub fn refuse_no_region(region: &str, source: &str) -> Result<()> {
    if is_region(region) {
        return Ok(());
    }
    let region: String = region.chars().take(SHOWN).collect();
    Err(Error::usage_hint(
        format!(
            "`{}`, from {source}, is not a valid region",
            OneLine(region)
        ),
        "use letters, digits and `-`, as in `eu-west-1`",
    ))
}

/// Refuses the settings that are accepted only from a file that the user named, or from
/// the home folder: anyone may have put the file there that the walk came to.
pub(super) fn refuse_from_walk(
    settings: &Settings,
    path: &str,
    environment: Option<&str>,
) -> Result<()> {
    let Some(refused) = refused_from_walk(settings)? else {
        return Ok(());
    };
    let shown = OneLine(path);
    let refused = match environment {
        Some(name) => format!("{refused}, in environment `{}`,", OneLine(name)),
        None => refused.to_owned(),
    };
    Err(Error::usage_hint(
        format!(
            "`{shown}` was found by searching; {refused} is accepted only from a file that you name"
        ),
        accepted_by(path),
    ))
}

/// The first such setting, in words.
pub(super) fn refused_from_walk(settings: &Settings) -> Result<Option<&'static str>> {
    let address = settings.address().transpose()?;
    let wrapping_key = settings.wrapping_key().transpose()?;
    Ok(if wrapping_key.is_some_and(|id| id.is_arn()) {
        Some("an ARN as `key_alias`")
    } else if matches!(&address, Some(StoreAddress::Folder(folder)) if leaves(folder)) {
        Some("a `file:` path that is absolute or has `..`")
    } else if settings.key_accounts.iter().flatten().next().is_some() {
        Some("`key_accounts`")
    } else if settings.keys.iter().flatten().next().is_some() {
        Some("`keys`")
    } else if settings.profile.is_some() {
        Some("`profile`")
    } else {
        None
    })
}

fn leaves(folder: &Path) -> bool {
    folder
        .components()
        .any(|part| !matches!(part, Component::Normal(_) | Component::CurDir))
}

/// How a user accepts a file, quoted for a shell.
pub(super) fn accepted_by(path: &str) -> String {
    let path = shell_word(path);
    format!("to trust it: LAZYCRED_CONFIG={path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_below_its_own_is_accepted_from_a_file_found_by_the_walk() {
        let settings = Settings {
            s3_path: Some("file:./a/b/".into()),
            ..Settings::default()
        };
        assert!(refuse_from_walk(&settings, "/p/.lazycred", None).is_ok());
    }
}
