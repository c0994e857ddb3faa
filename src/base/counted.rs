//! How far a call has come that works on several records, for a program that shows it.
//!
//! Whatever works on several records counts them by [`Counted`] for as long as it works.
//! Nothing here prints, and nothing here is a secret.

use std::sync::atomic::{AtomicUsize, Ordering};

static DONE: AtomicUsize = AtomicUsize::new(0);
static TOTAL: AtomicUsize = AtomicUsize::new(0);

/// The number of the count that began last.
static RUN: AtomicUsize = AtomicUsize::new(0);

/// A count of records, which ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Counted {
    run: usize,
}

impl Counted {
    /// Starts at 0, and replaces any other count.
    pub(crate) fn start(total: usize) -> Self {
        let run = RUN.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        DONE.store(0, Ordering::Relaxed);
        TOTAL.store(total, Ordering::Relaxed);
        Self { run }
    }

    /// Counts one more, unless another count has replaced this one.
    pub(crate) fn step(&self) {
        if self.is_last() {
            DONE.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn is_last(&self) -> bool {
        RUN.load(Ordering::Relaxed) == self.run
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if self.is_last() {
            TOTAL.store(0, Ordering::Relaxed);
        }
    }
}

/// How many records the call that began last has read, and how many it reads in all, if
/// there are several; [`crate::Client::load`] is such a call.
///
/// # Examples
///
/// ```
/// assert_eq!(lazycred::records_read(), None);
/// ```
#[must_use]
pub fn records_read() -> Option<(usize, usize)> {
    let total = TOTAL.load(Ordering::Relaxed);
    let done = DONE.load(Ordering::Relaxed).min(total);
    (total > 1).then_some((done, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_another_of_its_size_replaced_neither_counts_nor_ends_it() {
        let first = Counted::start(3);
        first.step();
        let second = Counted::start(3);
        first.step();
        assert_eq!(records_read(), Some((0, 3)));
        drop(first);
        second.step();
        assert_eq!(records_read(), Some((1, 3)));
        drop(second);
        assert_eq!(records_read(), None);
    }
}
