//! Which failed requests are repeated, how often, and after how long.
//!
//! Transient failures share a number of attempts. Throttling does not count towards
//! it: the request is repeated for as long as the caller waits. Pauses are random,
//! so that many programs that start at once do not keep asking at once. The SDK
//! makes a single attempt, except for credentials, whose providers know better what
//! to repeat.

use std::fmt::Display;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use tokio::time::{Instant, sleep, timeout_at};

use super::clock;
use crate::base::{LastResponse, jitter, throttling};

/// The longest first pause; each later one may take twice as long.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest pause after a throttled request.
const THROTTLED: Duration = Duration::from_secs(4);

/// The longest pause after a transient failure.
const TRANSIENT: Duration = Duration::from_secs(20);

/// The codes of transient failures, whatever their status.
const TRANSIENT_CODES: [&str; 13] = [
    "DependencyTimeoutException",
    "IDPCommunicationError",
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServerException",
    "KMSInternalException",
    "KeyUnavailableException",
    // A quota that is full, as of wrapping keys: waiting longer would not help.
    "LimitExceededException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
];

/// The codes of a request that was signed at the wrong time, or only looks like it.
const SKEWED_CODES: [&str; 5] = [
    "AccessDeniedException",
    "AuthFailure",
    "InvalidSignatureException",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

/// How often a request is repeated, and how often one was throttled.
#[derive(Debug, Clone)]
pub(super) struct Retries {
    /// Attempts in all, apart from throttled ones.
    pub(super) attempts: u32,
    /// How long throttled requests are repeated if the caller sets no limit.
    pub(super) limit: Duration,
    pub(super) throttles: Throttles,
}

/// How many responses throttled a request, counted over all of a client's requests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Throttles(Arc<AtomicUsize>);

impl Throttles {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// Whether a request may be repeated after a lost response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    Repeat,
    GiveUp,
}

/// The last failed attempt, by its operation.
type Last = Arc<Mutex<Option<(String, LastResponse)>>>;

tokio::task_local! {
    /// That of the work under way in [`until`].
    static LAST: Last;
}

/// Works until a deadline; then, what the last failed attempt of its requests came
/// to, unless a later one succeeded.
pub(crate) async fn until<T>(
    deadline: Instant,
    work: impl Future<Output = T>,
) -> Result<T, Option<LastResponse>> {
    let last = Last::default();
    let done = timeout_at(deadline, LAST.scope(Arc::clone(&last), work)).await;
    done.map_err(|_| {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        last.take().map(|(_, response)| response)
    })
}

/// Whether a caller limits the time of the work under way.
fn has_limit() -> bool {
    LAST.try_with(|_| ()).is_ok()
}

/// Notes a failed attempt, or that there is none any more.
pub(super) fn note(operation: &str, failed: Option<LastResponse>) {
    let noted = LAST.try_with(|last| {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = |(of, _): &(String, _)| of == operation;
        if failed.is_some() || last.as_ref().is_some_and(is_same) {
            *last = failed.map(|failed| (operation.to_owned(), failed));
        }
    });
    // Outside of `until` nobody asks.
    noted.ok();
}

/// Why an attempt failed, as far as a repetition is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Throttled,
    Transient,
    /// This machine's clock is wrong: the SDK signs by the server's from now on.
    Skewed,
    Final,
}

/// A failed attempt.
pub(super) struct Failure {
    kind: Kind,
    /// The pause that the server asks for.
    asked: Duration,
}

impl Failure {
    pub(super) fn of<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Self {
        let kind = match error {
            SdkError::ServiceError(answer) => kind(answer.raw(), answer.err().code()),
            SdkError::TimeoutError(_) | SdkError::ResponseError(_) => Kind::Transient,
            SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout() => {
                Kind::Transient
            }
            // Our own refusals, untrusted certificates, credentials.
            _ => Kind::Final,
        };
        Self {
            kind,
            asked: error.raw_response().map_or(Duration::ZERO, asked),
        }
    }
}

