//! What `--verbose` tells of a request: that it was answered, how, and when.
//!
//! Knows no more of an answer than its status and its id.

use std::time::Instant;

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

/// Tells of a request that was answered, for `--verbose`.
pub(crate) fn told<O: RequestId, E: RequestId>(
    operation: &str,
    target: &dyn std::fmt::Display,
    since: Instant,
    answer: &Result<O, SdkError<E, HttpResponse>>,
) where
    SdkError<E, HttpResponse>: RequestId,
{
    let passed = since.elapsed().as_millis();
    let (word, id) = match answer {
        Ok(output) => ("done", output.request_id()),
        Err(error) if is_unchanged(error) => ("unchanged", error.request_id()),
        Err(error) => ("failed", error.request_id()),
    };
    let id = id.unwrap_or("-");
    tracing::info!("{operation} {target}: {word} in {passed} ms, request {id}");
}

/// Whether an error is the answer that a condition asked for.
fn is_unchanged<E>(error: &SdkError<E, HttpResponse>) -> bool {
    error
        .raw_response()
        .is_some_and(|raw| raw.status().as_u16() == 304)
}
