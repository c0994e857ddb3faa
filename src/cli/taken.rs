//! What to do about a name that is taken.

use crate::Error;

/// A conflict with a hint, unless it has one already; any other error is unchanged.
pub(super) fn hinted(mut error: Error, remedy: &str) -> Error {
    if let Error::Conflict {
        action: "store",
        hint: hint @ None,
        ..
    } = &mut error
    {
        *hint = Some(remedy.to_owned());
    }
    error
}
