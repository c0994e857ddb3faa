//! A failed request in words: the answer or why there is none, and what helps.

use std::time::SystemTime;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::clock;
use crate::error::{Error, chain};
use crate::http::Refusal;
use crate::name::Place;

/// A failed request, for the record at `place`.
pub(crate) fn failed<E>(
    action: &'static str,
    place: Option<&Place>,
    error: &SdkError<E, HttpResponse>,
) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let cause = cause(error);
    let hint = hint(error, &cause);
    Error::Aws {
        action,
        place: place.cloned(),
        cause,
        hint,
    }
}

/// The answer as `CODE: message`, or why there is none.
pub(crate) fn cause<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    if let SdkError::ServiceError(answer) = error {
        let status = answer.raw().status().as_u16();
        let known = answer.err();
        let code = known
            .code()
            .map_or_else(|| format!("HTTP {status}"), str::to_owned);
        return match known.message().filter(|message| !message.is_empty()) {
            Some(message) => format!("{code}: {message}"),
            None => code,
        };
    }
    let said = chain(error);
    // A request that is shown is shown with its body, which may be a data key.
    if said.contains("SdkBody") {
        return "the AWS SDK could not make the request".to_owned();
    }
    // The SDK's own first words say nothing that the rest does not.
    let said = [
        "dispatch failure: ",
        "failed to construct request: ",
        "request has timed out: ",
        "response error: ",
    ]
    .iter()
    .fold(said.as_str(), |said, words| {
        said.strip_prefix(words).unwrap_or(said)
    });
    ["io error: ", "timeout: ", "other: ", "user error: "]
        .iter()
        .fold(said, |said, words| said.strip_prefix(words).unwrap_or(said))
        .to_owned()
}

fn hint<E>(error: &SdkError<E, HttpResponse>, cause: &str) -> Option<String>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let clock = error
        .raw_response()
        .and_then(|answer| clock::wrong(answer, SystemTime::now()));
    let hint = match error.code() {
        Some(
            "RequestTimeTooSkewed"
            | "RequestExpired"
            | "RequestInTheFuture"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "AuthFailure",
        ) if clock.is_some() => return clock,
        Some("ExpiredToken" | "ExpiredTokenException" | "RequestExpired") => {
            "the credentials have expired; fetch fresh ones (`aws sso login`, a new session)"
        }
        Some(
            "InvalidAccessKeyId"
            | "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidToken",
        ) => {
            "AWS does not know these credentials; `aws sts get-caller-identity` shows which are used"
        }
        Some("SignatureDoesNotMatch") => {
            "the secret access key is not the one of this access key id"
        }
        Some("RequestTimeTooSkewed") => "this machine's clock is wrong",
        Some("InvalidSignatureException")
            if cause.contains("expired") || cause.contains("not yet current") =>
        {
            "this machine's clock is wrong"
        }
        Some(_) => return None,
        None => return network_hint(error, cause),
    };
    Some(hint.to_owned())
}

fn network_hint(error: &(dyn std::error::Error + 'static), cause: &str) -> Option<String> {
    let mut next = Some(error);
    while let Some(link) = next {
        if let Some(refusal) = link.downcast_ref::<Refusal>() {
            return match refusal {
                Refusal::PlainHttp { .. } => Some(
                    "use https://, or set LAZYCRED_ALLOW_HTTP=1 if nobody can listen in".into(),
                ),
                Refusal::BodyTooLarge { .. } => {
                    Some("--max-size BYTES allows larger secrets".into())
                }
                Refusal::TrustRoots { .. } => Some(
                    "AWS_CA_BUNDLE, SSL_CERT_FILE and SSL_CERT_DIR name certificates in PEM".into(),
                ),
                Refusal::Proxy { .. } => None,
            };
        }
        if let Some(rustls::Error::InvalidCertificate(_)) = link.downcast_ref() {
            return Some(
                "if a proxy signs its own certificates here, AWS_CA_BUNDLE=FILE names its CA"
                    .into(),
            );
        }
        next = link.source();
    }
    if cause.contains("credentials-login") {
        return Some(
            "put `credential_process = aws configure export-credentials --format process` in a profile of its own".into(),
        );
    }
    if cause.contains("credential") {
        return Some("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose --profile, or run where a role gives them".into());
    }
    None
}

/// The region that S3 says a bucket is in, where a request went to another.
pub(crate) fn region_named<E>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    let raw = error.raw_response()?;
    if !matches!(raw.status().as_u16(), 301 | 307 | 400) {
        return None;
    }
    if let Some(region) = raw.headers().get("x-amz-bucket-region") {
        return Some(region.to_owned());
    }
    let body = std::str::from_utf8(raw.body().bytes()?).ok()?;
    let (_, rest) = body.split_once("<Region>")?;
    let (region, _) = rest.split_once("</Region>")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (!region.is_empty() && region.chars().all(plain)).then(|| region.to_owned())
}
