//! Random pauses, so that those who failed together do not try again together.

use std::time::Duration;

use rand_core::{OsRng, RngCore};

/// A random time up to `most`.
pub(crate) fn jitter(most: Duration) -> Duration {
    let micros = u64::try_from(most.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(OsRng.next_u64() % micros.saturating_add(1).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_anything_up_to_its_limit() {
        let most = Duration::from_secs(4);
        let pauses: Vec<Duration> = (0..400).map(|_| jitter(most)).collect();
        assert!(pauses.iter().all(|pause| *pause <= most));
        for quarter in 0..4 {
            let (from, to) = (most * quarter / 4, most * (quarter + 1) / 4);
            let there = pauses.iter().filter(|pause| (from..to).contains(*pause));
            assert!(there.count() > 40, "{from:?} to {to:?}");
        }
        assert_eq!(jitter(Duration::ZERO), Duration::ZERO);
    }
}
