//! Wraps and unwraps data keys, and knows no records.
//!
//! A keyring sees the 44 characters of a data key and the context that they
//! are bound to; the secret itself never comes here.

mod kms;
mod local;
mod memory;

use std::collections::BTreeMap;
use std::fmt;

pub use kms::WrappingKey;
pub(crate) use kms::{create, describe, look_up, point, rotate, rotation};
pub(crate) use local::LocalKeyring;
pub(crate) use local::create_key_file;
pub(crate) use memory::MemoryKeyring;

use self::kms::{Accounts, KmsKeyring};
use crate::aws::Aws;
use crate::config::{Config, WrappingKeyId};
use crate::envelope::DataKey;
use crate::error::{Error, Result};
use crate::name::Place;
use crate::store::Step;

/// What a wrapped data key is bound to: it opens only with the same again.
///
/// Shape: pairs of text, none for a record of version 1.
pub(crate) type Context = BTreeMap<String, String>;

/// What starts everything that a local wrapping key has wrapped.
pub(crate) const LOCAL_MARK: &[u8] = b"lazycred-local:";

/// Something that wraps data keys.
pub(crate) trait Keyring: fmt::Debug + Send + Sync {
    /// Has connections wait, where any are needed, for so many requests at once.
    fn dial_ahead(&self, _connections: usize) {}

    /// Closes connections, if there are any: their buffers hold data keys.
    fn hang_up(&self) {}

    /// Wraps a data key, for the record at `place`.
    fn wrap<'a>(
        &'a self,
        place: &'a Place,
        data_key: &'a DataKey,
        context: &'a Context,
    ) -> Step<'a, Result<Vec<u8>>>;

    /// Unwraps the data key of the record at `place`: under the configured
    /// wrapping key, one named beside it, or `from`.
    fn unwrap<'a>(
        &'a self,
        place: &'a Place,
        wrapped: &'a [u8],
        context: &'a Context,
        from: Option<&'a WrappingKeyId>,
    ) -> Step<'a, Result<DataKey>>;

    /// Wraps a data key again, which nobody but the keyring sees.
    fn rewrap<'a>(&'a self, order: Rewrap<'a>) -> Step<'a, Result<Rewrapped>>;
}

/// A wrapped data key, and what is to become of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rewrap<'a> {
    /// Whose data key it is.
    pub(crate) place: &'a Place,
    pub(crate) wrapped: &'a [u8],
    /// What it is bound to.
    pub(crate) before: &'a Context,
    /// What it will be bound to.
    pub(crate) after: &'a Context,
    /// A wrapping key that it may be under, beside those that are configured.
    pub(crate) from: Option<&'a WrappingKeyId>,
    /// The wrapping key to wrap it under, instead of the configured one.
    pub(crate) to: Option<&'a WrappingKeyId>,
}

/// A data key, wrapped again.
#[derive(Debug)]
pub(crate) struct Rewrapped {
    pub(crate) wrapped: Vec<u8>,
    /// Whether it was under another wrapping key before.
    pub(crate) moved: bool,
}

/// The keyring of the configured local wrapping key.
///
/// # Errors
///
/// [`Error::Usage`] if no folder is configured for it.
pub(crate) fn of_file(name: &str, config: &Config) -> Result<LocalKeyring> {
    let Some(data_home) = &config.data_home else {
        return Err(Error::usage_hint(
            format!(
                "no folder for the wrapping key `local:{name}`: neither XDG_DATA_HOME nor HOME is set"
            ),
            "set HOME, or XDG_DATA_HOME to the folder that has `lazycred/` in it",
        ));
    };
    LocalKeyring::new(name, data_home).accepting(&config.more_wrapping_keys)
}

/// The keyring of the configured wrapping key in KMS, or of whichever a record
/// names where none is configured.
///
/// # Errors
///
/// [`Error::Usage`] if a local wrapping key is configured beside it.
pub(crate) fn of_kms(aws: Aws, config: &Config) -> Result<KmsKeyring> {
    let of_arn = config
        .wrapping_key
        .as_ref()
        .and_then(WrappingKeyId::account);
    let accounts = Accounts {
        configured: of_arn.map(str::to_owned).or(config.account.clone()),
        more: config.key_accounts.clone(),
        ..Accounts::default()
    };
    KmsKeyring::new(
        aws,
        config.wrapping_key.clone(),
        config.more_wrapping_keys.clone(),
        accounts,
        config.pin_wrapping_key,
    )
}

/// A wrapping key of the kind that the configuration does not have.
fn other_kind(id: &WrappingKeyId, configured: &str) -> Error {
    Error::usage_hint(
        format!("`{id}` is another kind of wrapping key than {configured}, which is configured"),
        "a data key goes from KMS to KMS, or from one local wrapping key to another",
    )
}
