//! Inspects the bucket itself. Nothing here reads or stores a record.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::{BoxError, SdkError};
use aws_sdk_s3::types::{
    BucketVersioningStatus, ObjectOwnership, OwnershipControlsRule, PublicAccessBlockConfiguration,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::requests::{S3Store, request, status};
use crate::backends::aws;
use crate::base::{Error, Operation, Result};

/// The headers that S3, and who speaks as it does, puts into each response.
const IDS: [&str; 4] = [
    "x-amz-request-id",
    "x-amzn-requestid",
    "x-amz-id-2",
    "x-minio-deployment-id",
];

/// After a 400, whose reason the answer to HEAD cannot contain.
const UNTOLD: &str = "S3 gives no reason here: the credentials may have expired, or are for another endpoint; `aws sts get-caller-identity` and `-v` show more";

/// Whether a bucket exists.
///
/// # Examples
///
/// ```no_run
/// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
/// use lazycred::setup::BucketState;
/// if let Some(bucket) = setup.bucket() {
///     assert_ne!(bucket.state().await?, BucketState::Missing);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub enum BucketState {
    /// It exists, in the region that S3 names.
    There(Option<String>),
    /// It does not exist.
    Missing,
    /// S3 does not tell.
    Forbidden,
}

/// The `Status` in a response whose root element is misnamed, as moto's is; empty
/// if it has none.
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

/// Notes whether the last answer to HEAD came with a web page, which nobody sees: a firewall
/// may send one in place of S3.
#[derive(Debug, Clone, Default)]
struct PageSeen(Arc<AtomicU16>);

impl Intercept for PageSeen {
    fn name(&self) -> &'static str {
        "PageSeen"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> std::result::Result<(), BoxError> {
        let answer = context.response();
        let headers = answer.headers();
        let kind = headers.get("content-type").unwrap_or_default();
        let is_page = kind
            .trim_start()
            .to_ascii_lowercase()
            .starts_with("text/html")
            && !IDS.iter().any(|name| headers.contains_key(*name));
        let status = if is_page { answer.status().as_u16() } else { 0 };
        self.0.store(status, Ordering::Relaxed);
        Ok(())
    }
}

impl PageSeen {
    fn check(&self) -> Result<()> {
        let status = self.0.load(Ordering::Relaxed);
        if status == 0 {
            return Ok(());
        }
        let cause = format!("HTTP {status} and a web page instead of an answer");
        Err(Error::aws(Operation::LookAtBucket, None, cause).hinted(
            "a proxy or firewall answered in place of S3: have it allow the bucket's host, or check HTTPS_PROXY, NO_PROXY and the endpoint",
        ))
    }
}

impl S3Store {
    /// Checks whether the bucket exists.
    pub(crate) async fn look(&self) -> Result<BucketState> {
        const OPERATION: Operation = Operation::LookAtBucket;
        let page = PageSeen::default();
        let request = |client: Client| {
            let request = request!(self, client.head_bucket).customize();
            request.interceptor(page.clone()).send()
        };
        let answer = self.ask("HeadBucket", &self.bucket.name, request).await;
        page.check()?;
        match answer {
            Ok(output) => Ok(BucketState::There(output.bucket_region)),
            Err(error) => match status(&error) {
                Some(404) => Ok(BucketState::Missing),
                Some(403) => Ok(BucketState::Forbidden),
                Some(400) if !self.is_named_elsewhere(&error) => {
                    Err(self.failed(OPERATION, None, &error).hinted(UNTOLD))
                }
                _ => Err(self.failed(OPERATION, None, &error)),
            },
        }
    }

    /// Whether a response names another region than the one that was asked.
    fn is_named_elsewhere<E>(&self, error: &SdkError<E, HttpResponse>) -> bool {
        let client = self.client();
        let here = client.config().region().map(AsRef::as_ref);
        let named = aws::region_named(error);
        named.is_some() && named.as_deref() != here
    }

    /// Whether the bucket keeps versions.
    pub(crate) async fn keeps_versions(&self) -> Result<bool> {
        let request = |client: Client| request!(self, client.get_bucket_versioning).send();
        let bucket = &self.bucket.name;
        let error = match self.ask("GetBucketVersioning", bucket, request).await {
            Ok(output) => return Ok(output.status == Some(BucketVersioningStatus::Enabled)),
            Err(error) => error,
        };
        let status = misnamed_status(&error).map(|status| status == "Enabled");
        status.ok_or_else(|| self.failed(Operation::AskVersioning, None, &error))
    }

    /// Whether nothing in the bucket can be made public.
    pub(crate) async fn blocks_public_access(&self) -> Result<bool> {
        let operation = (Operation::AskPublicAccess, "GetPublicAccessBlock");
        let absent = "NoSuchPublicAccessBlockConfiguration";
        let request = |client: Client| request!(self, client.get_public_access_block).send();
        let output = self.about(operation, absent, request).await?;
        let all = |block: PublicAccessBlockConfiguration| {
            let parts = [
                block.block_public_acls,
                block.ignore_public_acls,
                block.block_public_policy,
                block.restrict_public_buckets,
            ];
            parts.into_iter().all(|part| part == Some(true))
        };
        let block = output.and_then(|output| output.public_access_block_configuration);
        Ok(block.is_some_and(all))
    }

    /// The bucket's own policy.
    pub(crate) async fn policy(&self) -> Result<Option<String>> {
        let operation = (Operation::ReadPolicy, "GetBucketPolicy");
        let request = |client: Client| request!(self, client.get_bucket_policy).send();
        let output = self.about(operation, "NoSuchBucketPolicy", request).await?;
        Ok(output.and_then(|output| output.policy))
    }

    /// Whether everything in the bucket belongs to the bucket's owner.
    pub(crate) async fn is_owner_enforced(&self) -> Result<bool> {
        let operation = (Operation::AskOwnership, "GetBucketOwnershipControls");
        let absent = "OwnershipControlsNotFoundError";
        let request = |client: Client| request!(self, client.get_bucket_ownership_controls).send();
        let output = self.about(operation, absent, request).await?;
        let controls = output.and_then(|output| output.ownership_controls);
        let rules = controls.map(|controls| controls.rules).unwrap_or_default();
        let enforced = |rule: &OwnershipControlsRule| {
            rule.object_ownership == ObjectOwnership::BucketOwnerEnforced
        };
        Ok(rules.iter().any(enforced))
    }
}
