//! Wrapping keys in AWS KMS, which they never leave.
//!
//! Makes the three requests: Encrypt, Decrypt and `ReEncrypt`. `attempts` decides
//! which wrapping keys the last two try and which responses count, `accounts`
//! whose wrapping keys are accepted. `setup` inspects wrapping keys, and `create`
//! creates them.

mod accounts;
mod attempts;
mod create;
mod setup;

use std::collections::HashMap;

use aws_sdk_kms::operation::decrypt::{DecryptError, DecryptOutput};
use aws_sdk_kms::operation::re_encrypt::{ReEncryptError, ReEncryptOutput};
use aws_sdk_kms::primitives::Blob;
use futures_util::future::BoxFuture;
use zeroize::Zeroizing;

pub(crate) use create::{create, create_timed_out, point, point_timed_out};
pub use setup::WrappingKey;
pub(crate) use setup::{describe, look_up, rotate, rotation};

use self::accounts::Accounts;
use self::attempts::{Accepted, Attempts};
use super::{Keyring, LOCAL_MARK, Rewrap, Rewrapped, other_kind};
use crate::backends::Pending;
use crate::backends::aws::{self, Answer, Aws};
use crate::base::{Error, OneLine, Operation, Place, Result, wipe};
use crate::config::{Config, WrappingKeyId};
use crate::record::Context;
use crate::record::fernet::DataKey;

/// The configured wrapping key, and which others are accepted.
#[derive(Debug)]
pub(crate) struct KmsKeyring {
    aws: Aws,
    client: aws_sdk_kms::Client,
    accepted: Accepted,
}

impl KmsKeyring {
    /// The wrapping key to wrap a data key under.
    fn target<'a>(&'a self, chosen: Option<&'a WrappingKeyId>) -> Result<&'a WrappingKeyId> {
        if let Some(chosen) = chosen {
            return in_kms(chosen);
        }
        self.accepted.wrapping_key.as_ref().ok_or_else(|| {
            Error::usage_hint(
                "no wrapping key: writing needs `key_alias`",
                self.accepted.how_to_configure(),
            )
        })
    }

    async fn encrypt(
        &self,
        place: &Place,
        data_key: &DataKey,
        context: &Context,
    ) -> Result<Vec<u8>> {
        wipe::begin();
        let wrapping_key = self.target(None)?;
        let request = || {
            self.client
                .encrypt()
                .key_id(wrapping_key.to_string())
                .plaintext(Blob::new(data_key.as_bytes()))
                .set_encryption_context(pairs(context))
                .send()
        };
        let answer = self.aws.ask("Encrypt", wrapping_key, request).await;
        let output =
            answer.map_err(|error| self.aws.failed(Operation::Wrap, Some(place), &error))?;
        // Without a context only the ciphertext matters.
        let named = context.is_empty() || is_named(output.key_id());
        ciphertext(output.ciphertext_blob(), named)
            .ok_or_else(|| incomplete(Operation::Wrap, place))
    }

    async fn decrypt(
        &self,
        place: &Place,
        wrapped: &[u8],
        context: &Context,
        from: Option<&WrappingKeyId>,
    ) -> Result<DataKey> {
        wipe::begin();
        let attempts = self.attempts(place, wrapped, Operation::Unwrap, from)?;
        let ask = |id| -> BoxFuture<'_, Answer<DecryptOutput, DecryptError>> {
            Box::pin(self.ask_decrypt(id, wrapped, context))
        };
        let output = if context.is_empty() {
            let (output, other) = attempts.free(&ask).await?;
            if let Some(other) = other {
                tracing::warn!(
                    "the data key of {place} is wrapped by {}, not by {} ({}): {}",
                    other.arn,
                    other.configured,
                    other.code,
                    other.remedy(place)
                );
            }
            output
        } else {
            attempts.bound(&ask).await?
        };
        let unwrapped = output
            .plaintext
            .map(|blob| Zeroizing::new(blob.into_inner()))
            .unwrap_or_default();
        let data_key = if context.is_empty() {
            DataKey::parse(&unwrapped)
        } else {
            DataKey::parse_exactly(&unwrapped)
        };
        data_key
            .ok_or_else(|| Error::damaged(place, "KMS returned something other than a data key"))
    }

    async fn re_encrypt(&self, order: &Rewrap<'_>) -> Result<Rewrapped> {
        const OPERATION: Operation = Operation::Rewrap;
        let target = self.target(order.to)?;
        let attempts = self.attempts(order.place, order.wrapped, OPERATION, order.from)?;
        let ask = |id| -> BoxFuture<'_, Answer<ReEncryptOutput, ReEncryptError>> {
            Box::pin(self.ask_re_encrypt(id, target, order))
        };
        let opened = if order.before.is_empty() {
            attempts.free(&ask).await.map(|(output, _)| output)
        } else {
            attempts.bound(&ask).await
        };
        let output = match opened {
            Ok(output) => output,
            Err(error) if order.to.is_none() => return Err(error),
            Err(error) => {
                // An interrupted rekey may have moved it already.
                let output = ask(Some(target)).await.map_err(|_| error)?;
                if order.before.is_empty() {
                    attempts.accepted(&output).await?;
                }
                output
            }
        };
        let whole = is_named(output.key_id()) && is_named(output.source_key_id());
        let wrapped = ciphertext(output.ciphertext_blob(), whole)
            .ok_or_else(|| incomplete(OPERATION, order.place))?;
        Ok(Rewrapped {
            wrapped,
            moved: output.key_id() != output.source_key_id(),
        })
    }

    fn attempts<'a>(
        &'a self,
        place: &'a Place,
        wrapped: &[u8],
        operation: Operation,
        from: Option<&'a WrappingKeyId>,
    ) -> Result<Attempts<'a>> {
        if let Some(rest) = wrapped.strip_prefix(LOCAL_MARK) {
            let name = rest.split(|&byte| byte == b':').next().unwrap_or_default();
            let name = String::from_utf8_lossy(name);
            let name = OneLine(&name);
            return Err(Error::Damaged {
                place: place.clone(),
                message: format!(
                    "its data key is wrapped by the local wrapping key `local:{name}`, but KMS is configured"
                ),
                hint: Some(format!("set `key_alias` to `local:{name}` to open it")),
            });
        }
        Ok(Attempts {
            aws: &self.aws,
            accepted: &self.accepted,
            place,
            operation,
            from: from.map(in_kms).transpose()?,
        })
    }

    async fn ask_decrypt(
        &self,
        wrapping_key: Option<&WrappingKeyId>,
        wrapped: &[u8],
        context: &Context,
    ) -> Answer<DecryptOutput, DecryptError> {
        let request = || {
            self.client
                .decrypt()
                .set_key_id(wrapping_key.map(ToString::to_string))
                .ciphertext_blob(Blob::new(wrapped))
                .set_encryption_context(pairs(context))
                .send()
        };
        self.aws.ask("Decrypt", &shown(wrapping_key), request).await
    }

    async fn ask_re_encrypt(
        &self,
        source: Option<&WrappingKeyId>,
        target: &WrappingKeyId,
        order: &Rewrap<'_>,
    ) -> Answer<ReEncryptOutput, ReEncryptError> {
        let request = || {
            self.client
                .re_encrypt()
                .set_source_key_id(source.map(ToString::to_string))
                .destination_key_id(target.to_string())
                .ciphertext_blob(Blob::new(order.wrapped))
                .set_source_encryption_context(pairs(order.before))
                .set_destination_encryption_context(pairs(order.after))
                .send()
        };
        self.aws.ask("ReEncrypt", &shown(source), request).await
    }
}

