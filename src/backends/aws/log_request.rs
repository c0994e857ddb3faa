//! Logs each request for `--verbose`: its outcome, duration and id, and nothing else.

use std::any::type_name;
use std::borrow::Cow;
use std::fmt::Display;
use std::time::Instant;

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::base::waiting;

/// The result of a request to AWS.
pub(crate) type Answer<O, E> = Result<O, SdkError<E, HttpResponse>>;

/// Makes a request once, and logs its outcome; `source` sets its endpoint, if not AWS.
pub(super) async fn logged<O: RequestId, E: RequestId>(
    operation: &str,
    target: &(dyn Display + Sync),
    source: Option<String>,
    request: impl Future<Output = Answer<O, E>> + Send,
) -> Answer<O, E>
where
    SdkError<E, HttpResponse>: RequestId,
{
    let what = match service_of::<E>() {
        "S3" => format!("S3 ({target})").into(),
        service => Cow::Borrowed(service),
    };
    let _waiting = waiting::on_request(what, source);
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

/// The service of a request, by the SDK whose error it has.
pub(super) fn service_of<E>() -> &'static str {
    let name = type_name::<E>();
    match name.split("::").next() {
        Some("aws_sdk_s3") => "S3",
        Some("aws_sdk_kms") => "KMS",
        Some("aws_sdk_sts") => "STS",
        _ => "AWS",
    }
}

/// Whether an error only means that the cached record is current: 304.
fn is_unchanged<E>(error: &SdkError<E, HttpResponse>) -> bool {
    error
        .raw_response()
        .is_some_and(|raw| raw.status().as_u16() == 304)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_is_of_its_service() {
        use aws_sdk_kms::operation::{list_aliases::ListAliasesError, list_keys::ListKeysError};
        use aws_sdk_s3::operation::head_bucket::HeadBucketError;
        use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;
        assert_eq!(service_of::<ListAliasesError>(), "KMS");
        assert_eq!(service_of::<ListKeysError>(), "KMS");
        assert_eq!(service_of::<HeadBucketError>(), "S3");
        assert_eq!(service_of::<GetCallerIdentityError>(), "STS");
        assert_eq!(service_of::<String>(), "AWS");
    }
}
