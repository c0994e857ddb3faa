//! Times as people say them, for tables at a terminal.

use std::time::{Duration, SystemTime};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const YEAR: u64 = 365 * DAY;

/// Clocks differ by a few seconds.
const NOW: u64 = 5;

/// How long ago a time was.
///
/// Shape: `just now`, `1 minute ago`, `3 days ago`, `2 years ago`; `in 2 minutes` if
/// the clock that it was read from is ahead.
pub(super) fn ago(time: SystemTime, now: SystemTime) -> String {
    let (apart, is_ahead) = match now.duration_since(time) {
        Ok(since) => (since, false),
        Err(ahead) => (ahead.duration(), true),
    };
    match (spoken(apart), is_ahead) {
        (None, _) => "just now".to_owned(),
        (Some(apart), false) => format!("{apart} ago"),
        (Some(apart), true) => format!("in {apart}"),
    }
}

/// In the largest unit of which there is one; `None` if it is hardly anything.
fn spoken(apart: Duration) -> Option<String> {
    let seconds = apart.as_secs();
    let (count, unit) = match seconds {
        0..NOW => return None,
        NOW..MINUTE => (seconds, "second"),
        MINUTE..HOUR => (seconds / MINUTE, "minute"),
        HOUR..DAY => (seconds / HOUR, "hour"),
        _ if seconds < 30 * DAY => (seconds / DAY, "day"),
        _ if seconds < YEAR => ((seconds * 12 / YEAR).max(1), "month"),
        _ => (seconds / YEAR, "year"),
    };
    let plural = if count == 1 { "" } else { "s" };
    Some(format!("{count} {unit}{plural}"))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn a_time_is_told_in_its_largest_unit() {
        let now = UNIX_EPOCH + Duration::from_secs(2_000_000_000);
        for (seconds, told) in [
            (0, "just now"),
            (4, "just now"),
            (5, "5 seconds ago"),
            (59, "59 seconds ago"),
            (MINUTE, "1 minute ago"),
            (HOUR - 1, "59 minutes ago"),
            (HOUR, "1 hour ago"),
            (DAY - 1, "23 hours ago"),
            (DAY, "1 day ago"),
            (30 * DAY - 1, "29 days ago"),
            (30 * DAY, "1 month ago"),
            (YEAR - 1, "11 months ago"),
            (YEAR, "1 year ago"),
            (2 * YEAR, "2 years ago"),
            (2_000_000_000, "63 years ago"),
        ] {
            assert_eq!(ago(now - Duration::from_secs(seconds), now), told);
        }
    }

    #[test]
    fn a_clock_that_is_ahead_is_told_so() {
        let ahead = |seconds| ago(UNIX_EPOCH + Duration::from_secs(seconds), UNIX_EPOCH);
        assert_eq!(ahead(4), "just now");
        assert_eq!(ahead(2 * MINUTE), "in 2 minutes");
        assert_eq!(ahead(u64::from(u32::MAX)), "in 136 years");
    }
}
