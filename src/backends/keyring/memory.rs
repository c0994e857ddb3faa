//! A wrapping key in memory, for examples and tests.

use super::{Keyring, Rewrap, Rewrapped, local, other_kind};
use crate::backends::Pending;
use crate::base::{Error, Place, Result};
use crate::config::WrappingKeyId;
use crate::record::Context;
use crate::record::fernet::DataKey;

/// A wrapping key that is lost when the process ends.
#[derive(Debug)]
pub(crate) struct MemoryKeyring(DataKey);

impl MemoryKeyring {
    pub(crate) fn new() -> Self {
        Self(DataKey::generate())
    }

    fn open(&self, place: &Place, wrapped: &[u8], context: &Context) -> Result<DataKey> {
        let token = std::str::from_utf8(wrapped).unwrap_or_default();
        local::unwrap(&self.0, token, context).ok_or_else(|| {
            let message = "its data key was wrapped by another process, or was changed";
            Error::damaged(place, message)
        })
    }
}

impl Keyring for MemoryKeyring {
    fn wrap<'a>(
        &'a self,
        _: &'a Place,
        data_key: &'a DataKey,
        context: &'a Context,
    ) -> Pending<'a, Vec<u8>> {
        Box::pin(async move { Ok(local::wrap(&self.0, data_key, context).into_bytes()) })
    }

    fn unwrap<'a>(
        &'a self,
        place: &'a Place,
        wrapped: &'a [u8],
        context: &'a Context,
        _: Option<&'a WrappingKeyId>,
    ) -> Pending<'a, DataKey> {
        Box::pin(async move { self.open(place, wrapped, context) })
    }

    fn rewrap<'a>(&'a self, order: Rewrap<'a>) -> Pending<'a, Rewrapped> {
        Box::pin(async move {
            if let Some(to) = order.to {
                return Err(other_kind(to, "the one in memory"));
            }
            let data_key = self.open(order.place, order.wrapped, order.before)?;
            let wrapped = local::wrap(&self.0, &data_key, order.after).into_bytes();
            Ok(Rewrapped {
                wrapped,
                moved: false,
            })
        })
    }
}
