//! Turns AWS failures into messages, with one table of hints.
//!
//! Types and codes decide. Text decides only where the SDK has flattened its own
//! error to a string; each constant names that error.

use std::error::Error as StdError;
use std::iter::successors;
use std::time::SystemTime;

use aws_credential_types::provider::error::{CredentialsError, TokenError};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::clock;
use super::fault::CredentialsFault;
use crate::backends::http::{NoSuchHost, Page, Refusal, Unconnected};
use crate::base::{Error, LastResponse, Operation, Place, chain, throttling};

/// How much of a server's message an error shows, in bytes.
const WORDS: usize = 500;

/// The SDK's words for a missing profile: `ProfileFileError::MissingProfile` as text,
/// and what `ProfileFileCredentialsProvider` says from then on.
const NO_PROFILE: [&str; 2] = ["was not defined", "initialization error already taken"];

const UNREACHABLE: &str = "if AWS is not reachable directly from here, use HTTPS_PROXY, a VPC endpoint or AWS_ENDPOINT_URL; `-v` shows each request";

/// What happened, if something can be done about it.
#[derive(Debug)]
enum Happened<'a> {
    /// AWS returned a code; `clock` tells how wrong this machine's clock is.
    Answer {
        code: &'a str,
        clock: Option<String>,
    },
    /// Our own HTTP client refused the request.
    Refused(&'a Refusal),
    /// No usable credentials.
    Credentials(&'a CredentialsFault),
    NoSuchHost,
    /// The network's own fault, and what to do about it.
    Network(String),
    UntrustedCertificate,
    /// The connection failed, or there was no response.
    NoAnswer,
}

/// The table: what to do about a failed operation.
fn hint(operation: Operation, happened: &Happened<'_>) -> Option<String> {
    let hint = match happened {
        Happened::Answer { code, clock } => return of_answer(operation, code, clock.as_deref()),
        Happened::Credentials(fault) => return Some(of_credentials(fault)),
        Happened::Refused(Refusal::PlainHttp { .. }) => {
            "use https://, or set LAZYCRED_ALLOW_HTTP=1 if the connection cannot be intercepted"
        }
        Happened::Refused(Refusal::BodyTooLarge { .. }) => "--max-size BYTES allows larger secrets",
        Happened::Refused(Refusal::TrustRoots { .. }) => {
            "AWS_CA_BUNDLE, SSL_CERT_FILE and SSL_CERT_DIR must name PEM certificates"
        }
        Happened::Refused(Refusal::Proxy { .. }) => {
            "use http://HOST:PORT, https://HOST:PORT or http://USER:PASSWORD@HOST:PORT"
        }
        Happened::Network(hint) => return Some(hint.clone()),
        Happened::NoSuchHost => {
            return Some(format!("check the spelling of the region; {UNREACHABLE}"));
        }
        Happened::UntrustedCertificate => {
            "if a proxy here signs its own certificates, set AWS_CA_BUNDLE to its CA certificate"
        }
        Happened::NoAnswer => UNREACHABLE,
    };
    Some(hint.to_owned())
}

fn of_answer(operation: Operation, code: &str, clock: Option<&str>) -> Option<String> {
    let hint = match (code, clock) {
        (
            "RequestTimeTooSkewed"
            | "RequestExpired"
            | "RequestInTheFuture"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "AuthFailure",
            Some(clock),
        ) => clock,
        ("ExpiredToken" | "ExpiredTokenException" | "RequestExpired", _) => {
            "the credentials have expired; get fresh ones (`aws sso login`, a new session)"
        }
        (
            "InvalidAccessKeyId"
            | "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidToken",
            _,
        ) => {
            "AWS does not know these credentials; `aws sts get-caller-identity` shows which are used"
        }
        ("SignatureDoesNotMatch", _) => {
            "the secret access key does not belong to this access key id"
        }
        ("InvalidSignatureException", _) => {
            "the secret access key does not belong to this access key id, or this machine's clock is wrong"
        }
        ("RequestTimeTooSkewed", _) => "this machine's clock is wrong",
        // S3 sends no code in response to a HEAD, and some servers never do.
        ("AccessDenied" | "HTTP 403", _) if operation == Operation::Read => {
            "allow s3:GetObject on it; without s3:ListBucket, S3 gives the same response for a missing name"
        }
        ("AccessDenied" | "AccessDeniedException", _) => {
            let (action, on) = permission(operation)?;
            let on = on.words();
            return Some(format!(
                "allow {action} on {on}; `lazycred policy KIND` prints a complete policy"
            ));
        }
        _ => throttling::hint(code)?,
    };
    Some(hint.to_owned())
}

fn of_credentials(fault: &CredentialsFault) -> String {
    match fault {
        CredentialsFault::Process { profile, .. } => format!(
            "`aws configure get credential_process --profile {profile}` shows the command; it must print {{\"Version\": 1, \"AccessKeyId\": …, \"SecretAccessKey\": …}}"
        ),
        CredentialsFault::Login { .. } => "use a separate profile with `credential_process = aws configure export-credentials --format process`".into(),
        CredentialsFault::Unfit { .. } => {
            "get fresh credentials from their source; `-vv` shows which that is".into()
        }
        CredentialsFault::SsoToken { profile, .. } => {
            format!("`aws sso login --profile {profile}` fetches a fresh token")
        }
        CredentialsFault::Profile { .. } => {
            "`aws configure list-profiles` lists the profiles; choose one with --profile".into()
        }
        CredentialsFault::Nowhere { metadata, .. } => {
            let hop = if *metadata {
                "; in a container on EC2 the hop limit of IMDS must be 2 (`aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2`)"
            } else {
                ""
            };
            format!(
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose --profile, or run where a role provides them{hop}"
            )
        }
    }
}

/// The kind of resource that an IAM action applies to.
///
/// # Examples
///
/// ```
/// use lazycred::{Operation, setup::{On, permission}};
/// assert!(matches!(permission(Operation::Wrap), Some((_, On::WrappingKey))));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// A wrapping key in KMS.
    WrappingKey,
    /// A bucket as a whole.
    Bucket,
    /// The records in a bucket.
    Objects,
    /// No particular resource.
    Anything,
}

