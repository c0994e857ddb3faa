//! How far a long command is, drawn on stderr where that is a terminal.
//!
//! There is one at most, and messages are written around it.

use std::sync::{Mutex, TryLockError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The one that is drawn now.
static DRAWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// A count towards a total; it is gone from the terminal when this is dropped.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Starts at 0; nothing is drawn where that is not wanted.
    pub(super) fn start(draws: bool, total: usize) -> Self {
        let bar = if draws {
            let total = u64::try_from(total).unwrap_or(u64::MAX);
            let style = ProgressStyle::with_template("{pos}/{len} [{bar:40}]")
                .expect("it is a template")
                .progress_chars("=> ");
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            bar.set_style(style);
            bar.tick();
            bar
        } else {
            ProgressBar::hidden()
        };
        if let Ok(mut drawn) = DRAWN.lock() {
            *drawn = Some(bar.clone());
        }
        Self(bar)
    }

    /// One more is done.
    pub(super) fn step(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
        if let Ok(mut drawn) = DRAWN.lock() {
            *drawn = None;
        }
    }
}

/// Writes to the terminal with what is drawn out of the way.
pub(super) fn apart<T>(write: impl FnOnce() -> T) -> T {
    match DRAWN.try_lock() {
        Ok(drawn) => match &*drawn {
            Some(bar) => bar.suspend(write),
            None => write(),
        },
        // Not worth a wait: at worst the two share a line.
        Err(TryLockError::Poisoned(_) | TryLockError::WouldBlock) => write(),
    }
}