impl Keyring for KmsKeyring {
    fn dial_ahead(&self, connections: usize) {
        self.aws.dial_kms(connections);
    }

    fn hang_up(&self) {
        self.aws.hang_up();
    }

    fn wrap<'a>(
        &'a self,
        place: &'a Place,
        data_key: &'a DataKey,
        context: &'a Context,
    ) -> Pending<'a, Vec<u8>> {
        Box::pin(self.encrypt(place, data_key, context))
    }

    fn unwrap<'a>(
        &'a self,
        place: &'a Place,
        wrapped: &'a [u8],
        context: &'a Context,
        from: Option<&'a WrappingKeyId>,
    ) -> Pending<'a, DataKey> {
        Box::pin(self.decrypt(place, wrapped, context, from))
    }

    fn real_name<'a>(&'a self, id: &'a WrappingKeyId) -> Pending<'a, String> {
        Box::pin(async move { Ok(describe(&self.aws, in_kms(id)?).await?.arn) })
    }

    fn rewrap<'a>(&'a self, order: Rewrap<'a>) -> Pending<'a, Rewrapped> {
        Box::pin(async move { self.re_encrypt(&order).await })
    }
}

/// The keyring of the configured wrapping key in KMS, or without one, of the
/// wrapping key that each record names. A local one configured beside it is refused.
pub(crate) fn of_kms(aws: Aws, config: &Config) -> Result<KmsKeyring> {
    let more = config.more_wrapping_keys.clone();
    more.iter().try_for_each(|id| in_kms(id).map(drop))?;
    Ok(KmsKeyring {
        client: aws.kms(),
        aws,
        accepted: Accepted {
            wrapping_key: config.wrapping_key.clone(),
            more,
            accounts: Accounts::of(config),
            pinned: config.pin_wrapping_key,
            place: config.where_to_add(),
        },
    })
}

fn in_kms(id: &WrappingKeyId) -> Result<&WrappingKeyId> {
    match id.local_name() {
        None => Ok(id),
        Some(_) => Err(other_kind(id, "one in KMS")),
    }
}

/// Whether a response names a wrapping key.
fn is_named(id: Option<&str>) -> bool {
    id.is_some_and(|id| !id.is_empty())
}

fn shown(wrapping_key: Option<&WrappingKeyId>) -> String {
    wrapping_key.map_or_else(|| "without a wrapping key".to_owned(), ToString::to_string)
}

fn pairs(context: &Context) -> Option<HashMap<String, String>> {
    (!context.is_empty()).then(|| context.clone().into_iter().collect())
}

/// The ciphertext of a complete response.
fn ciphertext(blob: Option<&Blob>, whole: bool) -> Option<Vec<u8>> {
    let bytes = blob?.as_ref();
    (whole && !bytes.is_empty()).then(|| bytes.to_vec())
}

fn incomplete(operation: Operation, place: &Place) -> Error {
    let cause = "the response from KMS lacks the ciphertext or the name of its wrapping key";
    aws::strange(operation, Some(place), cause)
}
