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
pub(crate) use kms::{
    create, create_timed_out, describe, look_up, of_kms, point, point_timed_out, rotate, rotation,
};
pub(crate) use local::of_file;
pub(crate) use memory::MemoryKeyring;

use crate::backends::Pending;
use crate::base::{Error, Place};
use crate::config::WrappingKeyId;
use crate::record::Context;
use crate::record::fernet::DataKey;

/// The start of every data key wrapped by a local wrapping key.
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
    ) -> Pending<'a, Vec<u8>>;

    /// Unwraps the data key of the record at `place`, under the configured
    /// wrapping key, a further one, or `from`.
    fn unwrap<'a>(
        &'a self,
        place: &'a Place,
        wrapped: &'a [u8],
        context: &'a Context,
        from: Option<&'a WrappingKeyId>,
    ) -> Pending<'a, DataKey>;

    /// The name that a wrapping key has, however it is called.
    fn real_name<'a>(&'a self, id: &'a WrappingKeyId) -> Pending<'a, String> {
        Box::pin(async move { Ok(id.to_string()) })
    }

    /// Wraps a data key again without revealing it to the caller.
    fn rewrap<'a>(&'a self, order: Rewrap<'a>) -> Pending<'a, Rewrapped>;
}

/// A wrapped data key, and how to wrap it again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rewrap<'a> {
    /// Whose data key it is.
    pub(crate) place: &'a Place,
    pub(crate) wrapped: &'a [u8],
    /// What it is bound to.
    pub(crate) before: &'a Context,
    /// What it will be bound to.
    pub(crate) after: &'a Context,
    /// A wrapping key that it may be under, besides the configured ones.
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

/// The error for a wrapping key of a kind that is not configured.
fn other_kind(id: &WrappingKeyId, configured: &str) -> Error {
    Error::usage_hint(
        format!("`{id}` and the configured {configured} are different kinds of wrapping key"),
        "a data key can be rewrapped from KMS to KMS, or from one local wrapping key to another",
    )
}
