//! The time of creation of a secret, in seconds: `2026-08-22T14:03:11Z`.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// A time as in records.
///
/// Shape: exactly `YYYY-MM-DDTHH:MM:SSZ`, with a valid date.
///
/// Source: RFC 3339, <https://www.rfc-editor.org/rfc/rfc3339>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Created {
    seconds: i64,
    text: String,
}

impl Created {
    /// The current time.
    pub(crate) fn now() -> Self {
        let seconds = DateTime::from(SystemTime::now()).secs();
        Self::at(seconds).expect("the clock's year has four digits")
    }

    /// A Unix time in seconds; `None` unless the year has four digits.
    pub(crate) fn at(seconds: i64) -> Option<Self> {
        let text = DateTime::from_secs(seconds).fmt(Format::DateTime).ok()?;
        Some(Self { seconds, text })
    }

    /// Parses the only valid spelling.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let moment = DateTime::from_str(text, Format::DateTime).ok()?;
        Self::at(moment.secs()).filter(|created| created.text == text)
    }

    /// The time since then; zero if it is in the future.
    pub(crate) fn age(&self, now: &Self) -> Duration {
        let passed = now.seconds.saturating_sub(self.seconds);
        Duration::from_secs(u64::try_from(passed).unwrap_or(0))
    }
}

impl fmt::Display for Created {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_one_spelling() {
        let created = Created::parse("2026-08-22T14:03:11Z").unwrap();
        assert_eq!(created.seconds, 1_787_407_391);
        for bad in [
            "2026-08-22",
            "2026-08-22T14:03:11.000000001Z",
            "2026-00-01T00:00:00Z",
            "+2026-08-22T14:03:11Z",
        ] {
            assert_eq!(Created::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_age_is_in_seconds_and_never_negative() {
        let at = |seconds| Created::at(seconds).unwrap();
        assert_eq!(at(10).age(&at(15)), Duration::from_secs(5));
        assert_eq!(at(15).age(&at(10)), Duration::ZERO);
        assert!(Created::parse(&Created::now().to_string()).is_some());
    }
}
