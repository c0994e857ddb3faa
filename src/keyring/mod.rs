//! Wraps and unwraps data keys, and knows no records.
//!
//! A keyring sees the 44 characters of a data key and the context that they
//! are bound to; the secret itself never comes here.

mod kms;
mod local;
mod memory;

use std::collections::BTreeMap;
use std::fmt;

pub(crate) use kms::{Accounts, KmsKeyring};
pub(crate) use local::{LocalKeyring, create_key_file};
pub(crate) use memory::MemoryKeyring;

use crate::envelope::DataKey;
use crate::error::Result;
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
    /// Wraps a data key, for the record at `place`.
    fn wrap<'a>(
        &'a self,
        place: &'a Place,
        data_key: &'a DataKey,
        context: &'a Context,
    ) -> Step<'a, Result<Vec<u8>>>;

    /// Unwraps the data key of the record at `place`.
    fn unwrap<'a>(
        &'a self,
        place: &'a Place,
        wrapped: &'a [u8],
        context: &'a Context,
    ) -> Step<'a, Result<DataKey>>;
}
