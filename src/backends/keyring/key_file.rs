//! The file of a local wrapping key: where it is, and creating it.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::local::LocalKeyring;
use crate::backends::whole_file::{Taken, WholeFile};
use crate::base::{Error, Result};
use crate::config::WrappingKeyId;
use crate::record::fernet::DataKey;

/// The file of a local wrapping key, `DATA_HOME/lazycred/NAME.key`; `None` for one
/// in KMS.
///
/// # Examples
///
/// ```
/// let id = "local:dev".parse()?;
/// let file = lazycred::setup::key_file(&id, "/srv".as_ref());
/// assert_eq!(file, Some("/srv/lazycred/dev.key".into()));
/// # Ok::<(), lazycred::Error>(())
/// ```
#[must_use]
pub fn key_file(id: &WrappingKeyId, data_home: &Path) -> Option<PathBuf> {
    let name = id.local_name()?;
    Some(LocalKeyring::new(name, data_home).file)
}

/// Creates the file of a local wrapping key, readable by its owner only. Returns its
/// path; `None` if there already is one, and for a wrapping key in KMS.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be written, [`Error::Usage`] if the file that is
/// already there is not a wrapping key.
///
/// # Examples
///
/// ```no_run
/// let created = lazycred::setup::create_key_file(&"local:dev".parse()?, "/srv".as_ref())?;
/// assert_eq!(created, Some("/srv/lazycred/dev.key".into()));
/// # Ok::<(), lazycred::Error>(())
/// ```
pub fn create_key_file(id: &WrappingKeyId, data_home: &Path) -> Result<Option<PathBuf>> {
    let Some(name) = id.local_name() else {
        return Ok(None);
    };
    let keyring = LocalKeyring::new(name, data_home);
    let path = keyring.file.as_path();
    let failed = |error| {
        Error::io(
            format!("write the wrapping key `{}`", path.display()),
            error,
        )
    };
    if path.exists() {
        keyring.read(name)?;
        return Ok(None);
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    make_folders(folder).map_err(failed)?;
    let written = || {
        let wrapping_key = DataKey::generate();
        let file = WholeFile {
            // If another process has created it meanwhile, that one counts.
            taken: Taken::Keep,
            ..WholeFile::private(wrapping_key.as_bytes())
        };
        file.write(File::open(folder)?, path.file_name().unwrap_or_default())
    };
    let made = written().map_err(failed)?;
    Ok(made.then(|| path.to_owned()))
}

/// Creates folders with mode 0700, whatever the umask.
fn make_folders(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    folder.parent().map_or(Ok(()), make_folders)?;
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => fs::set_permissions(folder, Permissions::from_mode(0o700)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}
