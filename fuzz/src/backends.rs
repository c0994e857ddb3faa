//! Of the stores, what names a folder can keep.

#[path = "../../src/backends/store/folder/names.rs"]
mod names;

use std::path::Path;

use crate::base::{Place, Result, SecretName};

/// The place of a name in a folder, the folders above its record, and its file's name.
pub(crate) fn in_folder(name: &SecretName) -> Result<(Place, String, String)> {
    let place = names::place(Path::new("/srv/secrets"), name)?;
    let (above, file) = names::split(&place);
    let (above, file) = (above.to_owned(), file.to_owned());
    Ok((place, above, file))
}