impl On {
    fn words(self) -> &'static str {
        match self {
            Self::WrappingKey => "the wrapping key",
            Self::Bucket => "the bucket",
            Self::Objects => "the bucket's objects",
            Self::Anything => "*",
        }
    }
}

/// The IAM action for an operation, and the resource that it applies to.
///
/// # Examples
///
/// ```
/// use lazycred::{Operation, setup::{On, permission}};
/// assert_eq!(permission(Operation::Read), Some(("s3:GetObject", On::Objects)));
/// ```
#[must_use]
pub fn permission(operation: Operation) -> Option<(&'static str, On)> {
    Some(match operation {
        Operation::Identify => ("sts:GetCallerIdentity", On::Anything),
        Operation::Wrap => ("kms:Encrypt", On::WrappingKey),
        Operation::Unwrap => ("kms:Decrypt", On::WrappingKey),
        Operation::Rewrap => ("kms:ReEncryptFrom and kms:ReEncryptTo", On::WrappingKey),
        Operation::LookAtWrappingKey => ("kms:DescribeKey", On::WrappingKey),
        Operation::AskRotation => ("kms:GetKeyRotationStatus", On::WrappingKey),
        Operation::List | Operation::LookAtBucket => ("s3:ListBucket", On::Bucket),
        Operation::ListVersions => ("s3:ListBucketVersions", On::Bucket),
        Operation::AskVersioning => ("s3:GetBucketVersioning", On::Bucket),
        Operation::AskPublicAccess => ("s3:GetBucketPublicAccessBlock", On::Bucket),
        Operation::ReadPolicy => ("s3:GetBucketPolicy", On::Bucket),
        Operation::Read | Operation::Check => ("s3:GetObject", On::Objects),
        Operation::Store => ("s3:PutObject", On::Objects),
        Operation::Remove => ("s3:DeleteObject", On::Objects),
        _ => return None,
    })
}

