//! Logs each request for `--verbose`: its outcome, duration and id, and nothing else.

use std::borrow::Cow;
use std::fmt::Display;
use std::time::Instant;

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::base::waiting;

/// The result of a request to AWS.
pub(crate) type Answer<O, E> = Result<O, SdkError<E, HttpResponse>>;

/// Makes a request once, and logs its outcome.
pub(super) async fn logged<O: RequestId, E: RequestId>(
    operation: &str,
    target: &(dyn Display + Sync),
    request: impl Future<Output = Answer<O, E>> + Send,
) -> Answer<O, E>
where
    SdkError<E, HttpResponse>: RequestId,
{
    let _waiting = waiting::on(match service_of(operation) {
        "S3" => format!("S3 ({target})").into(),
        service => Cow::Borrowed(service),
    });
    let since = Instant::now();
    let answer = request.await;
    let passed = since.elapsed().as_millis();
    let (word, id) = match &answer {
        Ok(output) => ("done", output.request_id()),
        Err(error) if is_unchanged(error) => ("unchanged", error.request_id()),
        Err(error) => ("failed", error.request_id()),
    };
    let id = id.unwrap_or("-");
    tracing::info!("{operation} {target}: {word} in {passed} ms, request {id}");
    answer
}

/// The service of a request, by its name in the API.
fn service_of(operation: &str) -> &'static str {
    match operation {
        "GetCallerIdentity" => "STS",
        "Encrypt"
        | "Decrypt"
        | "ReEncrypt"
        | "DescribeKey"
        | "GetKeyRotationStatus"
        | "CreateKey"
        | "CreateAlias"
        | "EnableKeyRotation" => "KMS",
        _ => "S3",
    }
}

/// Whether an error only means that the cached record is current: 304.
fn is_unchanged<E>(error: &SdkError<E, HttpResponse>) -> bool {
    error
        .raw_response()
        .is_some_and(|raw| raw.status().as_u16() == 304)
}
