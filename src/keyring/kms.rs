//! Wrapping keys in AWS KMS: they wrap and unwrap there, and never leave it.
//!
//! A record of version 1 may be wrapped by another wrapping key than the
//! configured one, since aliases move; it is accepted only if that key is in
//! an account that may have wrapped it. Which account that is comes from the
//! configuration or from STS, never from the record.

use std::time::Instant;

use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::operation::decrypt::{DecryptError, DecryptOutput};
use aws_sdk_kms::primitives::Blob;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use zeroize::Zeroizing;

use super::{Context, Keyring, LOCAL_MARK};
use crate::aws::{self, Aws};
use crate::config::{WrappingKeyId, arn_parts};
use crate::envelope::DataKey;
use crate::error::{Error, Result};
use crate::name::{OneLine, Place};
use crate::store::Step;

/// The configured wrapping key, and which others are accepted.
#[derive(Debug)]
pub(crate) struct KmsKeyring {
    aws: Aws,
    client: aws_sdk_kms::Client,
    wrapping_key: Option<WrappingKeyId>,
    /// Further wrapping keys that a record with a context may have.
    more: Vec<WrappingKeyId>,
    accounts: Accounts,
    /// Whether no wrapping key but the configured one is accepted.
    pinned: bool,
}

/// Whose wrapping keys are accepted.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    /// The configured one; where there is none, the caller's own.
    pub(crate) configured: Option<String>,
    /// Others.
    pub(crate) more: Vec<String>,
}

type Refused = SdkError<DecryptError, HttpResponse>;

impl KmsKeyring {
    pub(crate) fn new(
        aws: Aws,
        wrapping_key: Option<WrappingKeyId>,
        more: Vec<WrappingKeyId>,
        accounts: Accounts,
        pinned: bool,
    ) -> Self {
        let client = aws.kms();
        Self {
            aws,
            client,
            wrapping_key,
            more,
            accounts,
            pinned,
        }
    }

    async fn encrypt(
        &self,
        place: &Place,
        data_key: &DataKey,
        context: &Context,
    ) -> Result<Vec<u8>> {
        let Some(wrapping_key) = &self.wrapping_key else {
            return Err(Error::usage_hint(
                "no wrapping key: writing needs `key_alias`",
                "give --key-alias ALIAS, or add \"key_alias\" to `.lazycred`",
            ));
        };
        let since = Instant::now();
        let answer = self
            .client
            .encrypt()
            .key_id(wrapping_key.to_string())
            .plaintext(Blob::new(data_key.as_bytes()))
            .set_encryption_context(pairs(context))
            .send()
            .await;
        aws::told("Encrypt", wrapping_key, since, &answer);
        let output = answer.map_err(|error| {
            let failed = aws::failed("wrap the data key of", Some(place), &error);
            with_hint(failed, error.code(), wrapping_key)
        })?;
        match output.ciphertext_blob() {
            Some(blob) if !blob.as_ref().is_empty() => Ok(blob.as_ref().to_vec()),
            _ => Err(Error::Aws {
                action: "wrap the data key of",
                place: Some(place.clone()),
                cause: "KMS answered without a ciphertext".into(),
                hint: None,
            }),
        }
    }

    async fn decrypt(&self, place: &Place, wrapped: &[u8], context: &Context) -> Result<DataKey> {
        if let Some(rest) = wrapped.strip_prefix(LOCAL_MARK) {
            let name = rest.split(|&byte| byte == b':').next().unwrap_or_default();
            let name = String::from_utf8_lossy(name);
            return Err(Error::Damaged {
                place: place.clone(),
                message: format!(
                    "its data key is wrapped by the local wrapping key `local:{}`, and the configuration has KMS",
                    OneLine(&name)
                ),
                hint: Some(format!(
                    "`key_alias` must be `local:{}` to open it",
                    OneLine(&name)
                )),
            });
        }
        let output = if context.is_empty() {
            self.decrypt_free(place, wrapped).await?
        } else {
            self.decrypt_bound(place, wrapped, context).await?
        };
        let data_key = output
            .plaintext
            .map(|blob| Zeroizing::new(blob.into_inner()));
        data_key
            .and_then(|bytes| DataKey::parse(&bytes))
            .ok_or_else(|| Error::damaged(place, "what KMS unwrapped is no data key"))
    }

