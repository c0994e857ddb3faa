//! What a command does that takes long, drawn on stderr if that is a terminal: the
//! progress of many records, and what is being waited for.
//!
//! There is at most one line, and messages are written around it.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::sleep;

use crate::text::OneLine;
use crate::{records_read, waiting_for};

/// How long a command works before it says what it waits for, and how often it looks
/// for something else.
const PATIENCE: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(200);

/// How long a count stays hidden: a quick one only flickers.
const QUICK: Duration = Duration::from_secs(1);

/// Whether anything may be drawn.
static ALLOWED: AtomicBool = AtomicBool::new(false);

/// The line on the terminal now.
static DRAWN: Mutex<Option<Drawn>> = Mutex::new(None);

struct Drawn {
    line: ProgressBar,
    /// When it began to count; `None` if it only says what is being waited for.
    counts: Option<Instant>,
}

/// Lets lines be drawn from now on.
pub(super) fn allow() {
    ALLOWED.store(true, Ordering::Relaxed);
}

/// A count that is shown if it lasts; dropping it clears it from the terminal.
#[derive(Debug)]
pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    /// Counts towards a total, from 0; invisible unless lines may be drawn.
    pub(super) fn start(total: usize) -> Self {
        let total = u64::try_from(total).unwrap_or(u64::MAX);
        Self::new(Some(total), "{pos}/{len} [{bar:20}] {wide_msg}", "")
    }

    /// Counts to an unknown end. Shape of the words: `names listed`.
    pub(super) fn open_ended(words: &'static str) -> Self {
        Self::new(None, "{pos} {prefix} {wide_msg}", words)
    }

    fn new(total: Option<u64>, template: &str, words: &'static str) -> Self {
        if !ALLOWED.load(Ordering::Relaxed) {
            return Self(None);
        }
        erase();
        let line = drawn(total, template, ProgressDrawTarget::hidden());
        line.set_prefix(words);
        if let Some(mut drawn) = lock() {
            *drawn = Some(Drawn {
                line: line.clone(),
                counts: Some(Instant::now()),
            });
        }
        Self(Some(line))
    }

    /// Counts one more.
    pub(super) fn step(&self) {
        self.add(1);
    }

    /// Counts several more.
    pub(super) fn add(&self, more: usize) {
        if let Some(line) = &self.0 {
            reveal();
            line.inc(u64::try_from(more).unwrap_or(u64::MAX));
        }
    }

    fn set(&self, done: usize) {
        if let Some(line) = &self.0 {
            line.set_position(u64::try_from(done).unwrap_or(u64::MAX));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(line) = &self.0 {
            line.finish_and_clear();
            if let Some(mut drawn) = lock() {
                *drawn = None;
            }
        }
    }
}

fn drawn(total: Option<u64>, template: &str, target: ProgressDrawTarget) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("a valid template");
    let line = ProgressBar::with_draw_target(total, target);
    line.set_style(style.progress_chars("=> "));
    line
}

/// Shows the count, if there is one and it lasts.
fn reveal() {
    let drawn = lock();
    let Some(Some(now)) = drawn.as_deref() else {
        return;
    };
    if now.counts.is_some_and(|since| since.elapsed() >= QUICK) {
        show(&now.line);
    }
}

fn show(line: &ProgressBar) {
    if line.is_hidden() {
        line.set_draw_target(ProgressDrawTarget::stderr());
        line.tick();
    }
}

/// Does some work, and from some time on says what it waits for; the line is gone at
/// the end.
pub(super) async fn narrated<T>(work: impl Future<Output = T>) -> T {
    if !ALLOWED.load(Ordering::Relaxed) {
        return work.await;
    }
    let _line = Narrated;
    match select(pin!(work), pin!(narrate())).await {
        Either::Left((done, _)) => done,
        Either::Right((never, _)) => match never {},
    }
}

/// The same for work that blocks this thread.
pub(super) fn narrated_while<T>(what: &str, work: impl FnOnce() -> T) -> T {
    if !ALLOWED.load(Ordering::Relaxed) {
        return work();
    }
    let (done, is_done) = mpsc::channel::<Infallible>();
    thread::scope(|scope| {
        scope.spawn(move || {
            if is_done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let _line = Narrated;
                say(&format!("waiting for {what}…"));
                is_done.recv().ok();
            }
        });
        let worked = work();
        drop(done);
        worked
    })
}

struct Narrated;

impl Drop for Narrated {
    fn drop(&mut self) {
        erase();
    }
}

async fn narrate() -> Infallible {
    let began = Instant::now();
    let mut reading = None;
    loop {
        sleep(LOOK).await;
        if let Some((done, total)) = records_read() {
            let progress: &Progress = reading.get_or_insert_with(|| Progress::start(total));
            progress.set(done);
        } else {
            reading = None;
        }
        reveal();
        if began.elapsed() < PATIENCE {
            continue;
        }
        match waiting_for() {
            Some(what) => say(&format!("waiting for {}…", OneLine(what))),
            None => erase(),
        }
    }
}

fn say(what: &str) {
    let Some(mut drawn_now) = lock() else { return };
    let now = drawn_now.get_or_insert_with(|| Drawn {
        line: drawn(None, "{wide_msg}", ProgressDrawTarget::stderr()),
        counts: None,
    });
    show(&now.line);
    if now.line.message() != what {
        now.line.set_message(what.to_owned());
        now.line.tick();
    }
}

/// Takes from the terminal what is being waited for: before a question, for example.
pub(super) fn erase() {
    let Some(mut drawn) = lock() else { return };
    match &*drawn {
        Some(now) if now.counts.is_some() && now.line.message().is_empty() => {}
        Some(now) if now.counts.is_some() => now.line.set_message(""),
        Some(now) => {
            now.line.finish_and_clear();
            *drawn = None;
        }
        None => {}
    }
}

/// `None` if the line is being drawn, which is not worth waiting for.
fn lock() -> Option<MutexGuard<'static, Option<Drawn>>> {
    match DRAWN.try_lock() {
        Ok(drawn) => Some(drawn),
        Err(TryLockError::Poisoned(drawn)) => Some(drawn.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// Writes to the terminal while the line is hidden.
pub(super) fn apart<T>(write: impl FnOnce() -> T) -> T {
    erase();
    match &lock().as_deref() {
        Some(Some(now)) => now.line.suspend(write),
        // At worst the two share a line.
        Some(None) | None => write(),
    }
}
