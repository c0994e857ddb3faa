//! Which failures are repeated, how often, and after how long.

use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;

use super::*;
use crate::base::test_support::run;

type Failed = SdkError<ErrorMetadata, HttpResponse>;

fn answered(status: u16, code: &str, header: Option<(&'static str, &str)>) -> Failed {
    let status = StatusCode::try_from(status).unwrap();
    let mut raw = HttpResponse::new(status, SdkBody::empty());
    if let Some((name, value)) = header {
        raw.headers_mut().insert(name, value.to_owned());
    }
    let mut error = ErrorMetadata::builder().message("m");
    if !code.is_empty() {
        error = error.code(code);
    }
    SdkError::service_error(error.build(), raw)
}

fn of(error: &Failed) -> Kind {
    Failure::of(error).kind
}

#[test]
fn a_failure_is_told_by_code_and_status() {
    use Kind::{Final, Throttled, Transient};
    for (status, code, expected) in [
        (503, "SlowDown", Throttled),
        (503, "SlowDownWrite", Throttled),
        (400, "ThrottlingException", Throttled),
        (400, "Throttling", Throttled),
        (429, "SomethingElse", Throttled),
        (429, "", Throttled),
        (503, "", Transient),
        (503, "InternalError", Transient),
        (503, "ServiceUnavailable", Transient),
        (500, "InternalError", Transient),
        (400, "KMSInternalException", Transient),
        (400, "RequestTimeout", Transient),
        (500, "KeyUnavailableException", Transient),
        (501, "NotImplemented", Final),
        (505, "", Final),
        (400, "KMSInvalidStateException", Final),
        (403, "RequestTimeTooSkewed", Final),
        (403, "AccessDenied", Final),
        (404, "NoSuchKey", Final),
        (412, "PreconditionFailed", Final),
        (409, "ConditionalRequestConflict", Final),
        (304, "", Final),
    ] {
        assert_eq!(
            of(&answered(status, code, None)),
            expected,
            "{status} {code}"
        );
    }
    let date = Some(("date", "Sun, 06 Nov 1994 08:49:37 GMT"));
    assert_eq!(
        of(&answered(403, "RequestTimeTooSkewed", date)),
        Kind::Skewed
    );
    assert_eq!(of(&answered(403, "AccessDenied", date)), Final);
    let none = |error| of(&SdkError::dispatch_failure(error));
    assert_eq!(none(ConnectorError::io("reset".into())), Transient);
    assert_eq!(none(ConnectorError::timeout("late".into())), Transient);
    assert_eq!(none(ConnectorError::user("refused".into())), Final);
    assert_eq!(none(ConnectorError::other("untrusted".into(), None)), Final);
    assert_eq!(of(&SdkError::construction_failure("credentials")), Final);
}

fn retries(attempts: u32) -> Retries {
    Retries {
        attempts,
        limit: Duration::from_secs(30),
        throttles: Throttles::default(),
    }
}

#[test]
fn transient_failures_share_the_attempts_and_throttling_does_not_count() {
    run(async {
        let (throttled, broken) = (answered(503, "SlowDown", None), answered(500, "", None));
        let retries = retries(3);
        let mut course = Course::of(&retries, Lost::Repeat);
        let mut after = |error| course.after(&Failure::of(error)).is_some();
        for _ in 0..50 {
            assert!(after(&throttled));
        }
        assert_eq!([after(&broken), after(&broken)], [true, true]);
        assert!(after(&throttled) && !after(&broken));
        assert_eq!(retries.throttles.count(), 51);
        let mut once = Course::of(&retries, Lost::GiveUp);
        assert!(once.after(&Failure::of(&broken)).is_none());
        assert!(once.after(&Failure::of(&throttled)).is_some());
    });
}

#[test]
fn a_wrong_clock_is_corrected_once_and_at_once() {
    run(async {
        let date = Some(("date", "Sun, 06 Nov 1994 08:49:37 GMT"));
        let skewed = Failure::of(&answered(403, "RequestTimeTooSkewed", date));
        let (many, single) = (retries(3), retries(1));
        let mut course = Course::of(&many, Lost::Repeat);
        assert_eq!(course.after(&skewed), Some(Duration::ZERO));
        assert_eq!(course.after(&skewed), None);
        assert_eq!(Course::of(&single, Lost::Repeat).after(&skewed), None);
    });
}

#[test]
fn pauses_double_up_to_their_limit_and_are_spread_below_it() {
    for (earlier, throttled, transient) in [(0, 1, 1), (1, 2, 2), (2, 4, 4), (3, 4, 8), (9, 4, 20)]
    {
        assert_eq!(doubled(earlier, THROTTLED).as_secs(), throttled);
        assert_eq!(doubled(earlier, TRANSIENT).as_secs(), transient);
    }
    assert_eq!(doubled(u32::MAX, THROTTLED), THROTTLED);
    run(async {
        let retries = retries(1);
        let throttled = Failure::of(&answered(429, "", None));
        let first = || Course::of(&retries, Lost::Repeat).after(&throttled);
        let pauses: Vec<Duration> = (0..200).filter_map(|_| first()).collect();
        assert!(pauses.iter().all(|pause| *pause <= PAUSE));
        let short = pauses.iter().filter(|pause| **pause < PAUSE / 2).count();
        assert!((50..150).contains(&short), "{short} of 200");
    });
}

#[test]
fn the_server_may_ask_for_a_longer_pause_but_not_for_hours() {
    for (name, value, expected) in [
        ("retry-after", "2", 2000),
        ("x-amz-retry-after", "150", 150),
        ("retry-after", "86400", 3000),
        ("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT", 0),
        ("retry-after", "-1", 0),
    ] {
        let asked = Failure::of(&answered(503, "SlowDown", Some((name, value)))).asked;
        assert_eq!(asked, Duration::from_millis(expected), "{name}: {value}");
    }
}

#[test]
fn a_pause_that_is_asked_for_is_spread_too_and_never_longer_than_our_own_longest() {
    run(async {
        for (asked, least) in [("2", 2), ("86400", 3)] {
            let throttled = Failure::of(&answered(429, "", Some(("retry-after", asked))));
            let retries = retries(1);
            let mut course = Course::of(&retries, Lost::Repeat);
            let pauses = (0..50).filter_map(|_| course.after(&throttled));
            let pauses: Vec<Duration> = pauses.collect();
            let least = Duration::from_secs(least);
            let is_within = |pause: &Duration| (least..=THROTTLED).contains(pause);
            assert!(pauses.iter().all(is_within), "{pauses:?}");
            let (shortest, longest) = (pauses.iter().min(), pauses.iter().max());
            assert!(
                *longest.unwrap() > *shortest.unwrap() + PAUSE / 4,
                "{pauses:?}"
            );
        }
    });
}

#[test]
fn s3_throttles_head_without_a_word() {
    let id = Some(("x-amz-request-id", "1"));
    assert_eq!(of(&answered(503, "", id)), Kind::Throttled);
    assert_eq!(of(&answered(500, "", id)), Kind::Transient);
    assert_eq!(of(&answered(503, "", None)), Kind::Transient);
}

fn failed(cause: &str) -> LastResponse {
    LastResponse {
        code: None,
        cause: cause.to_owned(),
    }
}

#[test]
fn a_time_limit_tells_the_last_failure_of_its_own_work_only() {
    run(async {
        let soon = || Instant::now() + Duration::from_millis(20);
        let never = std::future::pending::<()>;
        let told = |ended: Result<(), Option<LastResponse>>| match ended {
            Ok(()) => "done".to_owned(),
            Err(last) => last.map_or("nothing".to_owned(), |last| last.cause),
        };
        let ended = until(soon(), async {
            note("GetObject", Some(failed("one")));
            note("Decrypt", Some(failed("two")));
            note("GetObject", None);
            never().await;
        });
        assert_eq!(told(ended.await), "two");
        let ended = until(soon(), async {
            note("Decrypt", Some(failed("one")));
            note("Decrypt", None);
            never().await;
        });
        assert_eq!(told(ended.await), "nothing");
        let outer = until(soon() + Duration::from_secs(1), async {
            let inner = until(soon(), async {
                note("GetObject", Some(failed("inner")));
                never().await;
            });
            assert_eq!(told(inner.await), "inner");
            note("Decrypt", None);
        });
        assert_eq!(told(outer.await), "done");
        note("GetObject", Some(failed("outside")));
        let limited = until(soon(), async { has_limit() });
        assert_eq!(limited.await, Ok(true));
        assert!(!has_limit());
    });
}
