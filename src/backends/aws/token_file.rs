//! Files that hold a token, named by a variable or a profile.
//!
//! No message contains a token.

use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use super::fault::CredentialsFault;
use super::variables::unfit;
use crate::base::OneLine;
use crate::config::small_file;

/// The size limit of a token, in bytes. STS takes 20000 characters.
const LARGEST: usize = 64 << 10;

/// A token without the line end after it. `by` is the variable or member that names
/// the file, and `writer` whoever should have written it.
pub(super) fn read(
    file: &Path,
    by: &str,
    writer: &str,
) -> Result<Zeroizing<String>, CredentialsFault> {
    let shown = OneLine(file.to_string_lossy());
    let wrong = |what: &str| {
        CredentialsFault::new(
            format!("the token file `{shown}`, named by {by}, {what}"),
            format!("{writer} must write it; elsewhere, unset what names it"),
        )
    };
    let bytes = small_file::open(file).and_then(|file| small_file::read(&file, LARGEST));
    let bytes = bytes.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => wrong("does not exist"),
        _ => wrong(&format!("cannot be read: {error}")),
    })?;
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong("is not UTF-8"))?;
    let token = text.trim_end_matches(['\r', '\n']);
    if token.trim().is_empty() {
        return Err(wrong("is empty"));
    }
    if let Some(what) = unfit(token, true).filter(|_| token.len() <= LARGEST) {
        return Err(wrong(&what));
    }
    Ok(Zeroizing::new(token.to_owned()))
}
