//! What to do with a text that could not be stored and is kept in a file.

use std::path::Path;

use super::Error;
use crate::base::name::SecretName;
use crate::base::text::shell_word;

/// The hint of the cause, or how to store the file.
pub(super) fn hint(name: &SecretName, file: &Path, cause: &Error) -> String {
    cause.hint().unwrap_or_else(|| {
        let file = shell_word(&file.to_string_lossy());
        let name = name.argument();
        format!("`lazycred put {name} {file}` stores it as it is; then remove the file")
    })
}
