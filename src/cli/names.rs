//! Names of secrets that a user may have mistyped.

use crate::text::OneLine;
use crate::{Error, Result};

/// Refuses a name with a `=`, unless any name is allowed: what follows it may be
/// the secret itself, so it is not repeated.
///
/// # Errors
///
/// [`Error::Usage`].
pub(super) fn check(name: &str, any: bool) -> Result<()> {
    match name.split_once('=') {
        Some((before, _)) if !any => Err(Error::usage_hint(
            format!(
                "`{}=…` is not accepted as a name: what follows the `=` may be a secret",
                OneLine(before)
            ),
            "a secret is never an argument: `put` and `set` read it from a file, standard input or a prompt; --any-name accepts a name that does contain a `=`",
        )),
        _ => Ok(()),
    }
}
