//! The wrapping keys that a ciphertext is tried under, one request after another.
//!
//! A data key without a context may be under a wrapping key other than the
//! configured one, since aliases move; it is accepted only if that wrapping key
//! belongs to an accepted account. A data key with a context is tried under
//! configured wrapping keys only.

use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::operation::decrypt::DecryptOutput;
use aws_sdk_kms::operation::re_encrypt::ReEncryptOutput;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use futures_util::future::BoxFuture;

use super::accounts::Accounts;
use crate::backends::aws::{self, Answer, Aws};
use crate::base::{Error, Operation, Place, Result};
use crate::config::WrappingKeyId;

/// A request under a given wrapping key, or under the one that the ciphertext names.
pub(super) type Ask<'a, O, E> =
    dyn Fn(Option<&'a WrappingKeyId>) -> BoxFuture<'a, Answer<O, E>> + Sync + 'a;

/// A response that names the wrapping key that a data key was under.
pub(super) trait NamesSource {
    fn source(&self) -> Option<&str>;
}

impl NamesSource for DecryptOutput {
    fn source(&self) -> Option<&str> {
        self.key_id()
    }
}

impl NamesSource for ReEncryptOutput {
    fn source(&self) -> Option<&str> {
        self.source_key_id()
    }
}

/// A wrapping key that worked, but is not the configured one.
pub(super) struct Other {
    pub(super) arn: String,
    pub(super) configured: String,
    /// The code of the configured one's failure.
    pub(super) code: String,
}

impl Other {
    /// What to do, which never undoes a rotation.
    pub(super) fn remedy(&self, place: &Place) -> String {
        let (name, configured) = (place.name.argument(), &self.configured);
        if self.code == "NotFoundException" {
            return format!(
                "set `key_alias` to one that exists, or move the record with `lazycred rekey {name} --to ALIAS`"
            );
        }
        format!(
            "if records were moved there, set `key_alias` to its alias; otherwise `lazycred rekey {name}` moves it, and all names that start with it, to {configured}"
        )
    }
}

/// Which wrapping keys are accepted.
#[derive(Debug)]
pub(super) struct Accepted {
    /// The configured one.
    pub(super) wrapping_key: Option<WrappingKeyId>,
    /// Others that a record with a context may be wrapped under.
    pub(super) more: Vec<WrappingKeyId>,
    /// Whose wrapping keys are accepted for a record without a context.
    pub(super) accounts: Accounts,
    /// Whether the configured one alone is accepted.
    pub(super) pinned: bool,
    /// Where one is configured, for hints.
    pub(super) place: String,
}

impl Accepted {
    /// The hint where none is configured.
    pub(super) fn how_to_configure(&self) -> String {
        let place = &self.place;
        format!("pass --key-alias ALIAS, or add \"key_alias\" to {place}")
    }
}

/// One ciphertext to try.
pub(super) struct Attempts<'a> {
    pub(super) aws: &'a Aws,
    pub(super) accepted: &'a Accepted,
    pub(super) place: &'a Place,
    /// For messages.
    pub(super) operation: Operation,
    /// A wrapping key that the caller named for this call.
    pub(super) from: Option<&'a WrappingKeyId>,
}

impl<'a> Attempts<'a> {
    /// Without a context: the configured wrapping key, else `from` or the one
    /// that the ciphertext names, if its account is one of the `accounts`.
    pub(super) async fn free<O, E>(&self, ask: &Ask<'a, O, E>) -> Result<(O, Option<Other>)>
    where
        O: NamesSource,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let Some(wrapping_key) = &self.accepted.wrapping_key else {
            let output = ask(self.from).await.map_err(|error| self.refusal(&error))?;
            self.accepted(&output).await?;
            return Ok((output, None));
        };
        let first = match ask(Some(wrapping_key)).await {
            Ok(output) => return Ok((output, None)),
            Err(error) if is_about_the_key(&error) => error,
            Err(error) => return Err(self.refusal(&error)),
        };
        if self.accepted.pinned {
            return Err(match first.code() {
                Some("IncorrectKeyException") => Error::Damaged {
                    place: self.place.clone(),
                    message: format!(
                        "its data key is not wrapped by the pinned wrapping key {wrapping_key}: {}",
                        aws::cause(&first)
                    ),
                    hint: Some("remove `pin_key` to accept other wrapping keys".into()),
                },
                _ => self.refusal(&first),
            });
        }
        let output = ask(self.from)
            .await
            .map_err(|second| self.both(wrapping_key, &first, &second))?;
        let other = Other {
            arn: self.accepted(&output).await?,
            configured: wrapping_key.to_string(),
            code: first.code().unwrap_or_default().to_owned(),
        };
        Ok((output, Some(other)))
    }

