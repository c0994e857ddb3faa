//! Finds the bucket where S3 turns a request away because it went to another region.
//!
//! S3 mostly names the region. Where it does not, `HeadBucket` is asked, once in a run.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::requests::{S3Store, request};
use super::turned_away::is_turned_away;
use crate::backends::aws;
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
            None if is_unnamed(error) && !NOT_ASKED_FOR.contains(&operation) => {
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
        let request = || request!(self, client.head_bucket).send();
        let region = match self.aws.ask("HeadBucket", &self.bucket.name, request).await {
            Ok(output) => output.bucket_region,
            Err(error) => {
                let headers = error.raw_response()?.headers();
                headers.get("x-amz-bucket-region").map(str::to_owned)
            }
        };
        region.filter(|region| is_region(region))
    }
}

/// Whether a request was turned away without a word of where to: a region that is not
/// valid leaves nothing to ask.
fn is_unnamed<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let named = error
        .raw_response()
        .and_then(|raw| raw.headers().get("x-amz-bucket-region"));
    is_turned_away(error) && named.is_none()
}
