//! Creates a wrapping key with its alias, once: KMS would create a second one if
//! the request were repeated.
//!
//! Its description names the alias that it is for, so that its owner finds it if a run
//! is interrupted before the alias points to it. No later run uses it: whoever may
//! create wrapping keys in the account can write such a description.

use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::setup::{describe, incomplete};
use crate::backends::aws::Aws;
use crate::base::{Error, Operation, Result};
use crate::config::WrappingKeyId;

fn description(alias: &WrappingKeyId) -> String {
    format!("wraps data keys of lazycred, for {alias}")
}

/// Creates a wrapping key for an alias, and returns its ARN.
pub(crate) async fn create(aws: &Aws, alias: &WrappingKeyId) -> Result<String> {
    const OPERATION: Operation = Operation::MakeWrappingKey;
    let client = aws.kms();
    let request = || {
        let request = client.create_key().description(description(alias));
        request.send()
    };
    let answer = aws.ask_once("CreateKey", alias, request).await;
    let output = answer.map_err(|error| {
        let failed = aws.failed(OPERATION, None, &error);
        let status = error.raw_response().map(|raw| raw.status().as_u16());
        if status.is_some_and(|status| status < 500) || never_sent(&error) {
            return failed;
        }
        in_doubt(failed, alias)
    })?;
    let arn = output.key_metadata().and_then(|about| about.arn());
    arn.map(str::to_owned).ok_or_else(|| incomplete(OPERATION))
}

/// For a lost response: whether there is a wrapping key is not known.
fn in_doubt(failed: Error, alias: &WrappingKeyId) -> Error {
    failed.reworded(|cause, hint| {
        *cause = format!("{cause}; it may still have been created");
        *hint = Some(format!(
            "the same command again creates another wrapping key; if this one exists, `aws kms list-keys` and `aws kms describe-key` find it by its description, `{}`",
            description(alias)
        ));
    })
}

/// The error of a request that was cut short: it may still have created a wrapping
/// key, unless KMS kept refusing it.
pub(crate) fn create_timed_out(error: Error, alias: &WrappingKeyId) -> Error {
    match error {
        Error::TimedOut {
            last: None,
            seconds,
            ..
        } => {
            let cause = format!("timed out after {seconds} s");
            in_doubt(Error::aws(Operation::MakeWrappingKey, None, cause), alias)
        }
        _ => error,
    }
}

/// Whether a request failed before any of it left this machine.
fn never_sent<E>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        SdkError::ConstructionFailure(_) => true,
        SdkError::DispatchFailure(failure) => !failure.is_io() && !failure.is_timeout(),
        _ => false,
    }
}

/// Points an alias at a wrapping key that has none.
pub(crate) async fn point(aws: &Aws, alias: &WrappingKeyId, arn: &str) -> Result<()> {
    let client = aws.kms();
    let request = || {
        let request = client.create_alias().alias_name(alias.to_string());
        request.target_key_id(arn).send()
    };
    let Err(error) = aws.ask("CreateAlias", alias, request).await else {
        return Ok(());
    };
    let failed = aws.failed(Operation::PointAlias, None, &error);
    if error.code() != Some("AlreadyExistsException") {
        return Err(unfinished(aws, failed, alias, arn));
    }
    // The first attempt's response was lost, or somebody else was faster.
    let there = describe(aws, alias).await?;
    if there.arn == arn {
        return Ok(());
    }
    let (_, id) = arn.rsplit_once('/').unwrap_or(("", arn));
    let region = aws.wrapping_region().unwrap_or_default();
    Err(failed.reworded(|cause, hint| {
        *cause = format!("{alias} points at {} since a moment ago", there.arn);
        *hint = Some(format!(
            "`aws kms schedule-key-deletion --key-id {id} --region {region}` removes the wrapping key that was just created for it"
        ));
    }))
}

/// The error of a request that was cut short: the alias may not point to the wrapping
/// key yet.
pub(crate) fn point_timed_out(aws: &Aws, error: Error, alias: &WrappingKeyId, arn: &str) -> Error {
    match error {
        Error::TimedOut { last, seconds, .. } => {
            let last = last.map(|last| format!("; {last}")).unwrap_or_default();
            let cause = format!("timed out after {seconds} s{last}");
            let failed = Error::aws(Operation::PointAlias, None, cause);
            unfinished(aws, failed, alias, arn)
        }
        _ => error,
    }
}

/// The wrapping key is there, but has no alias.
fn unfinished(aws: &Aws, failed: Error, alias: &WrappingKeyId, arn: &str) -> Error {
    let region = aws.wrapping_region().unwrap_or_default();
    failed.reworded(|_, hint| {
        *hint = Some(format!(
            "the wrapping key exists: `aws kms create-alias --alias-name {alias} --target-key-id {arn} --region {region}`, then the same command again, finishes the setup; without the alias, it creates another"
        ));
    })
}
