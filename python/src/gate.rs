//! Counts the threads that are somewhere, and keeps others out. The child of a fork,
//! where the other threads are gone, begins anew.

use std::process;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// Below the number of the process: nobody may enter.
const CLOSED: u64 = 1 << 31;
/// How many threads are inside.
const COUNT: u64 = CLOSED - 1;

/// The process, whether it is closed, and how many threads are inside: one number,
/// since a fork may find a lock taken.
pub(crate) struct Gate(AtomicU64);

impl Gate {
    pub(crate) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Counts this thread as inside, unless it is closed.
    pub(crate) fn enter(&self) -> bool {
        self.update(|state| (state & CLOSED == 0).then_some(state + 1))
    }

    /// Counts this thread as inside.
    pub(crate) fn enter_anyway(&self) -> bool {
        self.update(|state| Some(state + 1))
    }

    pub(crate) fn leave(&self) {
        // The child of a fork counts anew.
        self.update(|state| (state & COUNT > 0).then(|| state - 1));
    }

    /// Closes it; whether it was open.
    pub(crate) fn close(&self) -> bool {
        self.update(|state| (state & CLOSED == 0).then_some(state | CLOSED))
    }

    pub(crate) fn open(&self) {
        self.update(|state| Some(state & !CLOSED));
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.0.load(SeqCst) & CLOSED != 0
    }

    /// Whether no thread is inside.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.load(SeqCst) & COUNT == 0
    }

    /// Changes the state, unless there is no new one; whether it did.
    fn update(&self, change: impl Fn(u64) -> Option<u64>) -> bool {
        let process = u64::from(process::id()) << 32;
        let changed = |state: u64| {
            let is_ours = state >> 32 == process >> 32;
            change(if is_ours { state } else { process })
        };
        self.0.fetch_update(SeqCst, SeqCst, changed).is_ok()
    }
}
