//! The bucket itself: whether it is there, and how it is set.
//!
//! Nothing here reads or stores a record.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::{
    BucketVersioningStatus, ObjectOwnership, OwnershipControlsRule, PublicAccessBlockConfiguration,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::requests::{S3Store, request, status};
use crate::backends::aws;
use crate::base::{Operation, Result};

/// Whether a bucket is there.
#[derive(Debug, PartialEq, Eq)]
pub enum BucketState {
    /// It is there, in the region that S3 names.
    There(Option<String>),
    /// There is none.
    Missing,
    /// S3 does not say.
    Forbidden,
}

/// The `Status` of an answer whose document has another name than S3 gives it,
/// as moto's has; empty if it has none.
fn misnamed_status<E>(error: &SdkError<E, HttpResponse>) -> Option<&str> {
    let raw = error
        .raw_response()
        .filter(|raw| raw.status().is_success())?;
    let body = std::str::from_utf8(raw.body().bytes()?).ok()?;
    if !body.contains("<GetBucketVersioningResponse") {
        return None;
    }
    let status = body.split_once("<Status>");
    let status = status.and_then(|(_, rest)| rest.split_once("</Status>"));
    Some(status.map_or("", |(status, _)| status))
}

impl S3Store {
    /// Looks whether the bucket is there.
    pub(crate) async fn look(&self) -> Result<BucketState> {
        let answer = self
            .ask("HeadBucket", &self.bucket.name, |client| {
                request!(self, client.head_bucket).send()
            })
            .await;
        match answer {
            Ok(output) => Ok(BucketState::There(output.bucket_region)),
            Err(error) => match status(&error) {
                Some(404) => Ok(BucketState::Missing),
                Some(403) => Ok(BucketState::Forbidden),
                _ => Err(aws::failed(Operation::LookAtBucket, None, &error)),
            },
        }
    }

    /// Whether the bucket keeps versions.
    pub(crate) async fn keeps_versions(&self) -> Result<bool> {
        let answer = self
            .ask("GetBucketVersioning", &self.bucket.name, |client| {
                request!(self, client.get_bucket_versioning).send()
            })
            .await;
        let error = match answer {
            Ok(output) => return Ok(output.status == Some(BucketVersioningStatus::Enabled)),
            Err(error) => error,
        };
        let status = misnamed_status(&error).map(|status| status == "Enabled");
        status.ok_or_else(|| aws::failed(Operation::AskVersioning, None, &error))
    }

    /// Whether nothing in the bucket can be made public.
    pub(crate) async fn blocks_public_access(&self) -> Result<bool> {
        let answer = self
            .ask("GetPublicAccessBlock", &self.bucket.name, |client| {
                request!(self, client.get_public_access_block).send()
            })
            .await;
        let operation = Operation::AskPublicAccess;
        let Some(output) =
            unless_absent(answer, "NoSuchPublicAccessBlockConfiguration", operation)?
        else {
            return Ok(false);
        };
        let all = |block: PublicAccessBlockConfiguration| {
            let parts = [
                block.block_public_acls,
                block.ignore_public_acls,
                block.block_public_policy,
                block.restrict_public_buckets,
            ];
            parts.into_iter().all(|part| part == Some(true))
        };
        Ok(output.public_access_block_configuration.is_some_and(all))
    }

    /// The bucket's own policy.
    pub(crate) async fn policy(&self) -> Result<Option<String>> {
        let answer = self
            .ask("GetBucketPolicy", &self.bucket.name, |client| {
                request!(self, client.get_bucket_policy).send()
            })
            .await;
        let operation = Operation::ReadPolicy;
        let output = unless_absent(answer, "NoSuchBucketPolicy", operation)?;
        Ok(output.and_then(|output| output.policy))
    }

    /// Whether all in the bucket belongs to the bucket's owner.
    pub(crate) async fn is_owner_enforced(&self) -> Result<bool> {
        let answer = self
            .ask("GetBucketOwnershipControls", &self.bucket.name, |client| {
                request!(self, client.get_bucket_ownership_controls).send()
            })
            .await;
        let operation = Operation::AskOwnership;
        let Some(output) = unless_absent(answer, "OwnershipControlsNotFoundError", operation)?
        else {
            return Ok(false);
        };
        let rules = output.ownership_controls.map(|controls| controls.rules);
        let enforced = |rule: &OwnershipControlsRule| {
            rule.object_ownership == ObjectOwnership::BucketOwnerEnforced
        };
        Ok(rules.unwrap_or_default().iter().any(enforced))
    }
}

/// An answer, or `None` if its code says that the bucket has no such setting.
fn unless_absent<O, E>(
    answer: Result<O, SdkError<E, HttpResponse>>,
    absent: &str,
    operation: Operation,
) -> Result<Option<O>>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match answer {
        Ok(output) => Ok(Some(output)),
        Err(error) if error.code() == Some(absent) => Ok(None),
        Err(error) => Err(aws::failed(operation, None, &error)),
    }
}