    /// With a context: the configured wrapping key, the further ones, and `from`;
    /// the first that works.
    pub(super) async fn bound<O, E>(&self, ask: &Ask<'a, O, E>) -> Result<O>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let Some(wrapping_key) = &self.accepted.wrapping_key else {
            return Err(Error::usage_hint(
                format!(
                    "{} is a version 2 record, which opens only under a configured wrapping key",
                    self.place
                ),
                self.accepted.how_to_configure(),
            ));
        };
        let mut answers = Vec::new();
        let mut all_incorrect = true;
        let mut code = None;
        let more = self.accepted.more.iter().chain(self.from);
        for wrapping_key in std::iter::once(wrapping_key).chain(more) {
            match ask(Some(wrapping_key)).await {
                Ok(output) => return Ok(output),
                Err(error) if is_about_the_key(&error) => {
                    all_incorrect &= error.code() == Some("IncorrectKeyException");
                    answers.push((wrapping_key, aws::cause(&error)));
                    code = error.code().map(str::to_owned);
                }
                Err(error) => return Err(self.refusal(&error)),
            }
        }
        let count = answers.len();
        let said = |(wrapping_key, cause): &(&WrappingKeyId, String)| {
            format!("{wrapping_key}: {}", aws::share(cause, count))
        };
        let answers = answers.iter().map(said).collect::<Vec<_>>().join("; ");
        if all_incorrect {
            return Err(Error::Damaged {
                place: self.place.clone(),
                message: format!("its data key is wrapped by another wrapping key: {answers}"),
                hint: Some(format!(
                    "if records were moved there, set `key_alias` to its alias; an old version opens with `--from ALIAS`; otherwise `{}` moves it, and all names that start with it, to {wrapping_key}",
                    self.place.name.command("rekey", "--from ALIAS")
                )),
            });
        }
        let code = code.unwrap_or_default();
        let place = Some(self.place);
        Err(self.aws.answered(self.operation, place, &code, answers))
    }

    /// The wrapping key that a data key was under, if its account is accepted.
    pub(super) async fn accepted(&self, output: &impl NamesSource) -> Result<String> {
        let arn = output.source().unwrap_or_default();
        self.accepted
            .accounts
            .check(self.aws, self.place, arn)
            .await
    }

    fn refusal<E>(&self, error: &SdkError<E, HttpResponse>) -> Error
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.refusal_of(error, 1)
    }

    /// A refusal, which is one of so many that an error shows.
    fn refusal_of<E>(&self, error: &SdkError<E, HttpResponse>, answers: usize) -> Error
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match error.code() {
            Some("InvalidCiphertextException") => Error::damaged(
                self.place,
                format!(
                    "it fails authentication: KMS refuses to unwrap its data key ({})",
                    aws::share(&aws::cause(error), answers)
                ),
            )
            .hinted(format!(
                "it was changed, or copied from another name: `lazycred history {}` lists versions to go back to",
                self.place.name.argument()
            )),
            _ => self.aws.failed(self.operation, Some(self.place), error),
        }
    }

    /// The second refusal, with the configured wrapping key's before it.
    fn both<E>(
        &self,
        wrapping_key: &WrappingKeyId,
        first: &SdkError<E, HttpResponse>,
        second: &SdkError<E, HttpResponse>,
    ) -> Error
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let before = format!("{wrapping_key}: {}", aws::share(&aws::cause(first), 2));
        let other = self.from.map_or_else(
            || "the wrapping key that the record names".to_owned(),
            ToString::to_string,
        );
        let mut refusal = self.refusal_of(second, 2);
        match &mut refusal {
            Error::Aws { cause, .. } if *cause == aws::cause(first) => {
                *cause = format!("{wrapping_key} and {other}: {cause}");
            }
            Error::Aws { cause, .. } => {
                *cause = format!("{before}; {other}: {}", aws::share(cause, 2));
            }
            Error::Damaged { message, .. } => *message = format!("{message} ({before})"),
            _ => {}
        }
        refusal
    }
}

/// Whether the named wrapping key is at fault, so that another one may work.
fn is_about_the_key<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    matches!(
        error.code(),
        Some("IncorrectKeyException" | "NotFoundException" | "AccessDeniedException")
    )
}
