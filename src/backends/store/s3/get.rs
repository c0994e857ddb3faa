//! Reads an object: `GetObject`, for any version, or unless it is unchanged.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::requests::{LONGEST, S3Store, bare, quoted, real, request, status};
use crate::backends::aws::Answer;
use crate::backends::store::{Lookup, Refetch, Stored, too_large};
use crate::base::version::is_etag;
use crate::base::{Operation, Place, Result};

impl S3Store {
    pub(super) async fn get(&self, place: &Place, version: Option<&str>) -> Result<Lookup> {
        // There is none: no version is that long, and the SDK panics if it fills a URL.
        if version.is_some_and(|version| version.len() > LONGEST) {
            return Ok(Lookup::Missing);
        }
        let Some(etag) = version.filter(|version| is_etag(version)) else {
            return self.get_one(place, version, None).await;
        };
        // Some servers' versions look like etags, and an object stored before
        // versioning was turned on is the version `null`.
        let ways = [
            (None, Some(etag)),
            (Some(etag), None),
            (Some("null"), Some(etag)),
        ];
        for (at, (version, etag)) in ways.into_iter().enumerate() {
            match self.get_one(place, version, etag).await? {
                Lookup::Found(stored) => return Ok(Lookup::Found(stored)),
                Lookup::Forbidden(error) if at == 0 => return Ok(Lookup::Forbidden(error)),
                Lookup::Forbidden(_) | Lookup::Missing => {}
            }
        }
        Ok(Lookup::Missing)
    }

    async fn get_one(
        &self,
        place: &Place,
        version: Option<&str>,
        etag: Option<&str>,
    ) -> Result<Lookup> {
        match self.get_object(place, version, etag, None).await {
            Ok(output) => self.received(place, output).await,
            Err(error) => self.lookup_failed(place, version.or(etag), &error),
        }
    }

    /// The current record, unless it has this etag.
    pub(super) async fn get_unless(&self, place: &Place, etag: &str) -> Result<Refetch> {
        match self.get_object(place, None, None, Some(etag)).await {
            Ok(output) => self.received(place, output).await.map(Refetch::Answered),
            Err(error) if status(&error) == Some(304) => Ok(Refetch::Unchanged),
            Err(error) => {
                let (away, gone) = (is_away(&error), status(&error) == Some(404));
                match self.lookup_failed(place, None, &error) {
                    Err(error) if away => Ok(Refetch::Away(error)),
                    // The whole bucket is missing.
                    Err(error) if gone => Ok(Refetch::Answered(Lookup::Forbidden(error))),
                    lookup => lookup.map(Refetch::Answered),
                }
            }
        }
    }

    async fn get_object(
        &self,
        place: &Place,
        version: Option<&str>,
        matching: Option<&str>,
        other_than: Option<&str>,
    ) -> Answer<GetObjectOutput, GetObjectError> {
        self.ask("GetObject", &place.path, |client| {
            request!(self, client.get_object)
                .key(place.path.as_str())
                .set_version_id(version.map(str::to_owned))
                .set_if_match(matching.map(quoted))
                .set_if_none_match(other_than.map(quoted))
                .send()
        })
        .await
    }

    /// The record in a response.
    async fn received(&self, place: &Place, output: GetObjectOutput) -> Result<Lookup> {
        let etag = bare(output.e_tag());
        let version = real(output.version_id());
        let body = output
            .body
            .collect()
            .await
            .map_err(|error| self.aws.broken_off(Operation::Read, place, &error))?;
        // Takes over the memory, since it is one piece with a single owner.
        let bytes = Vec::from(body.into_bytes());
        if bytes.len() > self.largest {
            return Err(too_large(place, self.largest));
        }
        Ok(Lookup::Found(Stored::new(bytes, etag, version)))
    }

    fn lookup_failed<E>(
        &self,
        place: &Place,
        version: Option<&str>,
        error: &SdkError<E, HttpResponse>,
    ) -> Result<Lookup>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let failed = || self.failed(Operation::Read, Some(place), error);
        match (status(error), error.code()) {
            (Some(404), Some("NoSuchKey" | "NoSuchVersion")) => Ok(Lookup::Missing),
            // An invalid version, an etag other than the current one, a delete marker.
            (Some(400), Some("InvalidArgument" | "NoSuchVersion"))
            | (Some(412), _)
            | (Some(405), Some("MethodNotAllowed"))
                if version.is_some() =>
            {
                Ok(Lookup::Missing)
            }
            (Some(403), Some("AccessDenied") | None) => {
                Ok(Lookup::Forbidden(failed().reworded(|cause, _| {
                    *cause = format!("missing or not permitted: {cause}");
                })))
            }
            _ => Err(failed()),
        }
    }
}

/// Whether S3 did not respond, or failed itself. Errors on this side, such as
/// credentials, certificates and the region, do not count.
fn is_away<E>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        SdkError::TimeoutError(_) => true,
        SdkError::DispatchFailure(failure) => failure.is_io() || failure.is_timeout(),
        _ => status(error).is_some_and(|status| status >= 500),
    }
}
