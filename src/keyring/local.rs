//! A wrapping key in a file of this machine, for work without AWS.
//!
//! The file holds a Fernet key as 44 characters. What it wraps starts with its
//! name, so that a record says which key file it needs; a context is sealed
//! in together with the data key.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Context, Keyring, LOCAL_MARK};
use crate::envelope::{self, DataKey};
use crate::error::{Error, Result};
use crate::name::{OneLine, Place};
use crate::secret::Secret;
use crate::store::Step;

/// The wrapping key `local:NAME`.
#[derive(Debug)]
pub(crate) struct LocalKeyring {
    name: String,
    file: PathBuf,
}

impl LocalKeyring {
    /// The wrapping key in `DATA_HOME/lazycred/NAME.key`, not read yet.
    pub(crate) fn new(name: &str, data_home: &Path) -> Self {
        Self {
            name: name.to_owned(),
            file: data_home.join("lazycred").join(format!("{name}.key")),
        }
    }

    /// Where the wrapping key lies.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    fn read(&self) -> Result<DataKey> {
        let shown = self.file.display();
        let text = fs::read(&self.file).map(Zeroizing::new).map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound {
                Error::usage_hint(
                    format!("the wrapping key `local:{}` is not there: no file `{shown}`", self.name),
                    "`lazycred init --local` makes one; to read what is stored already, copy the file that wrote it",
                )
            } else {
                Error::io(format!("read the wrapping key `{shown}`"), error)
            }
        })?;
        DataKey::parse(text.trim_ascii()).ok_or_else(|| {
            Error::usage(format!(
                "`{shown}` is no wrapping key: it must hold 44 characters of URL-safe base64"
            ))
        })
    }

    fn unwrap_bytes(&self, place: &Place, wrapped: &[u8], context: &Context) -> Result<DataKey> {
        let needs = |what: String, key_alias: &str| Error::Damaged {
            place: place.clone(),
            message: format!(
                "its data key is wrapped by {what}, and the configuration has `local:{}`",
                self.name
            ),
            hint: Some(format!("`key_alias` must be {key_alias} to open it")),
        };
        let Some(rest) = wrapped.strip_prefix(LOCAL_MARK) else {
            return Err(needs("AWS KMS".into(), "its wrapping key's alias"));
        };
        let text = String::from_utf8_lossy(rest);
        let (name, token) = text.split_once(':').unwrap_or((&text, ""));
        if name != self.name {
            let name = OneLine(name);
            return Err(needs(
                format!("the local wrapping key `local:{name}`"),
                &format!("`local:{name}`"),
            ));
        }
        unwrap(&self.read()?, token, context).ok_or_else(|| Error::Damaged {
            place: place.clone(),
            message: format!("`local:{name}` does not open its data key: another file of that name wrapped it, or it was changed"),
            hint: Some(format!("copy the `{name}.key` that wrote it to `{}`", self.file.display())),
        })
    }
}

impl Keyring for LocalKeyring {
    fn wrap<'a>(
        &'a self,
        _: &'a Place,
        data_key: &'a DataKey,
        context: &'a Context,
    ) -> Step<'a, Result<Vec<u8>>> {
        Box::pin(async move {
            let token = wrap(&self.read()?, data_key, context);
            Ok([LOCAL_MARK, self.name.as_bytes(), b":", token.as_bytes()].concat())
        })
    }

    fn unwrap<'a>(
        &'a self,
        place: &'a Place,
        wrapped: &'a [u8],
        context: &'a Context,
    ) -> Step<'a, Result<DataKey>> {
        Box::pin(async move { self.unwrap_bytes(place, wrapped, context) })
    }
}

/// What a wrapping key seals where there is a context; members in this order.
#[derive(Serialize)]
struct Bound<'a> {
    context: &'a Context,
    key: &'a str,
}

#[derive(Deserialize)]
struct BoundOwned {
    context: BTreeMap<String, String>,
    key: String,
}

