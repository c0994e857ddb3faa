//! Turns AWS failures into messages: what failed, why, and what to do next.
//!
//! `table` says what to do about each response, and this file where there is none.
//! Types and codes decide. Text decides only where the SDK has flattened its own
//! error to a string; each constant names that error.

mod facts;
mod permission;
mod table;
mod words;

use std::error::Error as StdError;
use std::time::SystemTime;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use self::facts::Facts;
pub(super) use self::facts::service;
pub use self::permission::{On, permission};
use self::words::code;
pub(crate) use self::words::{cause, few, share};
use super::clock;
use super::fault::{CredentialsFault, is_unreached, links};
use crate::backends::http::{NoSuchHost, Page, Refusal, TlsFault, Unconnected};
use crate::base::{Error, LastResponse, Operation, Place, chain, throttling};

const UNREACHABLE: &str = "if AWS is not reachable directly from here, use HTTPS_PROXY, a VPC endpoint or AWS_ENDPOINT_URL; `-v` shows each request";

const UNMADE: &str =
    "check `s3_path`, `key_alias`, the regions and the endpoint, which the request is made from";

/// Why there was no response.
#[derive(Debug)]
enum Happened<'a> {
    /// Our own HTTP client refused the request.
    Refused(&'a Refusal),
    /// No usable credentials.
    Credentials(&'a CredentialsFault),
    NoSuchHost,
    /// The network's own fault, and what to do about it.
    Network(String),
    /// TLS with the server failed.
    Tls(&'a TlsFault),
    /// The connection failed, or there was no response.
    NoAnswer,
}

/// What to do where there was no response; `source` sets the endpoint, if not AWS.
fn hint(happened: &Happened<'_>, source: Option<&str>) -> String {
    match (happened, source) {
        (Happened::NoSuchHost | Happened::NoAnswer, Some(source)) => {
            format!("check that a server answers there, or change the endpoint in {source}")
        }
        (Happened::Credentials(fault), _) => fault.hint(),
        (Happened::Refused(refusal), _) => of_refusal(refusal).to_owned(),
        (Happened::NoSuchHost, None) => {
            format!("check the spelling of the region; {UNREACHABLE}")
        }
        (Happened::Network(hint), _) => hint.clone(),
        (Happened::Tls(fault), _) => fault.hint().unwrap_or(UNREACHABLE).to_owned(),
        (Happened::NoAnswer, None) => UNREACHABLE.to_owned(),
    }
}

pub(super) fn of_refusal(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::PlainHttp { .. } => {
            "use https://, or set LAZYCRED_ALLOW_HTTP=1 if the connection cannot be intercepted"
        }
        Refusal::BodyTooLarge { .. } => "--max-size BYTES allows larger secrets",
        Refusal::TrustRoots { .. } => {
            "AWS_CA_BUNDLE, `ca_bundle` of an AWS profile and SSL_CERT_FILE name a file of PEM certificates, SSL_CERT_DIR folders of them"
        }
        Refusal::Proxy { .. } => {
            "use http://HOST:PORT, https://HOST:PORT or http://USER:PASSWORD@HOST:PORT; NO_PROXY names exceptions"
        }
    }
}

/// What is known of AWS before a request fails.
#[derive(Debug, Default)]
pub(super) struct Around<'a> {
    /// Where the service's requests go.
    pub(super) region: Option<&'a str>,
    /// The profile that a flag or the configuration chose.
    pub(super) profile: Option<&'a str>,
    pub(super) bucket: Option<&'a str>,
    /// How to get fresh credentials, as the end of a hint.
    pub(super) renewal: Option<&'a str>,
    /// The variable or profile that sets the service's endpoint.
    pub(super) source: Option<String>,
    /// The same for the services that credentials come from, with the host and port
    /// of each.
    pub(super) for_credentials: Vec<(String, String)>,
}

