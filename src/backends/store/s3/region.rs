//! Finds the bucket where S3 turns a request away because it went to another region.
//!
//! S3 mostly names the region. Where it does not, `HeadBucket` is asked, once in a run.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::requests::{S3Store, request, status};
use crate::backends::aws;
use crate::base::{Error, Operation, Place};
use crate::config::is_region;

/// Requests that are not repeated elsewhere unless the response names the region: one
/// is the question itself, and the other chooses the region.
const NOT_ASKED_FOR: [&str; 2] = ["HeadBucket", "CreateBucket"];

impl S3Store {
    /// Where to repeat a request that failed where it was `asked`; `None` if the error
    /// is not about regions, or nothing names another one.
    pub(super) async fn elsewhere<E: ProvideErrorMetadata>(
        &self,
        operation: &str,
        asked: &Client,
        error: &SdkError<E, HttpResponse>,
    ) -> Option<Client> {
        // An access point is in the region of its ARN.
        if self.bucket.name.starts_with("arn:") {
            return None;
        }
        let named = match aws::region_named(error) {
            None if is_turned_away(error) && !NOT_ASKED_FOR.contains(&operation) => {
                let head = || self.region_by_head(asked);
                self.region.get_or_init(head).await.clone()?
            }
            named => named?,
        };
        let here = asked.config().region().map(AsRef::as_ref);
        if here == Some(named.as_str()) {
            return None;
        }
        tracing::info!(
            "the bucket is in {named}: \"bucket_region\": \"{named}\" in the configuration file saves this round trip"
        );
        Some(self.aws.s3(Some(&named)))
    }

    /// The region that S3 names for the bucket, even if it does not let us look at it.
    async fn region_by_head(&self, client: &Client) -> Option<String> {
        let request = request!(self, client.head_bucket).send();
        let region = match aws::logged("HeadBucket", &self.bucket.name, request).await {
            Ok(output) => output.bucket_region,
            Err(error) => {
                let headers = error.raw_response()?.headers();
                headers.get("x-amz-bucket-region").map(str::to_owned)
            }
        };
        region.filter(|region| is_region(region))
    }
}

/// Whether S3 says that the bucket, or the signature, is of another region.
pub(super) fn is_turned_away<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    match status(error) {
        Some(301 | 307) => true,
        Some(400) => matches!(
            error.code(),
            Some("AuthorizationHeaderMalformed" | "IllegalLocationConstraintException")
        ),
        _ => false,
    }
}

/// A failed request, with the next step if no region was found that takes it.
pub(super) fn failed<E>(
    operation: Operation,
    place: Option<&Place>,
    error: &SdkError<E, HttpResponse>,
) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let failed = aws::failed(operation, place, error);
    if !is_turned_away(error) {
        return failed;
    }
    failed.hinted(match aws::region_named(error) {
        Some(region) => format!(
            "S3 names {region} as the bucket's region, but turns requests there away: check AWS_ENDPOINT_URL_S3 and `bucket_region`, and if the bucket is new, try again in an hour"
        ),
        None => "S3 does not say in which region the bucket is: add \"bucket_region\": \"REGION\" to the configuration file".into(),
    })
}
