//! Values that no setting may have, whatever its source.

use crate::base::{Error, OneLine, Result};

/// How much of an invalid value is shown, in characters.
pub(super) const SHOWN: usize = 64;

/// The error for an invalid setting, with its source.
pub(super) fn of(source: &str, error: Error) -> Error {
    match error {
        Error::Usage { message, hint } => Error::Usage {
            message: format!("{source}: {message}"),
            hint,
        },
        other => other,
    }
}

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

/// Whether text can be part of a host name, as a region must be.
pub(crate) fn is_region(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(plain)
}

/// Refuses an invalid region.
pub(super) fn refuse_no_region(region: &str, source: &str) -> Result<()> {
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