impl Around<'_> {
    /// What sets the endpoint that a connection failed to, if not AWS.
    fn to_blame(&self, happened: &Happened<'_>, asked: Asked, cause: &str) -> Option<&str> {
        let blameless = match happened {
            Happened::Refused(refusal) => !matches!(refusal, Refusal::PlainHttp { .. }),
            Happened::Credentials(_) => true,
            _ => false,
        };
        if blameless {
            return None;
        }
        if asked == Asked::Operation {
            return self.source.as_deref();
        }
        let mut sources = self.for_credentials.iter();
        let named = sources.find(|(origin, _)| cause.contains(origin));
        named.map(|(_, source)| &**source)
    }
}

/// What a request without a response asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Operation,
    /// Credentials, to sign it.
    Credentials,
}

/// A failed request, for the record at `place`.
pub(super) fn failed<E>(
    around: &Around<'_>,
    operation: Operation,
    place: Option<&Place>,
    error: &SdkError<E, HttpResponse>,
) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    if let Some(code) = decisive(error) {
        let raw = error.raw_response();
        let clock = raw.and_then(|answer| clock::wrong(answer, SystemTime::now()));
        return answered(around, operation, place, (code, cause(error)), clock);
    }
    let is_of_network = match error {
        SdkError::DispatchFailure(failure) => failure.is_io() || failure.is_timeout(),
        SdkError::TimeoutError(_) => true,
        _ => false,
    };
    let asked = if is_unreached(error) {
        Asked::Credentials
    } else {
        Asked::Operation
    };
    let is_of_network = is_of_network || asked == Asked::Credentials;
    let happened = unanswered(error).or(is_of_network.then_some(Happened::NoAnswer));
    let silence = (happened.as_ref(), asked);
    let failed = silent(around, operation, place, silence, cause(error));
    match (happened, error) {
        (None, SdkError::ConstructionFailure(_) | SdkError::DispatchFailure(_)) => {
            failed.hinted(UNMADE)
        }
        _ => failed,
    }
}

/// A response that broke off.
pub(super) fn broken_off(
    around: &Around<'_>,
    operation: Operation,
    place: &Place,
    error: &(dyn StdError + 'static),
) -> Error {
    let happened = unanswered(error).unwrap_or(Happened::NoAnswer);
    let silence = (Some(&happened), Asked::Operation);
    silent(around, operation, Some(place), silence, chain(error))
}

fn silent(
    around: &Around<'_>,
    operation: Operation,
    place: Option<&Place>,
    (happened, asked): (Option<&Happened<'_>>, Asked),
    mut cause: String,
) -> Error {
    let source = happened.and_then(|happened| around.to_blame(happened, asked, &cause));
    let source = source.map(str::to_owned);
    let hint = match happened {
        Some(happened) => hint(happened, source.as_deref()),
        None => unlike(operation),
    };
    if let Some(source) = source {
        cause = format!("{cause} (endpoint from {source})");
    }
    Error::aws(operation, place, cause).hinted(hint)
}

/// A failed request, from the code and the cause of its response.
pub(super) fn answered(
    around: &Around<'_>,
    operation: Operation,
    place: Option<&Place>,
    (code, cause): (String, String),
    clock: Option<String>,
) -> Error {
    let path = place.map(|place| place.path.as_str());
    let facts = Facts {
        operation,
        region: around.region,
        profile: around.profile,
        bucket: around.bucket,
        renewal: around.renewal,
        path,
        clock,
    };
    Error::Aws {
        operation,
        place: place.cloned(),
        hint: Some(facts.hint(&code, &cause)),
        code: Some(code),
        cause,
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

/// A response that AWS would not give.
pub(crate) fn strange(
    operation: Operation,
    place: Option<&Place>,
    cause: impl Into<String>,
) -> Error {
    Error::aws(operation, place, cause).hinted(unlike(operation))
}

fn unlike(operation: Operation) -> String {
    let service = service(operation);
    format!("the server does not behave like {service}: check the endpoint and the proxy")
}

/// Why there is no response, by the type of a cause.
fn unanswered<'a>(error: &'a (dyn StdError + 'static)) -> Option<Happened<'a>> {
    // Also where credentials would have come from.
    let tls = links(error).find_map(|link| link.downcast_ref().map(Happened::Tls));
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
        link.is::<NoSuchHost>().then_some(Happened::NoSuchHost)
    });
    tls.or(typed)
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
