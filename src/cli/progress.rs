//! The progress of a long command, drawn on stderr if that is a terminal.
//!
//! There is at most one, and messages are written around it.

use std::sync::{Mutex, TryLockError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The progress bar on the terminal now.
static DRAWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// A count towards a total; dropping it clears it from the terminal.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Starts at 0; invisible unless `draws`.
    pub(super) fn start(draws: bool, total: usize) -> Self {
        let bar = if draws {
            let total = u64::try_from(total).unwrap_or(u64::MAX);
            let style = ProgressStyle::with_template("{pos}/{len} [{bar:40}]")
                .expect("a valid template")
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

    /// Counts one more.
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

/// Writes to the terminal while the progress bar is hidden.
pub(super) fn apart<T>(write: impl FnOnce() -> T) -> T {
    match DRAWN.try_lock() {
        Ok(drawn) => match &*drawn {
            Some(bar) => bar.suspend(write),
            None => write(),
        },
        // Not worth waiting for: at worst the two share a line.
        Err(TryLockError::Poisoned(_) | TryLockError::WouldBlock) => write(),
    }
}
