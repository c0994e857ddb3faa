//! Requests to the bucket, and what their responses have in common.

use std::fmt::Display;
use std::sync::{Mutex, PoisonError};

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use tokio::sync::OnceCell;

use super::turned_away::is_turned_away;
use crate::backends::aws::{Answer, Aws};
use crate::base::text::Brief;
use crate::base::{Error, Operation, Result};
use crate::config::Sse;

/// The longest path of an object in S3, and the longest version, in bytes of UTF-8.
///
/// Source: Amazon S3 User Guide, "Naming Amazon S3 objects" and "Retaining multiple
/// versions of objects with S3 Versioning".
pub(super) const LONGEST: usize = 1024;

/// Records as objects.
#[derive(Debug)]
pub(crate) struct S3Store {
    pub(super) bucket: Bucket,
    pub(super) aws: Aws,
    client: Mutex<Client>,
    /// The bucket's region as `HeadBucket` tells it, once that was asked.
    pub(super) region: OnceCell<Option<String>>,
    /// The largest record, in bytes.
    pub(super) largest: usize,
}

/// Which bucket, and where in it.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) prefix: String,
    /// The account that must own it.
    pub(crate) owner: Option<String>,
    /// How S3 is told to encrypt what is stored.
    pub(crate) sse: Option<Sse>,
}

impl Bucket {
    /// The path of a name, or of what names start with; an error if it is longer than
    /// S3 allows. The SDK panics at a path that fills a URL.
    pub(super) fn path(&self, name: &str) -> Result<String> {
        let prefix = &self.prefix;
        let length = prefix.len() + name.len();
        if length <= LONGEST {
            return Ok(format!("{prefix}{name}"));
        }
        if prefix.len() >= LONGEST {
            let length = prefix.len();
            return Err(Error::usage_hint(
                format!(
                    "the prefix `{}` is too long: it has {length} bytes, and S3 allows 1,024 with a name",
                    Brief(prefix)
                ),
                "shorten it in `s3_path`, after the bucket",
            ));
        }
        let (with, hint) = match &**prefix {
            "" => ("", "use a shorter name"),
            _ => (
                "with its prefix ",
                "use a shorter name, or a shorter prefix in `s3_path`",
            ),
        };
        let name = Brief(name);
        Err(Error::usage_hint(
            format!("`{name}` is too long: {with}it has {length} bytes, and S3 allows 1,024"),
            hint,
        ))
    }
}

impl S3Store {
    pub(crate) fn new(bucket: Bucket, aws: Aws, largest: usize) -> Self {
        let client = Mutex::new(aws.s3(None));
        Self {
            bucket,
            aws,
            client,
            region: OnceCell::new(),
            largest,
        }
    }

    pub(super) fn client(&self) -> Client {
        self.client
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Makes a request, and repeats it once in the bucket's region if that is another.
    pub(super) async fn ask<O, E, F>(
        &self,
        operation: &str,
        target: &(dyn Display + Sync),
        request: impl Fn(Client) -> F + Sync,
    ) -> Answer<O, E>
    where
        O: RequestId + Send,
        E: ProvideErrorMetadata + RequestId + std::error::Error + Send + Sync + 'static,
        SdkError<E, HttpResponse>: RequestId,
        F: Future<Output = Answer<O, E>> + Send,
    {
        self.ask_around(false, operation, target, request).await
    }

    /// The same for a request whose lost response is final.
    pub(super) async fn ask_once<O, E, F>(
        &self,
        operation: &str,
        target: &(dyn Display + Sync),
        request: impl Fn(Client) -> F + Sync,
    ) -> Answer<O, E>
    where
        O: RequestId + Send,
        E: ProvideErrorMetadata + RequestId + std::error::Error + Send + Sync + 'static,
        SdkError<E, HttpResponse>: RequestId,
        F: Future<Output = Answer<O, E>> + Send,
    {
        self.ask_around(true, operation, target, request).await
    }

    async fn ask_around<O, E, F>(
        &self,
        is_once: bool,
        operation: &str,
        target: &(dyn Display + Sync),
        request: impl Fn(Client) -> F + Sync,
    ) -> Answer<O, E>
    where
        O: RequestId + Send,
        E: ProvideErrorMetadata + RequestId + std::error::Error + Send + Sync + 'static,
        SdkError<E, HttpResponse>: RequestId,
        F: Future<Output = Answer<O, E>> + Send,
    {
        let client = self.client();
        let here = || request(client.clone());
        let answer = if is_once {
            self.aws.ask_once(operation, target, here).await
        } else {
            self.aws.ask(operation, target, here).await
        };
        let Err(error) = &answer else { return answer };
        let Some(elsewhere) = self.elsewhere(operation, &client, error).await else {
            return answer;
        };
        let there = || request(elsewhere.clone());
        let answer = if is_once {
            self.aws.ask_once(operation, target, there).await
        } else {
            self.aws.ask(operation, target, there).await
        };
        if !answer.as_ref().is_err_and(is_turned_away) {
            *self.client.lock().unwrap_or_else(PoisonError::into_inner) = elsewhere;
        }
        answer
    }

    /// Makes a request about the bucket itself; `None` if it fails with the code `absent`.
    pub(super) async fn about<O, E, F>(
        &self,
        (operation, name): (Operation, &str),
        absent: &str,
        request: impl Fn(Client) -> F + Sync,
    ) -> Result<Option<O>>
    where
        O: RequestId + Send,
        E: ProvideErrorMetadata + RequestId + std::error::Error + Send + Sync + 'static,
        SdkError<E, HttpResponse>: RequestId,
        F: Future<Output = Answer<O, E>> + Send,
    {
        match self.ask(name, &self.bucket.name, request).await {
            Ok(output) => Ok(Some(output)),
            Err(error) if error.code() == Some(absent) => Ok(None),
            Err(error) => Err(self.failed(operation, None, &error)),
        }
    }
}

/// The start of a request to a store's bucket, which must belong to the
/// configured owner.
macro_rules! request {
    ($store:expr, $client:ident.$operation:ident) => {
        $client
            .$operation()
            .bucket(&$store.bucket.name)
            .set_expected_bucket_owner($store.bucket.owner.clone())
    };
}
pub(super) use request;

pub(super) fn quoted(etag: &str) -> String {
    format!("\"{}\"", etag.trim_matches('"'))
}

/// An etag without its quotes.
pub(super) fn bare(etag: Option<&str>) -> String {
    etag.unwrap_or_default().trim_matches('"').to_owned()
}

/// A version id, unless it stands for an unversioned object.
pub(super) fn real(version: Option<&str>) -> Option<String> {
    version
        .filter(|id| !matches!(*id, "null" | ""))
        .map(str::to_owned)
}

/// The status of the response, if there is one.
pub(super) fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    Some(error.raw_response()?.status().as_u16())
}