    /// A data key without a context: by the configured wrapping key, else by
    /// the one that the ciphertext names, if its account may have wrapped it.
    async fn decrypt_free(&self, place: &Place, wrapped: &[u8]) -> Result<DecryptOutput> {
        let none = Context::new();
        let Some(wrapping_key) = &self.wrapping_key else {
            let output = self.ask(None, wrapped, &none).await;
            let output = output.map_err(|error| refused(place, &error))?;
            self.check_account(place, &output).await?;
            return Ok(output);
        };
        let first = match self.ask(Some(wrapping_key), wrapped, &none).await {
            Ok(output) => return Ok(output),
            Err(error) if is_about_the_key(&error) => error,
            Err(error) => return Err(refused(place, &error)),
        };
        if self.pinned {
            return Err(match first.code() {
                Some("IncorrectKeyException") => Error::Damaged {
                    place: place.clone(),
                    message: format!(
                        "its data key is not wrapped by the pinned wrapping key {wrapping_key}: {}",
                        aws::cause(&first)
                    ),
                    hint: Some("`pin_key` refuses every other wrapping key".into()),
                },
                _ => refused(place, &first),
            });
        }
        let output = match self.ask(None, wrapped, &none).await {
            Ok(output) => output,
            Err(second) => {
                return Err(match refused(place, &second) {
                    Error::Aws {
                        action,
                        place,
                        cause,
                        hint,
                    } => Error::Aws {
                        action,
                        place,
                        cause: format!(
                            "{wrapping_key}: {}; the wrapping key that the record names: {cause}",
                            aws::cause(&first)
                        ),
                        hint,
                    },
                    Error::Damaged {
                        place,
                        message,
                        hint,
                    } => Error::Damaged {
                        place,
                        message: format!("{message} ({wrapping_key}: {})", aws::cause(&first)),
                        hint,
                    },
                    other => other,
                });
            }
        };
        let arn = self.check_account(place, &output).await?;
        let code = first.code().unwrap_or_default();
        tracing::warn!(
            "{place} is wrapped by {arn}, not by {wrapping_key} ({code}); `lazycred rekey {}` wraps it again",
            place.name
        );
        Ok(output)
    }

    /// A data key with a context: by the configured wrapping key or one of
    /// those named beside it.
    async fn decrypt_bound(
        &self,
        place: &Place,
        wrapped: &[u8],
        context: &Context,
    ) -> Result<DecryptOutput> {
        let Some(wrapping_key) = &self.wrapping_key else {
            return Err(Error::usage_hint(
                format!(
                    "{place} has record version 2, which opens only under a configured wrapping key"
                ),
                "give --key-alias ALIAS, or add \"key_alias\" to `.lazycred`",
            ));
        };
        let mut answers = Vec::new();
        let mut all_incorrect = true;
        for wrapping_key in std::iter::once(wrapping_key).chain(&self.more) {
            match self.ask(Some(wrapping_key), wrapped, context).await {
                Ok(output) => return Ok(output),
                Err(error) if is_about_the_key(&error) => {
                    all_incorrect &= error.code() == Some("IncorrectKeyException");
                    answers.push(format!("{wrapping_key}: {}", aws::cause(&error)));
                }
                Err(error) => return Err(refused(place, &error)),
            }
        }
        let answers = answers.join("; ");
        if all_incorrect {
            return Err(Error::Damaged {
                place: place.clone(),
                message: format!("its data key is wrapped by another wrapping key: {answers}"),
                hint: Some(format!(
                    "`lazycred rekey {} --from ALIAS` wraps it again, where that other key is known",
                    place.name
                )),
            });
        }
        Err(Error::Aws {
            action: "unwrap the data key of",
            place: Some(place.clone()),
            cause: answers,
            hint: None,
        })
    }

