//! Makes requests: all that we send to S3, KMS and STS go through here, and are
//! repeated by the rules of `retry`.

use std::error::Error as StdError;
use std::fmt::Display;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use futures_util::future::BoxFuture;

use super::log_request::{Answer, logged, service_of};
use super::retry::{Course, Failure, Lost, note};
use super::{Aws, errors};
use crate::base::{throttling, waiting};

impl Aws {
    /// Makes a request, and repeats it as often as that may help.
    pub(crate) fn ask<'a, O, E, F>(
        &'a self,
        operation: &'a str,
        target: &'a (dyn Display + Sync),
        request: impl Fn() -> F + Send + 'a,
    ) -> BoxFuture<'a, Answer<O, E>>
    where
        O: RequestId + Send,
        E: RequestId + ProvideErrorMetadata + StdError + Send + Sync + 'static,
        SdkError<E, HttpResponse>: RequestId,
        F: Future<Output = Answer<O, E>> + Send,
    {
        self.ask_unless_lost(Lost::Repeat, operation, target, request)
    }

    /// The same for a request that would do its work twice if only its response was
    /// lost: such a failure is final.
    pub(crate) fn ask_once<'a, O, E, F>(
        &'a self,
        operation: &'a str,
        target: &'a (dyn Display + Sync),
        request: impl Fn() -> F + Send + 'a,
    ) -> BoxFuture<'a, Answer<O, E>>
    where
        O: RequestId + Send,
        E: RequestId + ProvideErrorMetadata + StdError + Send + Sync + 'static,
        SdkError<E, HttpResponse>: RequestId,
        F: Future<Output = Answer<O, E>> + Send,
    {
        self.ask_unless_lost(Lost::GiveUp, operation, target, request)
    }

    fn ask_unless_lost<'a, O, E, F>(
        &'a self,
        lost: Lost,
        operation: &'a str,
        target: &'a (dyn Display + Sync),
        request: impl Fn() -> F + Send + 'a,
    ) -> BoxFuture<'a, Answer<O, E>>
    where
        O: RequestId + Send,
        E: RequestId + ProvideErrorMetadata + StdError + Send + Sync + 'static,
        SdkError<E, HttpResponse>: RequestId,
        F: Future<Output = Answer<O, E>> + Send,
    {
        // The SDK's futures are large.
        Box::pin(async move {
            let mut course = Course::of(&self.retries, lost);
            let source = self.endpoint_source(service_of::<E>());
            loop {
                let answer = logged(operation, target, source.clone(), request()).await;
                let pause = match &answer {
                    Ok(_) => None,
                    Err(error) => course.after(&Failure::of(error)),
                };
                let (Some(pause), Err(error)) = (pause, &answer) else {
                    note(operation, None);
                    return answer;
                };
                let failed = errors::last(error);
                drop(answer);
                let service = service_of::<E>();
                let is_busy = failed
                    .code
                    .as_deref()
                    .is_some_and(throttling::is_throttling);
                let _waiting = waiting::on(if is_busy {
                    format!("{service}, which limits requests")
                } else {
                    format!("another attempt at {service}")
                });
                course.wait(pause, operation, target, failed).await;
            }
        })
    }
}
