//! The current record, if it is another than one at hand.

use aws_sdk_s3::error::SdkError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::{Lookup, Refetch, S3Store, lookup_failed, quoted, status};
use crate::error::Result;
use crate::name::Place;

impl S3Store {
    pub(super) async fn get_unless(&self, place: &Place, etag: &str) -> Result<Refetch> {
        let answer = self
            .ask("GetObject", &place.path, |client| {
                client
                    .get_object()
                    .bucket(&self.bucket.name)
                    .key(place.path.as_str())
                    .if_none_match(quoted(etag))
                    .set_expected_bucket_owner(self.bucket.owner.clone())
                    .send()
            })
            .await;
        match answer {
            Ok(output) => self.received(place, output).await.map(Refetch::Answered),
            Err(error) if status(&error) == Some(304) => Ok(Refetch::Unchanged),
            Err(error) => {
                let (away, gone) = (is_away(&error), status(&error) == Some(404));
                match lookup_failed(place, None, &error) {
                    Err(error) if away => Ok(Refetch::Away(error)),
                    // With all that was in the bucket.
                    Err(error) if gone => Ok(Refetch::Answered(Lookup::Forbidden(error))),
                    lookup => lookup.map(Refetch::Answered),
                }
            }
        }
    }
}

/// Whether S3 did not answer, or only that something is wrong with it. What
/// this side gets wrong is neither: credentials, certificates, the region.
fn is_away<E>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        SdkError::TimeoutError(_) => true,
        SdkError::DispatchFailure(failure) => failure.is_io() || failure.is_timeout(),
        _ => status(error).is_some_and(|status| status >= 500),
    }
}
