//! One operation on many secrets: several at once, reported in the order of
//! their names, and a failure of one does not stop the others.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::sleep;

use super::output::{Label, Printer};
use super::progress::Progress;
use super::throttle::{Pace, Round};
use crate::text::OneLine;
use crate::{Client, Error, Result, SecretName};

/// The most names at once: they are held all the while.
const MOST_NAMES: usize = 1_000_000;

/// The names that start with a prefix; says so if there is none.
pub(super) async fn names(
    client: &Client,
    prefix: &str,
    printer: Printer,
) -> Result<Vec<SecretName>> {
    let mut names = Vec::new();
    let mut list = client.list(prefix);
    while let Some(page) = list.page().await? {
        names.extend(page.into_iter().map(|entry| entry.name));
        if names.len() > MOST_NAMES {
            return Err(Error::usage_hint(
                format!(
                    "more than {MOST_NAMES} names start with `{}`",
                    OneLine(prefix)
                ),
                "run it for longer prefixes, one at a time",
            ));
        }
    }
    if names.is_empty() && !prefix.is_empty() {
        let message = format!("no secret's name starts with `{}`", OneLine(prefix));
        printer.message(Label::Warning, &message);
    }
    Ok(names)
}

/// How long one secret may take, and what is told meanwhile.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) printer: Printer,
    /// How long one secret may take, all tries together, if AWS throttles.
    pub(super) patience: Duration,
}

/// One secret's turn.
#[derive(Clone, Copy)]
struct Turn {
    at: usize,
    /// Waited before it.
    pause: Duration,
    /// What earlier tries took.
    spent: Duration,
}

/// What was not done.
#[derive(Debug, Default)]
pub(super) struct Rest {
    pub(super) errors: Vec<Error>,
    /// How many are not records, and were left alone.
    pub(super) no_records: usize,
}

/// Does the work for each name, and hands on the results in order. What is not a
/// record is reported, and is not a failure.
pub(super) async fn each<T>(
    names: &[SecretName],
    manner: Manner,
    work: impl AsyncFn(&SecretName) -> Result<T>,
    mut then: impl FnMut(&SecretName, T) -> Result<()>,
) -> Rest {
    let progress = Progress::start(manner.printer.draws(), names.len());
    let mut pace = Pace::new();
    let mut fresh = 0..names.len();
    let mut again: VecDeque<Turn> = VecDeque::new();
    let mut under_way = FuturesUnordered::new();
    let take = async |turn: Turn, begun: Round| {
        let since = Instant::now();
        sleep(turn.pause).await;
        let result = work(&names[turn.at]).await;
        let spent = turn.spent + since.elapsed();
        (Turn { spent, ..turn }, begun, result)
    };
    let mut done = BTreeMap::new();
    let mut told = 0;
    let mut rest = Rest::default();
    loop {
        while under_way.len() < pace.at_once() {
            let first = |at| Turn {
                at,
                pause: Duration::ZERO,
                spent: Duration::ZERO,
            };
            let Some(turn) = again.pop_front().or_else(|| fresh.next().map(first)) else {
                break;
            };
            under_way.push(take(turn, pace.round()));
        }
        let Some((turn, begun, result)) = under_way.next().await else {
            return rest;
        };
        match &result {
            Err(error) if error.is_throttled() => {
                let pause = pace.throttled(begun);
                if turn.spent + pause < manner.patience {
                    again.push_back(Turn { pause, ..turn });
                    continue;
                }
            }
            _ => pace.succeeded(),
        }
        progress.step();
        done.insert(turn.at, result);
        while let Some(result) = done.remove(&told) {
            let name = &names[told];
            told += 1;
            match result.and_then(|value| then(name, value)) {
                Ok(()) => {}
                Err(Error::NoRecord { .. }) => {
                    rest.no_records += 1;
                    let message = format!("`{name}` is not a record: left alone");
                    manner.printer.message(Label::Warning, &message);
                }
                Err(error) => rest.errors.push(error),
            }
        }
    }
}

/// The results, counted.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally {
    pub(super) changed: usize,
    /// Those that had nothing to be changed.
    pub(super) left: usize,
    pub(super) failed: usize,
    /// What is no record.
    pub(super) no_records: usize,
}

impl Tally {
    /// One that was changed, or was left as it is.
    pub(super) fn count(&mut self, changed: bool) {
        if changed {
            self.changed += 1;
        } else {
            self.left += 1;
        }
    }

    /// One line: `rekeyed 12 records, 3 already up to date, 1 failed`.
    pub(super) fn line(self, verb: &str) -> String {
        let records = if self.changed == 1 {
            "record"
        } else {
            "records"
        };
        let left = match self.left {
            0 => String::new(),
            left => format!(", {left} already up to date"),
        };
        let failed = match self.failed {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        };
        let others = match self.no_records {
            0 => String::new(),
            1 => ", 1 is not a record".to_owned(),
            others => format!(", {others} are not records"),
        };
        format!("{verb} {} {records}{left}{failed}{others}", self.changed)
    }
}

/// All failures as one, each told once: a wrong configuration fails for every
/// record.
pub(super) fn outcome(mut errors: Vec<Error>) -> Result<()> {
    let mut told: Vec<String> = Vec::new();
    errors.retain(|error| {
        let text = error.to_string();
        let new = !told.contains(&text);
        told.push(text);
        new
    });
    Error::several(errors)
}
