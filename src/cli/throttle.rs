//! Many calls of one client: how many at once, and their results in order.
//!
//! Fewer while AWS throttles, more again afterwards: additive increase,
//! multiplicative decrease. The requests themselves wait and are repeated in the
//! client; here nothing is repeated, so that a call is made once and has its whole
//! time limit.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::Client;

/// The most calls at once, each on its own connection.
const MOST: usize = 48;

/// How many at first: all of them must get through if AWS serves only a few each
/// second.
const FIRST: usize = 16;

/// The least, so that a few that AWS keeps waiting do not hold up the others.
const LEAST: usize = 4;

/// Does a task for each item, and hands over the results in the items' order.
pub(super) async fn in_order<I, T>(
    client: &Client,
    items: &[I],
    task: impl AsyncFn(&I) -> T,
    mut then: impl FnMut(&I, T),
) {
    let mut pace = Pace::new(client.throttled());
    let mut fresh = items.iter().enumerate();
    let run = async |(at, item), begun: u32| (at, begun, task(item).await);
    let mut running = FuturesUnordered::new();
    let mut done = BTreeMap::new();
    let mut handled = 0;
    loop {
        while running.len() < pace.at_once {
            let Some(next) = fresh.next() else { break };
            running.push(run(next, pace.round));
        }
        let Some((at, begun, result)) = running.next().await else {
            return;
        };
        pace.ended(begun, client.throttled());
        done.insert(at, result);
        while let Some(result) = done.remove(&handled) {
            then(&items[handled], result);
            handled += 1;
        }
    }
}

/// The pace of one long command.
#[derive(Debug)]
struct Pace {
    at_once: usize,
    /// Calls that ended at this pace.
    ended: usize,
    /// Changes whenever the pace drops.
    round: u32,
    /// How many responses had throttled the client when the last call ended.
    throttled: usize,
}

impl Pace {
    fn new(throttled: usize) -> Self {
        Self {
            at_once: FIRST,
            ended: 0,
            round: 0,
            throttled,
        }
    }

    /// Counts a call that ended, and was begun in a round. If anything was throttled
    /// meanwhile, the pace drops, once a round. Otherwise as many calls as run at once
    /// allow one more, or twice as many before the first drop.
    fn ended(&mut self, begun: u32, throttled: usize) {
        let is_throttled = throttled > self.throttled;
        self.throttled = throttled;
        if is_throttled {
            if begun == self.round {
                self.at_once = (self.at_once / 2).max(LEAST);
                self.ended = 0;
                self.round = self.round.wrapping_add(1);
            }
            return;
        }
        self.ended += 1;
        if self.round == 0 || self.ended >= self.at_once {
            self.at_once = (self.at_once + 1).min(MOST);
            self.ended = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throttled_round_halves_the_pace_once_and_success_raises_it() {
        let mut pace = Pace::new(7);
        for _ in 0..MOST {
            pace.ended(0, 7);
        }
        assert_eq!(pace.at_once, MOST, "and never more");
        for throttled in 8..20 {
            pace.ended(0, throttled);
        }
        assert_eq!(pace.at_once, MOST / 2);
        for throttled in 20..40 {
            pace.ended(pace.round, throttled);
        }
        assert_eq!(pace.at_once, LEAST, "and never less");
        for _ in 0..LEAST {
            pace.ended(pace.round, 39);
        }
        assert_eq!(pace.at_once, LEAST + 1);
        for _ in 0..MOST * MOST {
            pace.ended(pace.round, 39);
        }
        assert_eq!(pace.at_once, MOST);
    }
}
