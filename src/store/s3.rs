//! A store in an S3 bucket: a record is the object at prefix and name.
//!
//! Knows requests and answers. Every request names the bucket's owner where
//! one is configured. Where S3 says that the bucket is in another region, the
//! request goes there, once, and so do all that follow.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::{Condition, Lookup, Outcome, Receipt, Step, Store, Stored};
use crate::aws::{self, Aws};
use crate::error::{Error, Result};
use crate::name::{ObjectPath, Place, SecretName};

/// Records as objects.
#[derive(Debug)]
pub(crate) struct S3Store {
    bucket: Bucket,
    aws: Aws,
    client: Mutex<Client>,
    /// The largest record, in bytes.
    largest: usize,
}

/// Which bucket, and where in it.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) prefix: String,
    /// The account that must own it.
    pub(crate) owner: Option<String>,
}

type Answer<O, E> = Result<O, SdkError<E, HttpResponse>>;

impl S3Store {
    pub(crate) fn new(bucket: Bucket, aws: Aws, largest: usize) -> Self {
        let client = Mutex::new(aws.s3(None));
        Self {
            bucket,
            aws,
            client,
            largest,
        }
    }

    fn client(&self) -> Client {
        self.client
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Makes a request, and once more in the region that S3 names.
    async fn ask<O, E, F>(
        &self,
        operation: &str,
        place: &Place,
        request: impl Fn(Client) -> F,
    ) -> Answer<O, E>
    where
        O: RequestId,
        E: RequestId,
        SdkError<E, HttpResponse>: RequestId,
        F: Future<Output = Answer<O, E>>,
    {
        let since = Instant::now();
        let answer = request(self.client()).await;
        aws::told(operation, &place.path, since, &answer);
        let Some(region) = answer.as_ref().err().and_then(aws::region_named) else {
            return answer;
        };
        tracing::info!(
            "the bucket is in {region}: \"bucket_region\": \"{region}\" in the configuration file saves this round trip"
        );
        let elsewhere = self.aws.s3(Some(&region));
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = elsewhere.clone();
        let since = Instant::now();
        let answer = request(elsewhere).await;
        aws::told(operation, &place.path, since, &answer);
        answer
    }

    async fn get(&self, place: &Place, version: Option<&str>) -> Result<Lookup> {
        let etag = version.filter(|version| is_etag(version)).map(quoted);
        let id = version.filter(|version| !is_etag(version));
        let answer = self
            .ask("GetObject", place, |client| {
                client
                    .get_object()
                    .bucket(&self.bucket.name)
                    .key(place.path.as_str())
                    .set_version_id(id.map(str::to_owned))
                    .set_if_match(etag.clone())
                    .set_expected_bucket_owner(self.bucket.owner.clone())
                    .send()
            })
            .await;
        let output = match answer {
            Ok(output) => output,
            Err(error) => return lookup_failed(place, version, &error),
        };
        let etag = output
            .e_tag()
            .unwrap_or_default()
            .trim_matches('"')
            .to_owned();
        let version = output
            .version_id()
            .filter(|id| *id != "null")
            .map(str::to_owned);
        let body = output.body.collect().await.map_err(|error| Error::Aws {
            action: "read",
            place: Some(place.clone()),
            cause: crate::error::chain(&error),
            hint: None,
        })?;
        let bytes = body.to_vec();
        if bytes.len() > self.largest {
            return Err(Error::Damaged {
                place: place.clone(),
                message: format!("its record is larger than {} bytes", self.largest),
                hint: Some("--max-size BYTES allows larger secrets".into()),
            });
        }
        Ok(Lookup::Found(Stored {
            bytes,
            etag,
            version,
        }))
    }

    async fn put(&self, place: &Place, record: &[u8], condition: Condition<'_>) -> Result<Outcome> {
        let (if_match, if_none_match) = match condition {
            Condition::Matches(etag) => (Some(quoted(etag)), None),
            Condition::Absent => (None, Some("*".to_owned())),
            Condition::Whatever => (None, None),
        };
        let answer = self
            .ask("PutObject", place, |client| {
                client
                    .put_object()
                    .bucket(&self.bucket.name)
                    .key(place.path.as_str())
                    .content_type("application/octet-stream")
                    .body(ByteStream::from(record.to_vec()))
                    .set_if_match(if_match.clone())
                    .set_if_none_match(if_none_match.clone())
                    .set_expected_bucket_owner(self.bucket.owner.clone())
                    .send()
            })
            .await;
        let error = match answer {
            Ok(output) => {
                return Ok(Outcome::Saved(Receipt {
                    etag: output
                        .e_tag()
                        .unwrap_or_default()
                        .trim_matches('"')
                        .to_owned(),
                    version: output
                        .version_id()
                        .filter(|id| *id != "null")
                        .map(str::to_owned),
                }));
            }
            Err(error) => error,
        };
        let failed = aws::failed("store", Some(place), &error);
        match (
            error.raw_response().map(|raw| raw.status().as_u16()),
            error.code(),
        ) {
            (Some(412), _) => Ok(Outcome::Refused),
            // What the condition wants to match is gone.
            (Some(404), Some("NoSuchKey")) if if_match.is_some() => Ok(Outcome::Refused),
            (Some(409), _) => Ok(Outcome::Busy),
            (Some(501), _) if condition != Condition::Whatever => Err(Error::Aws {
                action: "store",
                place: Some(place.clone()),
                cause: format!(
                    "the server does not know the condition {}: {}",
                    if if_match.is_some() {
                        "If-Match"
                    } else {
                        "If-None-Match: *"
                    },
                    aws::cause(&error)
                ),
                hint: Some(
                    "lazycred never writes blindly; use a server that has conditional writes"
                        .into(),
                ),
            }),
            (Some(500..) | None, _) if !matches!(error, SdkError::ConstructionFailure(_)) => {
                Ok(Outcome::Unclear(failed))
            }
            _ => Err(failed),
        }
    }
}

impl Store for S3Store {
    fn place(&self, name: &SecretName) -> Result<Place> {
        let path = ObjectPath::new(
            format!("s3://{}/", self.bucket.name),
            format!("{}{}", self.bucket.prefix, name.as_str()),
        );
        Ok(Place {
            name: name.clone(),
            path,
        })
    }

