//! How far this machine's clock is off, by the `Date` of a response.

use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// A difference that every service accepts: KMS allows five minutes, S3 more.
const ALLOWED: Duration = Duration::from_mins(4);

/// How wrong the clock is, if a response shows that it is.
///
/// Shape: `this machine's clock is 12 minutes ahead of AWS's`.
pub(super) fn wrong(answer: &HttpResponse, now: SystemTime) -> Option<String> {
    let date = answer.headers().get("date")?;
    let theirs = DateTime::from_str(date, Format::HttpDate).ok()?;
    let theirs = SystemTime::try_from(theirs).ok()?;
    let (apart, which) = match now.duration_since(theirs) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    if apart < ALLOWED {
        return None;
    }
    let minutes = apart.as_secs() / 60;
    Some(format!(
        "this machine's clock is {minutes} minutes {which} AWS's"
    ))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    #[test]
    fn a_clock_is_wrong_by_minutes_or_not_at_all() {
        // The example of RFC 9110, section 5.6.7.
        let theirs = UNIX_EPOCH + Duration::from_secs(784_111_777);
        let status = StatusCode::try_from(403).unwrap();
        let mut answer = HttpResponse::new(status, SdkBody::empty());
        assert_eq!(wrong(&answer, theirs), None);
        let headers = answer.headers_mut();
        headers.insert("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        for (now, expected) in [
            (theirs, None),
            (theirs + Duration::from_secs(239), None),
            (theirs - Duration::from_secs(239), None),
            (
                theirs + Duration::from_mins(12),
                Some("12 minutes ahead of"),
            ),
            (theirs - Duration::from_secs(301), Some("5 minutes behind")),
        ] {
            let said = expected.map(|words| format!("this machine's clock is {words} AWS's"));
            assert_eq!(wrong(&answer, now), said);
        }
        answer.headers_mut().insert("date", "yesterday");
        assert_eq!(wrong(&answer, theirs + Duration::from_mins(12)), None);
    }
}
