//! Changes an object: conditional `PutObject` and `DeleteObject`.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::delete_object::{DeleteObjectError, DeleteObjectOutput};
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;

use super::requests::{S3Store, bare, quoted, real, request, status};
use crate::backends::aws::{self, Answer};
use crate::backends::store::{Condition, Lookup, Outcome, Receipt, Removal, Removed, Stored};
use crate::base::{Error, Operation, Place, Result};
use crate::config::Sse;

const ENCRYPTION: &str =
    "remove `sse` from the configuration, or set up encryption at rest on this server";

impl S3Store {
    pub(super) async fn put(
        &self,
        place: &Place,
        record: &Bytes,
        condition: Condition<'_>,
    ) -> Result<Outcome> {
        let (if_match, if_none_match) = match condition {
            Condition::Matches(etag) => (Some(quoted(etag)), None),
            Condition::Absent => (None, Some("*".to_owned())),
            Condition::Whatever => (None, None),
        };
        let sse = self.bucket.sse.as_ref();
        let request = |client: Client| {
            request!(self, client.put_object)
                .key(place.path.as_str())
                .content_type("application/octet-stream")
                .body(ByteStream::from(record.clone()))
                .set_server_side_encryption(sse.map(|sse| sse.algorithm().into()))
                .set_ssekms_key_id(sse.and_then(Sse::kms_key).map(ToString::to_string))
                .set_if_match(if_match.clone())
                .set_if_none_match(if_none_match.clone())
                .send()
        };
        // Without a condition, nothing would stop a second one from replacing what
        // somebody wrote after the first.
        let answer = if condition == Condition::Whatever {
            self.ask_once("PutObject", &place.path, request).await
        } else {
            self.ask("PutObject", &place.path, request).await
        };
        let error = match answer {
            Ok(output) => {
                return Ok(Outcome::Saved(Receipt {
                    etag: bare(output.e_tag()),
                    version: real(output.version_id()),
                }));
            }
            Err(error) => error,
        };
        let failed = self.failed(Operation::Store, Some(place), &error);
        match (status(&error), error.code()) {
            (Some(412), _) => Ok(Outcome::Refused),
            // The object that the condition should match does not exist.
            (Some(404), Some("NoSuchKey")) if if_match.is_some() => Ok(Outcome::Refused),
            (Some(409), _) => Ok(Outcome::Busy),
            (Some(501), _) if sse.is_some() && is_about_encryption(&error) => {
                Err(failed.hinted(ENCRYPTION))
            }
            (Some(501), _) if condition != Condition::Whatever => Err(Error::Aws {
                operation: Operation::Store,
                place: Some(place.clone()),
                code: error.code().map(str::to_owned),
                cause: format!(
                    "the server does not support the condition {}: {}",
                    if if_match.is_some() {
                        "If-Match"
                    } else {
                        "If-None-Match: *"
                    },
                    aws::cause(&error)
                ),
                hint: Some(
                    "use a server that supports conditional writes; lazycred does not write without them"
                        .into(),
                ),
            }),
            (Some(500..) | None, _) if !matches!(error, SdkError::ConstructionFailure(_)) => {
                Ok(Outcome::Unclear(failed))
            }
            _ => Err(failed),
        }
    }

    /// Removes an object if it is still `current`. If a server does not support the
    /// condition, the object is read just before it is removed.
    pub(super) async fn remove(&self, place: &Place, current: &Stored) -> Result<Removal> {
        let mut answer = self.delete(place, current.etag()).await;
        if answer.as_ref().err().and_then(status) == Some(501) {
            match self.get(place, None).await? {
                Lookup::Found(now) if now.etag() == current.etag() => {}
                Lookup::Found(_) | Lookup::Missing => return Ok(Removal::Refused),
                Lookup::Forbidden(error) => return Err(error),
            }
            answer = self.delete_whatever(place).await;
        }
        let error = match answer {
            Ok(output) => return Ok(Removal::Done(removed(&output, current))),
            Err(error) => error,
        };
        let failed = self.failed(Operation::Remove, Some(place), &error);
        match status(&error) {
            // The object that the condition should match changed, or does not exist.
            Some(412 | 404) if error.code() != Some("NoSuchBucket") => Ok(Removal::Refused),
            Some(409) => Ok(Removal::Busy),
            Some(500..) | None if !matches!(error, SdkError::ConstructionFailure(_)) => {
                Ok(Removal::Unclear(failed))
            }
            _ => Err(failed),
        }
    }

    async fn delete(
        &self,
        place: &Place,
        etag: &str,
    ) -> Answer<DeleteObjectOutput, DeleteObjectError> {
        self.ask("DeleteObject", &place.path, |client| {
            request!(self, client.delete_object)
                .key(place.path.as_str())
                .if_match(quoted(etag))
                .send()
        })
        .await
    }

    /// Without a condition, a second request after a lost response would leave a
    /// second delete marker.
    async fn delete_whatever(
        &self,
        place: &Place,
    ) -> Answer<DeleteObjectOutput, DeleteObjectError> {
        let client = self.client();
        let request = || {
            request!(self, client.delete_object)
                .key(place.path.as_str())
                .send()
        };
        let path = &place.path;
        self.aws.ask_once("DeleteObject", path, request).await
    }
}

/// Whether a server's words are about encryption at rest, which not every one has.
fn is_about_encryption(error: &impl ProvideErrorMetadata) -> bool {
    let said = error.message().unwrap_or_default().to_ascii_lowercase();
    said.contains("encrypt") || said.contains("sse")
}

/// What remains of a removed object: its version, or if it was stored before
/// versioning was turned on, the etag that finds it.
fn removed(output: &DeleteObjectOutput, current: &Stored) -> Removed {
    let marker = real(output.version_id()).filter(|_| output.delete_marker() == Some(true));
    let null = marker.as_ref().map(|_| current.etag().to_owned());
    Removed {
        version: current.version().map(str::to_owned).or(null),
        marker,
        damaged: false,
    }
}
