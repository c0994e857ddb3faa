//! Inspects wrapping keys, and has them rotated. Nothing here wraps or unwraps.

use aws_sdk_kms::error::ProvideErrorMetadata;

use crate::backends::aws::{self, Aws};
use crate::base::{Error, Operation, Result};
use crate::config::WrappingKeyId;

/// A wrapping key in KMS.
///
/// # Examples
///
/// ```no_run
/// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
/// let found = setup.wrapping_key().await?;
/// assert!(found.is_some_and(|found| found.state == "Enabled"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct WrappingKey {
    /// Its ARN, however it was named.
    pub arn: String,
    /// `Enabled`, `Disabled`, `PendingDeletion`.
    pub state: String,
}

/// Describes a wrapping key; `None` if it does not exist.
pub(crate) async fn look_up(aws: &Aws, id: &WrappingKeyId) -> Result<Option<WrappingKey>> {
    Ok(ask(aws, id).await?.ok())
}

/// Describes a wrapping key; an error if it does not exist.
pub(crate) async fn describe(aws: &Aws, id: &WrappingKeyId) -> Result<WrappingKey> {
    ask(aws, id).await?
}

/// The inner error means that it does not exist.
async fn ask(aws: &Aws, id: &WrappingKeyId) -> Result<Result<WrappingKey>> {
    const OPERATION: Operation = Operation::LookAtWrappingKey;
    let client = aws.kms();
    let request = || client.describe_key().key_id(id.to_string()).send();
    let output = match aws.ask("DescribeKey", id, request).await {
        Ok(output) => output,
        Err(error) => {
            let failed = aws.failed(OPERATION, None, &error);
            return match error.code() {
                Some("NotFoundException") => Ok(Err(failed)),
                _ => Err(failed),
            };
        }
    };
    let about = output.key_metadata();
    let arn = about.and_then(|about| about.arn());
    let state = about.and_then(|about| about.key_state());
    let (Some(arn), Some(state)) = (arn, state) else {
        return Err(incomplete(OPERATION));
    };
    Ok(Ok(WrappingKey {
        arn: arn.to_owned(),
        state: state.as_str().to_owned(),
    }))
}

/// Whether KMS rotates the key material each year.
pub(crate) async fn rotation(aws: &Aws, arn: &str) -> Result<bool> {
    let client = aws.kms();
    let request = || client.get_key_rotation_status().key_id(arn).send();
    let answer = aws.ask("GetKeyRotationStatus", &arn, request).await;
    let output = answer.map_err(|error| aws.failed(Operation::AskRotation, None, &error))?;
    Ok(output.key_rotation_enabled())
}

/// Has KMS rotate the key material each year.
pub(crate) async fn rotate(aws: &Aws, arn: &str) -> Result<()> {
    let client = aws.kms();
    let request = || client.enable_key_rotation().key_id(arn).send();
    let answer = aws.ask("EnableKeyRotation", &arn, request).await;
    let failed = |error| aws.failed(Operation::Rotate, None, &error);
    answer.map(drop).map_err(failed)
}

pub(super) fn incomplete(operation: Operation) -> Error {
    let cause = "the response from KMS does not describe the wrapping key";
    aws::strange(operation, None, cause)
}
