//! A wrapping key in a local file, for work without AWS.
//!
//! The file contains a Fernet key as 44 characters. A wrapped data key starts
//! with the wrapping key's name, so that a record tells which file it needs. A
//! context is sealed together with the data key.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Keyring, LOCAL_MARK, Rewrap, Rewrapped, other_kind};
use crate::backends::Pending;
use crate::base::{Error, Place, Result, Secret, base64, wipe};
use crate::config::small_file;
use crate::config::{Config, WrappingKeyId, is_local_name};
use crate::record::Context;
use crate::record::fernet::{DataKey, open, seal};

/// The name that `init --local` uses by default.
const DEFAULT: &str = "dev";

/// The size limit of a wrapping key file, in bytes.
const LARGEST: usize = 4096;

/// The wrapping key `local:NAME`.
#[derive(Debug)]
pub(crate) struct LocalKeyring {
    name: String,
    pub(super) file: PathBuf,
    /// Further ones accepted for a record with a context.
    more: Vec<String>,
}

impl LocalKeyring {
    /// The wrapping key in `DATA_HOME/lazycred/NAME.key`, not read yet.
    pub(crate) fn new(name: &str, data_home: &Path) -> Self {
        Self {
            name: name.to_owned(),
            file: data_home.join("lazycred").join(format!("{name}.key")),
            more: Vec::new(),
        }
    }

    /// Also accepts further wrapping keys for a record with a context.
    pub(crate) fn accepting(self, more: &[WrappingKeyId]) -> Result<Self> {
        let more = more.iter().map(|id| self.local_name(id).map(str::to_owned));
        let more = more.collect::<Result<_>>()?;
        Ok(Self { more, ..self })
    }

    fn local_name<'a>(&self, id: &'a WrappingKeyId) -> Result<&'a str> {
        let configured = || format!("`local:{}`", self.name);
        id.local_name().ok_or_else(|| other_kind(id, &configured()))
    }

    pub(super) fn read(&self, name: &str) -> Result<DataKey> {
        wipe::begin();
        let file = self.file.with_file_name(format!("{name}.key"));
        let shown = file.display();
        let text = read_small(&file).map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound {
                let of_name = match name {
                    DEFAULT => String::new(),
                    _ => format!(" --key-alias local:{name}"),
                };
                Error::usage_hint(
                    format!("the wrapping key `local:{name}` does not exist: no file `{shown}`"),
                    format!(
                        "copy there the `{name}.key` that wrapped these records; only for a new store, create one with `lazycred init --local{of_name}` in an empty folder"
                    ),
                )
            } else {
                Error::io(format!("read the wrapping key `{shown}`"), error)
            }
        })?;
        DataKey::parse_exactly(text.trim_ascii()).ok_or_else(|| {
            Error::usage(format!(
                "`{shown}` is not a wrapping key file: it must contain exactly 44 characters of URL-safe base64"
            ))
        })
    }

    fn seal(&self, name: &str, data_key: &DataKey, context: &Context) -> Result<Vec<u8>> {
        let token = wrap(&self.read(name)?, data_key, context);
        Ok([LOCAL_MARK, name.as_bytes(), b":", token.as_bytes()].concat())
    }

    /// The data key, and its wrapping key's name.
    fn open<'a>(
        &self,
        place: &Place,
        wrapped: &'a [u8],
        context: &Context,
        from: Option<&WrappingKeyId>,
    ) -> Result<(DataKey, &'a str)> {
        let from = from.map(|id| self.local_name(id)).transpose()?;
        let needs = |what: String, hint: String| Error::Damaged {
            place: place.clone(),
            message: format!(
                "its data key is wrapped by {what}, but `local:{}` is configured",
                self.name
            ),
            hint: Some(hint),
        };
        let Some(rest) = wrapped.strip_prefix(LOCAL_MARK) else {
            let hint = "set `key_alias` to its wrapping key's alias to open it";
            return Err(needs("AWS KMS".into(), hint.into()));
        };
        let parts = rest.iter().position(|byte| *byte == b':');
        let (name, token) = rest.split_at(parts.unwrap_or(rest.len()));
        let name = str::from_utf8(name).ok().filter(|name| is_local_name(name));
        let (Some(name), [b':', token @ ..]) = (name, token) else {
            let message = "its `key` does not name a local wrapping key";
            return Err(Error::damaged(place, message));
        };
        let named_beside = || !context.is_empty() && self.more.iter().any(|more| more == name);
        if name != self.name && from != Some(name) && !named_beside() {
            return Err(needs(
                format!("the local wrapping key `local:{name}`"),
                format!(
                    "set `key_alias` to `local:{name}` if records were moved there; an old version opens with `--from local:{name}`"
                ),
            ));
        }
        let token = exact(token).ok_or_else(|| {
            let message = "it fails authentication: its `key` was changed after";
            Error::damaged(place, format!("{message} `local:{name}` wrapped it"))
        })?;
        let wrapping_key = self.read(name)?;
        let data_key = unwrap(&wrapping_key, token, context).ok_or_else(|| Error::Damaged {
            place: place.clone(),
            message: format!("it fails authentication: `local:{name}` does not open its data key; another file of that name wrapped it, or the record was changed or moved"),
            hint: Some(format!("if the record is intact, copy the `{name}.key` that wrapped its data key to `{}`", self.file.with_file_name(format!("{name}.key")).display())),
        })?;
        Ok((data_key, name))
    }
}

