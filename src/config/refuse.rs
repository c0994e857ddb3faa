//! What no setting may be, wherever it comes from.

use crate::error::{Error, Result};
use crate::name::OneLine;

/// How much of a wrong value is shown, in characters.
pub(super) const SHOWN: usize = 64;

/// A wrong setting, and where it was read.
pub(super) fn of(source: &str, error: Error) -> Error {
    match error {
        Error::Usage { message, hint } => Error::Usage {
            message: format!("{source}: {message}"),
            hint,
        },
        other => other,
    }
}

/// Refuses what no setting holds but by mistake, such as the line end of a file
/// that was written elsewhere.
pub(crate) fn refuse_control(source: &str, text: &str) -> Result<()> {
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

/// Refuses what can be no part of a host's name, as a region must be.
pub(super) fn refuse_no_region(region: &str, source: &str) -> Result<()> {
    let is_label = (1..=63).contains(&region.len())
        && region
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_label {
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
