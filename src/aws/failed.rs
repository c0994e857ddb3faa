//! A failed request in words: the answer or why there is none, and what helps.

use std::time::SystemTime;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::clock;
use super::fault::CredentialsFault;
use crate::error::{Error, Operation, chain};
use crate::http::{NoSuchHost, Refusal};
use crate::name::Place;

/// The most bytes of a server's own words that an error repeats.
const WORDS: usize = 500;

/// What is said where nothing gives credentials.
pub(crate) const NO_CREDENTIALS: &str = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose --profile, or run where a role provides them";

/// A failed request, for the record at `place`.
pub(crate) fn failed<E>(
    operation: Operation,
    place: Option<&Place>,
    error: &SdkError<E, HttpResponse>,
) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    Error::Aws {
        operation,
        place: place.cloned(),
        code: error.code().map(few),
        cause: cause(error),
        hint: hint(error),
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
            Some(message) => few(&format!("{code}: {message}")),
            None => few(&code),
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
    let said = ["io error: ", "timeout: ", "other: ", "user error: "]
        .iter()
        .fold(said, |said, words| said.strip_prefix(words).unwrap_or(said));
    few(said)
}

/// A server's words, as many as one line has room for.
pub(crate) fn few(text: &str) -> String {
    const CUT: &str = "…";
    if text.len() <= WORDS {
        return text.to_owned();
    }
    let mut end = WORDS - CUT.len();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{CUT}", &text[..end])
}

fn hint<E>(error: &SdkError<E, HttpResponse>) -> Option<String>
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
            "the secret access key does not belong to this access key id"
        }
        Some("InvalidSignatureException") => {
            "the secret access key does not belong to this access key id, or this machine's clock is wrong"
        }
        Some("RequestTimeTooSkewed") => "this machine's clock is wrong",
        Some(_) => return None,
        None => return network_hint(error),
    };
    Some(hint.to_owned())
}

fn network_hint(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    let mut no_credentials = false;
    while let Some(link) = next {
        if let Some(refusal) = link.downcast_ref::<Refusal>() {
            return match refusal {
                Refusal::PlainHttp { .. } => Some(
                    "use https://, or set LAZYCRED_ALLOW_HTTP=1 if the connection cannot be intercepted".into(),
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
        if let Some(fault) = link.downcast_ref::<CredentialsFault>() {
            return Some(fault.hint());
        }
        if link.is::<NoSuchHost>() {
            return Some("check the spelling of the region; if AWS is not reachable directly from here, use HTTPS_PROXY, a VPC endpoint or AWS_ENDPOINT_URL; `-v` shows each request".into());
        }
        no_credentials |= link.is::<CredentialsError>();
        if let Some(rustls::Error::InvalidCertificate(_)) = link.downcast_ref() {
            return Some(
                "if a proxy signs its own certificates here, AWS_CA_BUNDLE=FILE names its CA"
                    .into(),
            );
        }
        next = link.source();
    }
    no_credentials.then(|| NO_CREDENTIALS.to_owned())
}

/// The region that S3 says a bucket is in, where a request went to another.
pub(crate) fn region_named<E>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    let raw = error.raw_response()?;
    if !matches!(raw.status().as_u16(), 301 | 307 | 400) {
        return None;
    }
    let in_body = || {
        let body = std::str::from_utf8(raw.body().bytes()?).ok()?;
        let (_, rest) = body.split_once("<Region>")?;
        rest.split_once("</Region>").map(|(region, _)| region)
    };
    let named = raw.headers().get("x-amz-bucket-region").or_else(in_body);
    named
        .filter(|region| crate::config::is_region(region))
        .map(str::to_owned)
}
