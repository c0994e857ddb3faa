//! What to do with a text that could not be stored and is kept in a file.

use std::path::Path;

use super::Error;
use crate::base::name::Place;
use crate::base::text::shell_word;

/// The hint of the cause, or how to store the file.
pub(super) fn hint(file: &Path, cause: &Error) -> String {
    cause.hint().unwrap_or_else(|| {
        let name = place(cause).map(|place| place.name.argument());
        let name = name.unwrap_or_else(|| "NAME".into());
        let file = shell_word(&file.to_string_lossy());
        format!("`lazycred put {name} {file}` stores it as it is; then remove the file")
    })
}

/// The record that an error is about.
fn place(error: &Error) -> Option<&Place> {
    match error {
        Error::Damaged { place, .. }
        | Error::Shape { place, .. }
        | Error::Conflict { place, .. } => Some(place),
        Error::Aws { place, .. } => place.as_ref(),
        _ => None,
    }
}