/// A failed request, for the record at `place`.
pub(crate) fn failed<E>(
    operation: Operation,
    place: Option<&Place>,
    error: &SdkError<E, HttpResponse>,
) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let code = decisive(error);
    let happened = match &code {
        Some(code) => Some(Happened::Answer {
            code,
            clock: error
                .raw_response()
                .and_then(|answer| clock::wrong(answer, SystemTime::now())),
        }),
        None => unanswered(error),
    };
    Error::Aws {
        operation,
        place: place.cloned(),
        hint: happened.and_then(|happened| hint(operation, &happened)),
        code,
        cause: cause(error),
    }
}

/// What the last attempt came to before a time limit.
pub(super) fn last<E>(error: &SdkError<E, HttpResponse>) -> LastResponse
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    LastResponse {
        code: decisive(error),
        cause: cause(error),
    }
}

/// The code that decides what an error means: whatever a 429 is called, it throttles.
fn decisive<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    let is_429 = |raw: &HttpResponse| raw.status().as_u16() == 429;
    let code = code(error)?;
    if error.raw_response().is_some_and(is_429) && !throttling::is_throttling(&code) {
        return Some("HTTP 429".to_owned());
    }
    Some(code)
}

/// The error code of a response, or its status without one: `HTTP 429`.
fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    let SdkError::ServiceError(answer) = error else {
        return None;
    };
    let status = answer.raw().status().as_u16();
    let code = answer.err().code();
    Some(code.map_or_else(|| format!("HTTP {status}"), few))
}

/// Why there is no response.
fn unanswered<E>(error: &SdkError<E, HttpResponse>) -> Option<Happened<'_>>
where
    E: StdError + Send + Sync + 'static,
{
    let typed = links(error).find_map(|link| {
        if let Some(refusal) = link.downcast_ref() {
            return Some(Happened::Refused(refusal));
        }
        if let Some(fault) = link.downcast_ref() {
            return Some(Happened::Credentials(fault));
        }
        if let Some(hint) = link.downcast_ref().and_then(Unconnected::hint) {
            return Some(Happened::Network(hint));
        }
        if let Some(page) = link.downcast_ref::<Page>() {
            return Some(Happened::Network(page.hint()));
        }
        if link.is::<NoSuchHost>() {
            return Some(Happened::NoSuchHost);
        }
        matches!(
            link.downcast_ref(),
            Some(rustls::Error::InvalidCertificate(_))
        )
        .then_some(Happened::UntrustedCertificate)
    });
    let is_sent = matches!(
        error,
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_)
    );
    typed.or(is_sent.then_some(Happened::NoAnswer))
}

/// An error and its causes, outermost first.
fn links<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    successors(Some(error), |link| (*link).source())
}

/// Why the SDK's chain gave no credentials, in our own words. `profile` is the chosen
/// profile; `metadata` tells whether IMDS may have been asked.
pub(super) fn no_credentials(
    error: CredentialsError,
    profile: &str,
    metadata: bool,
) -> CredentialsError {
    if links(&error).any(<dyn StdError>::is::<CredentialsFault>) {
        return error;
    }
    let profile = profile.to_owned();
    let by_sso = links(&error).any(<dyn StdError>::is::<TokenError>);
    let said = chain(&error);
    let no_profile = NO_PROFILE.iter().any(|words| said.contains(words));
    let source = error;
    let fault = match () {
        () if by_sso => CredentialsFault::SsoToken { profile, source },
        () if no_profile => CredentialsFault::Profile { profile, source },
        () => CredentialsFault::Nowhere { metadata, source },
    };
    fault.into()
}

/// The response as `CODE: message`, or why there is none.
pub(crate) fn cause<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    if let (SdkError::ServiceError(answer), Some(code)) = (error, code(error)) {
        let message = answer.err().message().unwrap_or_default();
        return match message {
            "" => code,
            message => few(&format!("{code}: {message}")),
        };
    }
    let said = chain(error);
    // The SDK shows a request together with its body, which may be a data key.
    if said.contains("SdkBody") {
        return "the AWS SDK could not make the request".to_owned();
    }
    // The SDK's own prefixes add nothing.
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

/// A server's message, shortened to fit on a line.
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

/// The bucket's region, from the response to a request that went to another one.
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

#[cfg(test)]
mod tests;
