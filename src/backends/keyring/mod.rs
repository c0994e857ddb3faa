//! Wraps and unwraps data keys, without knowledge of records.
//!
//! A keyring sees the 44 characters of a data key and the context that they are
//! bound to, never the secret itself.

mod key_file;
mod kms;
mod local;
mod memory;

use std::fmt;

pub use key_file::{create_key_file, key_file};
pub use kms::WrappingKey;
pub(crate) use kms::{create, describe, look_up, of_kms, point, rotate, rotation};
pub(crate) use local::of_file;
pub(crate) use memory::MemoryKeyring;

use futures_util::future::BoxFuture;

use crate::base::{Error, Place, Result};
use crate::config::WrappingKeyId;
use crate::record::Context;
use crate::record::fernet::DataKey;

/// What starts everything that a local wrapping key has wrapped.
pub(crate) const LOCAL_MARK: &[u8] = b"lazycred-local:";

/// Something that wraps data keys.
pub(crate) trait Keyring: fmt::Debug + Send + Sync {
    /// Opens connections for this many simultaneous requests, if any are needed.
    fn dial_ahead(&self, _connections: usize) {}

    /// Closes all connections: their buffers hold data keys.
    fn hang_up(&self) {}

    /// Wraps a data key, for the record at `place`.
    fn wrap<'a>(
        &'a self,
        place: &'a Place,
        data_key: &'a DataKey,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Vec<u8>>>;

    /// Unwraps the data key of the record at `place`: under the configured
    /// wrapping key, one named beside it, or `from`.
    fn unwrap<'a>(
        &'a self,
        place: &'a Place,
        wrapped: &'a [u8],
        context: &'a Context,
        from: Option<&'a WrappingKeyId>,
    ) -> BoxFuture<'a, Result<DataKey>>;

    /// Wraps a data key again without revealing it to the caller.
    fn rewrap<'a>(&'a self, order: Rewrap<'a>) -> BoxFuture<'a, Result<Rewrapped>>;
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

/// A wrapping key of the kind that the configuration does not have.
fn other_kind(id: &WrappingKeyId, configured: &str) -> Error {
    Error::usage_hint(
        format!("`{id}` is another kind of wrapping key than {configured}, which is configured"),
        "a data key goes from KMS to KMS, or from one local wrapping key to another",
    )
}