fn kind(answer: &HttpResponse, code: Option<&str>) -> Kind {
    let code = code.unwrap_or_default();
    match answer.status().as_u16() {
        _ if throttling::is_throttling(code) => Kind::Throttled,
        429 => Kind::Throttled,
        503 if code.is_empty() && is_wordless(answer) => Kind::Throttled,
        500 | 502..=504 => Kind::Transient,
        _ if TRANSIENT_CODES.contains(&code) => Kind::Transient,
        _ if SKEWED_CODES.contains(&code) && clock::wrong(answer, SystemTime::now()).is_some() => {
            Kind::Skewed
        }
        _ => Kind::Final,
    }
}

/// Whether S3 itself sent a response without a body, as it does to HEAD only: there, its
/// `SlowDown` is nothing but a 503.
fn is_wordless(answer: &HttpResponse) -> bool {
    let body = answer.body().bytes();
    body.is_some_and(<[u8]>::is_empty) && answer.headers().contains_key("x-amz-request-id")
}

/// The pause that a response asks for: AWS in milliseconds, others in seconds. It leaves
/// room for a random time up to our own longest, since the caller waits.
fn asked(answer: &HttpResponse) -> Duration {
    let header = |name| answer.headers().get(name)?.trim().parse().ok();
    let asked = header("x-amz-retry-after").map(Duration::from_millis);
    let asked = asked.or_else(|| header("retry-after").map(Duration::from_secs));
    asked
        .unwrap_or_default()
        .min(THROTTLED.saturating_sub(PAUSE))
}

/// The attempts at one request so far.
pub(super) struct Course<'a> {
    retries: &'a Retries,
    lost: Lost,
    begun: Instant,
    transient: u32,
    throttled: u32,
    skewed: bool,
}

impl<'a> Course<'a> {
    pub(super) fn of(retries: &'a Retries, lost: Lost) -> Self {
        Self {
            retries,
            lost,
            begun: Instant::now(),
            transient: 0,
            throttled: 0,
            skewed: false,
        }
    }

    /// How long to wait before the next attempt, if there is one.
    pub(super) fn after(&mut self, failure: &Failure) -> Option<Duration> {
        match failure.kind {
            Kind::Throttled => {
                self.retries.throttles.0.fetch_add(1, Ordering::Relaxed);
                let room = THROTTLED.saturating_sub(failure.asked);
                let pause = failure.asked + jitter(doubled(self.throttled, room));
                self.throttled += 1;
                (has_limit() || self.begun.elapsed() + pause < self.retries.limit).then_some(pause)
            }
            Kind::Transient => {
                let pause = failure.asked + jitter(doubled(self.transient, TRANSIENT));
                self.transient += 1;
                let again = self.lost == Lost::Repeat && self.transient < self.retries.attempts;
                again.then_some(pause)
            }
            Kind::Skewed if !self.skewed && self.retries.attempts > 1 => {
                self.skewed = true;
                Some(Duration::ZERO)
            }
            Kind::Skewed | Kind::Final => None,
        }
    }

    pub(super) async fn wait(
        &self,
        pause: Duration,
        operation: &str,
        target: &(dyn Display + Sync),
        failed: LastResponse,
    ) {
        let cause = &failed.cause;
        let milliseconds = pause.as_millis();
        tracing::info!("{operation} {target}: {cause}; trying again in {milliseconds} ms");
        note(operation, Some(failed));
        sleep(pause).await;
    }
}

/// A random pause after a throttled attempt, and so many earlier ones.
pub(super) fn after_throttling(earlier: u32) -> Duration {
    jitter(doubled(earlier, THROTTLED))
}

/// The limit of the pause after so many earlier ones.
fn doubled(earlier: u32, most: Duration) -> Duration {
    PAUSE.saturating_mul(1 << earlier.min(10)).min(most)
}

#[cfg(test)]
mod tests;
