//! Answers of S3 to a request that went to another region than the bucket's.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::requests::S3Store;
use crate::backends::aws;
use crate::base::{Error, Operation, Place};

/// Whether S3 says that the bucket, or the signature, is of another region.
pub(super) fn is_turned_away<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let status = error.raw_response().map(|raw| raw.status().as_u16());
    match status {
        Some(301 | 307) => true,
        Some(400) => matches!(
            error.code(),
            Some("AuthorizationHeaderMalformed" | "IllegalLocationConstraintException")
        ),
        _ => false,
    }
}

impl S3Store {
    /// A failed request, with the next step if the region that S3 names turns it away.
    pub(super) fn failed<E>(
        &self,
        operation: Operation,
        place: Option<&Place>,
        error: &SdkError<E, HttpResponse>,
    ) -> Error
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let failed = self.aws.failed(operation, place, error);
        match aws::region_named(error).filter(|_| is_turned_away(error)) {
            None => failed,
            Some(region) => failed.hinted(format!(
                "S3 names {region} as the bucket's region, but turns requests there away: check AWS_ENDPOINT_URL_S3 and `bucket_region`, and if the bucket is new, try again in an hour"
            )),
        }
    }
}
