//! A store in an S3 bucket: a record is the object at prefix and name.
//!
//! Knows requests and answers. Every request names the bucket's owner where
//! one is configured. Where S3 says that the bucket is in another region, the
//! request goes there, once, and so do all that follow. The version `null`, of
//! what was stored while the bucket kept no versions, is never shown: an etag
//! stands for it, and finds it again.

mod list;
mod make;
mod refetch;
mod setup;
mod versions;
mod write;

pub use setup::BucketState;

use std::fmt::Display;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use bytes::Bytes;

use super::{Condition, Lookup, Outcome, Pages, Refetch, Removal, Step, Store, Stored, Version};
use crate::aws::{self, Aws};
use crate::error::{Error, Operation, Result};
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
        target: &(dyn Display + Sync),
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
        aws::told(operation, target, since, &answer);
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
        aws::told(operation, target, since, &answer);
        answer
    }

    async fn get(&self, place: &Place, version: Option<&str>) -> Result<Lookup> {
        let Some(etag) = version.filter(|version| is_etag(version)) else {
            return self.get_one(place, version, None).await;
        };
        // Some servers' versions look like etags; and what was stored before
        // the bucket kept versions is the version `null`.
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
        let answer = self
            .ask("GetObject", &place.path, |client| {
                client
                    .get_object()
                    .bucket(&self.bucket.name)
                    .key(place.path.as_str())
                    .set_version_id(version.map(str::to_owned))
                    .set_if_match(etag.map(quoted))
                    .set_expected_bucket_owner(self.bucket.owner.clone())
                    .send()
            })
            .await;
        let output = match answer {
            Ok(output) => output,
            Err(error) => return lookup_failed(place, version.or(etag), &error),
        };
        self.received(place, output).await
    }

    /// The record that an answer brings.
    async fn received(&self, place: &Place, output: GetObjectOutput) -> Result<Lookup> {
        let etag = bare(output.e_tag());
        let version = real(output.version_id());
        let body = output.body.collect().await.map_err(|error| {
            Error::aws(Operation::Read, Some(place), crate::error::chain(&error))
        })?;
        // One piece that nobody else holds, whose memory this takes over.
        let bytes = Vec::from(body.into_bytes());
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

    fn dial_ahead(&self, connections: usize) {
        let client = self.client();
        let region = client.config().region().map(AsRef::as_ref);
        self.aws.dial_s3(&self.bucket.name, region, connections);
    }

    fn fetch<'a>(&'a self, place: &'a Place, version: Option<&'a str>) -> Step<'a, Result<Lookup>> {
        Box::pin(self.get(place, version))
    }

    fn refetch<'a>(&'a self, place: &'a Place, etag: &'a str) -> Step<'a, Result<Refetch>> {
        Box::pin(self.get_unless(place, etag))
    }

    fn save<'a>(
        &'a self,
        place: &'a Place,
        record: &'a Bytes,
        condition: Condition<'a>,
    ) -> Step<'a, Result<Outcome>> {
        Box::pin(self.put(place, record, condition))
    }

    fn delete<'a>(&'a self, place: &'a Place, current: &'a Stored) -> Step<'a, Result<Removal>> {
        Box::pin(self.remove(place, current))
    }

    fn list(&self, prefix: &str) -> Box<dyn Pages + '_> {
        Box::new(list::ObjectPages::new(self, prefix))
    }

    fn versions<'a>(&'a self, place: &'a Place) -> Step<'a, Result<Vec<Version>>> {
        Box::pin(self.history(place))
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
    match (status(error), error.code()) {
        (Some(404), Some("NoSuchKey" | "NoSuchVersion")) => Ok(Lookup::Missing),
        // What is no version, an etag that is not the current one's, a removal.
        (Some(400), Some("InvalidArgument" | "NoSuchVersion"))
        | (Some(412), _)
        | (Some(405), Some("MethodNotAllowed"))
            if version.is_some() =>
        {
            Ok(Lookup::Missing)
        }
        (Some(403), Some("AccessDenied") | None) => {
            let failed = aws::failed(Operation::Read, Some(place), error);
            let either = "missing or not permitted: ";
            Ok(Lookup::Forbidden(
                failed.reworded(|cause, _| cause.insert_str(0, either)),
            ))
        }
        _ => Err(aws::failed(Operation::Read, Some(place), error)),
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

/// An etag without its quotes.
fn bare(etag: Option<&str>) -> String {
    etag.unwrap_or_default().trim_matches('"').to_owned()
}

/// A version, unless it is the one of a bucket that keeps none.
fn real(version: Option<&str>) -> Option<String> {
    version
        .filter(|id| !matches!(*id, "null" | ""))
        .map(str::to_owned)
}

/// The answer's status, where there is one.
fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    Some(error.raw_response()?.status().as_u16())
}

#[cfg(test)]
mod tests;