    fn fetch<'a>(&'a self, place: &'a Place, version: Option<&'a str>) -> Step<'a, Result<Lookup>> {
        Box::pin(self.get(place, version))
    }

    fn save<'a>(
        &'a self,
        place: &'a Place,
        record: &'a [u8],
        condition: Condition<'a>,
    ) -> Step<'a, Result<Outcome>> {
        Box::pin(self.put(place, record, condition))
    }
}

fn lookup_failed<E>(
    place: &Place,
    version: Option<&str>,
    error: &SdkError<E, HttpResponse>,
) -> Result<Lookup>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let status = error.raw_response().map(|raw| raw.status().as_u16());
    match (status, error.code()) {
        (Some(404), Some("NoSuchKey" | "NoSuchVersion")) => Ok(Lookup::Missing),
        // A version that is no version's form, and an etag that is not the current one's.
        (Some(400), Some("InvalidArgument" | "NoSuchVersion"))
        | (Some(405), Some("MethodNotAllowed"))
        | (Some(412), _)
            if version.is_some() =>
        {
            Ok(Lookup::Missing)
        }
        (Some(403), Some("AccessDenied") | None) => Ok(Lookup::Forbidden(Error::Aws {
            action: "read",
            place: Some(place.clone()),
            cause: format!("missing or not permitted: {}", aws::cause(error)),
            hint: Some("s3:GetObject reads it; without s3:ListBucket S3 answers the same for a name that is not there".into()),
        })),
        _ => Err(aws::failed("read", Some(place), error)),
    }
}

/// Whether a version is an etag, as `history` prints it where there are no versions.
fn is_etag(version: &str) -> bool {
    let bare = version.trim_matches('"');
    let (hash, parts) = bare.split_once('-').unwrap_or((bare, "1"));
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    hash.len() == 32
        && hash.bytes().all(hex)
        && !parts.is_empty()
        && parts.bytes().all(|byte| byte.is_ascii_digit())
}

fn quoted(etag: &str) -> String {
    format!("\"{}\"", etag.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_is_told_from_a_version() {
        for etag in [
            "d41d8cd98f00b204e9800998ecf8427e",
            "\"d41d8cd98f00b204e9800998ecf8427e-12\"",
        ] {
            assert!(is_etag(etag), "{etag}");
        }
        for version in [
            "null",
            "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH",
            "01HZX3V4ZC9QK1W8T0E5M7N6P2",
            "d41d8cd98f00b204e9800998ecf8427e-",
        ] {
            assert!(!is_etag(version), "{version}");
        }
    }
}
