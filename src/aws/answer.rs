//! Logs each request for `--verbose`: its outcome, how long it took, and its id.
//!
//! Looks at nothing else in an answer.

use std::time::Instant;

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

/// Logs a request that has ended.
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

/// Whether an error only says that the cached record is current: 304.
fn is_unchanged<E>(error: &SdkError<E, HttpResponse>) -> bool {
    error
        .raw_response()
        .is_some_and(|raw| raw.status().as_u16() == 304)
}