impl Keyring for LocalKeyring {
    fn wrap<'a>(
        &'a self,
        _: &'a Place,
        data_key: &'a DataKey,
        context: &'a Context,
    ) -> Pending<'a, Vec<u8>> {
        Box::pin(async move { self.seal(&self.name, data_key, context) })
    }

    fn unwrap<'a>(
        &'a self,
        place: &'a Place,
        wrapped: &'a [u8],
        context: &'a Context,
        from: Option<&'a WrappingKeyId>,
    ) -> Pending<'a, DataKey> {
        Box::pin(async move {
            let (data_key, _) = self.open(place, wrapped, context, from)?;
            Ok(data_key)
        })
    }

    fn rewrap<'a>(&'a self, order: Rewrap<'a>) -> Pending<'a, Rewrapped> {
        Box::pin(async move {
            let to = order.to.map(|id| self.local_name(id)).transpose()?;
            let to = to.unwrap_or(&self.name);
            let open = |from| self.open(order.place, order.wrapped, order.before, from);
            // An interrupted rekey may have moved it already.
            let (data_key, under) =
                open(order.from).or_else(|error| open(order.to).map_err(|_| error))?;
            Ok(Rewrapped {
                wrapped: self.seal(to, &data_key, order.after)?,
                moved: under != to,
            })
        })
    }
}

/// The keyring of the configured local wrapping key.
pub(crate) fn of_file(name: &str, config: &Config) -> Result<LocalKeyring> {
    let Some(data_home) = &config.data_home else {
        return Err(Error::usage_hint(
            format!(
                "no folder for the wrapping key `local:{name}`: neither XDG_DATA_HOME nor HOME is set"
            ),
            "set HOME, or set XDG_DATA_HOME to the folder that contains `lazycred/`",
        ));
    };
    LocalKeyring::new(name, data_home).accepting(&config.more_wrapping_keys)
}

/// A token in its canonical form; Fernet's lenient readers accept extra bytes.
fn exact(token: &[u8]) -> Option<&str> {
    let token = str::from_utf8(token).ok()?;
    (base64::canonical_url_safe(token)? == token).then_some(token)
}

/// The plaintext if there is a context; its members are in this order.
#[derive(Serialize)]
struct Bound<'a> {
    context: &'a Context,
    key: &'a str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BoundOwned {
    context: BTreeMap<String, String>,
    key: String,
}

/// A data key under a local wrapping key, as a Fernet token.
pub(super) fn wrap(wrapping_key: &DataKey, data_key: &DataKey, context: &Context) -> String {
    if context.is_empty() {
        return seal(wrapping_key, &Secret::from(data_key.as_bytes()));
    }
    let bound = Bound {
        context,
        key: data_key.as_str(),
    };
    let bound = serde_json::to_vec(&bound).expect("text is always JSON");
    seal(wrapping_key, &Secret::new(bound))
}

/// The data key, if the wrapping key and the context are the same.
pub(super) fn unwrap(wrapping_key: &DataKey, token: &str, context: &Context) -> Option<DataKey> {
    let opened = open(wrapping_key, token).ok()?;
    if context.is_empty() {
        return DataKey::parse(opened.as_bytes());
    }
    let bound: BoundOwned = serde_json::from_slice(opened.as_bytes()).ok()?;
    let data_key = Zeroizing::new(bound.key);
    (&bound.context == context).then(|| DataKey::parse_exactly(data_key.as_bytes()))?
}

/// Reads a small regular file, without waiting for anyone.
fn read_small(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let file = small_file::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    small_file::read(&file, LARGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn what_is_wrapped_is_the_44_characters_or_they_and_their_context() {
        let (wrapping_key, data_key) = (DataKey::generate(), DataKey::generate());
        let sealed = |context: &Context| {
            let token = wrap(&wrapping_key, &data_key, context);
            let opened = open(&wrapping_key, &token).unwrap();
            String::from_utf8(opened.as_bytes().to_vec()).unwrap()
        };
        assert_eq!(sealed(&Context::new()), data_key.as_str());
        let pair = |name: &str| (name.to_owned(), "v\"".to_owned());
        let context = Context::from([pair("b"), pair("a")]);
        let expected = format!(
            r#"{{"context":{{"a":"v\"","b":"v\""}},"key":"{}"}}"#,
            data_key.as_str()
        );
        assert_eq!(sealed(&context), expected);
    }
}
