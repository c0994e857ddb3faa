//! Answers of S3 to a request that went to another region than the bucket's.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

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