    async fn ask(
        &self,
        wrapping_key: Option<&WrappingKeyId>,
        wrapped: &[u8],
        context: &Context,
    ) -> Result<DecryptOutput, Refused> {
        let since = Instant::now();
        let answer = self
            .client
            .decrypt()
            .set_key_id(wrapping_key.map(ToString::to_string))
            .ciphertext_blob(Blob::new(wrapped))
            .set_encryption_context(pairs(context))
            .send()
            .await;
        let target =
            wrapping_key.map_or_else(|| "without a wrapping key".to_owned(), ToString::to_string);
        aws::told("Decrypt", &target, since, &answer);
        answer
    }

    /// The wrapping key's ARN, if its account may have wrapped the data key.
    async fn check_account(&self, place: &Place, output: &DecryptOutput) -> Result<String> {
        let arn = output.key_id().unwrap_or_default();
        let account = arn_parts(arn).map(|(_, account)| account);
        let own = match &self.accounts.configured {
            _ if account
                .is_some_and(|account| self.accounts.more.iter().any(|more| more == account)) =>
            {
                return Ok(arn.to_owned());
            }
            Some(configured) => configured.clone(),
            None => self.own_account().await?,
        };
        if account == Some(&own) {
            return Ok(arn.to_owned());
        }
        Err(Error::Damaged {
            place: place.clone(),
            message: format!("its data key is wrapped by `{}`, which is not in account {own}", OneLine(arn)),
            hint: Some("`key_accounts` in a configuration file that you name accepts other accounts' wrapping keys".into()),
        })
    }

    async fn own_account(&self) -> Result<String> {
        let since = Instant::now();
        let answer = self.aws.sts().get_caller_identity().send().await;
        aws::told("GetCallerIdentity", &"of the caller", since, &answer);
        let output =
            answer.map_err(|error| aws::failed("ask which account this is", None, &error))?;
        output.account.ok_or_else(|| Error::Aws {
            action: "ask which account this is",
            place: None,
            cause: "STS answered without an account".into(),
            hint: None,
        })
    }
}

impl Keyring for KmsKeyring {
    fn wrap<'a>(
        &'a self,
        place: &'a Place,
        data_key: &'a DataKey,
        context: &'a Context,
    ) -> Step<'a, Result<Vec<u8>>> {
        Box::pin(self.encrypt(place, data_key, context))
    }

    fn unwrap<'a>(
        &'a self,
        place: &'a Place,
        wrapped: &'a [u8],
        context: &'a Context,
    ) -> Step<'a, Result<DataKey>> {
        Box::pin(self.decrypt(place, wrapped, context))
    }
}

fn pairs(context: &Context) -> Option<std::collections::HashMap<String, String>> {
    (!context.is_empty()).then(|| context.clone().into_iter().collect())
}

/// Whether an answer says that the named wrapping key does not serve, so that
/// another one may.
fn is_about_the_key(error: &Refused) -> bool {
    matches!(
        error.code(),
        Some("IncorrectKeyException" | "NotFoundException" | "AccessDeniedException")
    )
}

fn refused(place: &Place, error: &Refused) -> Error {
    match error.code() {
        Some("InvalidCiphertextException") => Error::damaged(
            place,
            format!(
                "it fails authentication: KMS does not unwrap its data key ({})",
                aws::cause(error)
            ),
        ),
        _ => aws::failed("unwrap the data key of", Some(place), error),
    }
}

fn with_hint(error: Error, code: Option<&str>, wrapping_key: &WrappingKeyId) -> Error {
    match (error, code) {
        (
            Error::Aws {
                action,
                place,
                cause,
                ..
            },
            Some("NotFoundException"),
        ) => Error::Aws {
            action,
            place,
            cause,
            hint: Some(format!(
                "there is no {wrapping_key} in this account and region; `key_alias` and `region` name it"
            )),
        },
        (error, _) => error,
    }
}
