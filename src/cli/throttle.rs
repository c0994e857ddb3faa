//! How many requests to AWS run at once: fewer while it throttles, more again
//! afterwards.
//!
//! Additive increase, multiplicative decrease. Sends no requests and never sleeps:
//! it only decides how many to run and how long to wait.

use std::time::Duration;

use rand_core::{OsRng, RngCore};

/// The most requests at once, each on its own connection.
const MOST: usize = 48;

/// The longest wait after the first throttled request, and after many.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// The pace of one long command.
#[derive(Debug)]
pub(super) struct Pace {
    pub(super) at_once: usize,
    /// Successes at this pace.
    succeeded: usize,
    pause: Duration,
    /// Changes whenever the pace drops.
    pub(super) round: u32,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self {
            at_once: MOST,
            succeeded: 0,
            pause: PAUSE.0,
            round: 0,
        }
    }

    /// Counts a success; as many successes as run at once allow one more.
    pub(super) fn succeeded(&mut self) {
        self.pause = PAUSE.0;
        self.succeeded += 1;
        if self.succeeded >= self.at_once {
            self.at_once = (self.at_once + 1).min(MOST);
            self.succeeded = 0;
        }
    }

    /// A request that was started in a round was throttled; others of the same round
    /// do not slow the pace further. Returns how long to wait before a retry.
    pub(super) fn throttled(&mut self, begun: u32) -> Duration {
        if begun == self.round {
            self.at_once = (self.at_once / 2).max(1);
            self.succeeded = 0;
            self.pause = (self.pause * 2).min(PAUSE.1);
            self.round = self.round.wrapping_add(1);
        }
        let most = u32::try_from(self.pause.as_micros()).unwrap_or(u32::MAX);
        Duration::from_micros(u64::from(OsRng.next_u32() % most.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throttled_round_halves_the_pace_once_and_success_raises_it() {
        let mut pace = Pace::new();
        let begun = pace.round;
        for _ in 0..MOST {
            assert!(pace.throttled(begun) < PAUSE.1);
        }
        assert_eq!(pace.at_once, MOST / 2);
        for _ in 0..20 {
            pace.throttled(pace.round);
        }
        assert_eq!(pace.at_once, 1, "never none");
        pace.succeeded();
        pace.succeeded();
        assert_eq!(pace.at_once, 2);
        for _ in 0..MOST * MOST {
            pace.succeeded();
        }
        assert_eq!(pace.at_once, MOST, "and never more than at first");
    }
}
