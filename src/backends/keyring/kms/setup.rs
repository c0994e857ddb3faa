//! Inspects and creates wrapping keys. Nothing here wraps or unwraps.

use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};

use crate::backends::aws::{self, Aws};
use crate::base::{Error, Operation, Result};
use crate::config::WrappingKeyId;

/// What a new wrapping key is for.
const DESCRIPTION: &str = "wraps data keys of lazycred";

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
            let failed = aws::failed(OPERATION, None, &error);
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
    let output = answer.map_err(|error| aws::failed(Operation::AskRotation, None, &error))?;
    Ok(output.key_rotation_enabled())
}

/// Creates a wrapping key, and returns its ARN. A second request after a lost
/// response would create another one.
pub(crate) async fn create(aws: &Aws) -> Result<String> {
    const OPERATION: Operation = Operation::MakeWrappingKey;
    let client = aws.kms();
    let request = || client.create_key().description(DESCRIPTION).send();
    let answer = aws.ask_once("CreateKey", &"", request).await;
    let output = answer.map_err(|error| {
        let failed = aws::failed(OPERATION, None, &error);
        let is_refused = error.raw_response().is_some_and(|raw| raw.status().as_u16() < 500);
        if is_refused || matches!(error, SdkError::ConstructionFailure(_)) {
            return failed;
        }
        failed.reworded(|cause, hint| {
            *cause = format!("{cause}; it may still have been created");
            *hint = Some(format!(
                "`aws kms list-keys` and `aws kms describe-key --key-id ID` show whether there is a new one, described as `{DESCRIPTION}`, which still needs the alias"
            ));
        })
    })?;
    let arn = output.key_metadata().and_then(|about| about.arn());
    arn.map(str::to_owned).ok_or_else(|| incomplete(OPERATION))
}

/// Points an alias such as `alias/acme` at a wrapping key.
pub(crate) async fn point(aws: &Aws, alias: &WrappingKeyId, arn: &str) -> Result<()> {
    let client = aws.kms();
    let name = alias.to_string();
    let request = || {
        let request = client.create_alias().alias_name(&name);
        request.target_key_id(arn).send()
    };
    let Err(error) = aws.ask("CreateAlias", &name, request).await else {
        return Ok(());
    };
    // An earlier attempt whose response was lost may have made it.
    let exists = error.code() == Some("AlreadyExistsException");
    if exists && matches!(look_up(aws, alias).await, Ok(Some(found)) if found.arn == arn) {
        return Ok(());
    }
    Err(aws::failed(Operation::PointAlias, None, &error))
}

/// Has KMS rotate the key material each year.
pub(crate) async fn rotate(aws: &Aws, arn: &str) -> Result<()> {
    let client = aws.kms();
    let request = || client.enable_key_rotation().key_id(arn).send();
    let answer = aws.ask("EnableKeyRotation", &arn, request).await;
    let failed = |error| aws::failed(Operation::Rotate, None, &error);
    answer.map(drop).map_err(failed)
}

fn incomplete(operation: Operation) -> Error {
    let cause = "the response from KMS does not describe the wrapping key";
    Error::aws(operation, None, cause)
}