/// A data key under a local wrapping key, as a Fernet token.
pub(super) fn wrap(wrapping_key: &DataKey, data_key: &DataKey, context: &Context) -> String {
    if context.is_empty() {
        return envelope::seal(wrapping_key, &Secret::from(data_key.as_bytes()));
    }
    let bound = Bound {
        context,
        key: data_key.as_str(),
    };
    let bound = serde_json::to_vec(&bound).expect("text is always JSON");
    envelope::seal(wrapping_key, &Secret::new(bound))
}

/// The data key again, if the wrapping key and the context are the same.
pub(super) fn unwrap(wrapping_key: &DataKey, token: &str, context: &Context) -> Option<DataKey> {
    let opened = envelope::open(wrapping_key, token).ok()?;
    if context.is_empty() {
        return DataKey::parse(opened.as_bytes());
    }
    let bound: BoundOwned = serde_json::from_slice(opened.as_bytes()).ok()?;
    let data_key = Zeroizing::new(bound.key);
    (&bound.context == context).then(|| DataKey::parse(data_key.as_bytes()))?
}

/// Makes the file of a local wrapping key, unless there is one; says whether it did.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be written.
pub(crate) fn create_key_file(keyring: &LocalKeyring) -> Result<bool> {
    let path = keyring.file();
    let failed = |error| {
        Error::io(
            format!("write the wrapping key `{}`", path.display()),
            error,
        )
    };
    if path.exists() {
        keyring.read()?;
        return Ok(false);
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(failed)?;
    let written = || {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(DataKey::generate().as_bytes())?;
        file.as_file().sync_all()?;
        match file.persist_noclobber(path) {
            Ok(_) => {}
            // Another process made it meanwhile, and that one counts.
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
            Err(error) => return Err(error.error),
        }
        File::open(folder)?.sync_all()?;
        Ok(true)
    };
    written().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::ObjectPath;

    fn place() -> Place {
        Place {
            name: "db".parse().unwrap(),
            path: ObjectPath::new("file:///s/", "db"),
        }
    }

    fn keyring(name: &str) -> (tempfile::TempDir, LocalKeyring) {
        let folder = tempfile::tempdir().unwrap();
        let keyring = LocalKeyring::new(name, folder.path());
        assert!(create_key_file(&keyring).unwrap());
        assert!(!create_key_file(&keyring).unwrap());
        (folder, keyring)
    }

    #[test]
    fn a_wrapped_data_key_opens_with_the_same_context_only() {
        let wrapping_key = DataKey::generate();
        let data_key = DataKey::generate();
        let context = |value: &str| Context::from([("lazycred:path".to_owned(), value.to_owned())]);
        let bound = wrap(&wrapping_key, &data_key, &context("a"));
        let free = wrap(&wrapping_key, &data_key, &Context::new());
        let opens =
            |token: &str, context: &Context| unwrap(&wrapping_key, token, context).is_some();
        assert!(opens(&bound, &context("a")) && opens(&free, &Context::new()));
        assert!(!opens(&bound, &context("b")) && !opens(&bound, &Context::new()));
        assert!(!opens(&free, &context("a")));
    }

    #[test]
    fn a_record_of_another_wrapping_key_says_which_it_needs() {
        let (_folder, keyring) = keyring("dev");
        let message = |wrapped: &[u8]| {
            let error = keyring
                .unwrap_bytes(&place(), wrapped, &Context::new())
                .unwrap_err();
            assert_eq!(error.exit_code(), 4);
            error.to_string()
        };
        assert!(message(b"\x01\x02").contains("wrapped by AWS KMS"));
        assert!(message(b"lazycred-local:prod:gAAA").contains("`local:prod`"));
        assert!(message(b"lazycred-local:dev:gAAA").contains("`local:dev` does not open"));
    }

    #[test]
    fn the_key_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, keyring) = keyring("dev");
        let about = fs::metadata(keyring.file()).unwrap();
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
        assert_eq!(about.len(), 44);
    }
}
