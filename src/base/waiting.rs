//! What is being waited for now, for a program that shows it to its user.
//!
//! Whatever waits for something outside this process says so by [`on`], as long as it
//! waits. Nothing here prints, and nothing here is a secret.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// All that is being waited for, the newest last, each with its number.
static WAITING: Mutex<(u64, Vec<Wait>)> = Mutex::new((0, Vec::new()));

type Wait = (u64, Cow<'static, str>);

/// A wait; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Waiting(u64);

/// Says what is waited for from now on, in words that follow "waiting for".
pub(crate) fn on(what: impl Into<Cow<'static, str>>) -> Waiting {
    let mut waiting = lock();
    waiting.0 += 1;
    let number = waiting.0;
    waiting.1.push((number, what.into()));
    Waiting(number)
}

impl Drop for Waiting {
    fn drop(&mut self) {
        lock().1.retain(|(number, _)| *number != self.0);
    }
}

fn lock() -> MutexGuard<'static, (u64, Vec<Wait>)> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What this process waits for now: the wait that began last, if there are several.
///
/// Shape: words that follow "waiting for": `S3 (s3://acme-secrets/prod/web)`.
///
/// # Examples
///
/// ```
/// assert_eq!(lazycred::waiting_for(), None);
/// ```
#[must_use]
pub fn waiting_for() -> Option<String> {
    let waiting = lock();
    waiting.1.last().map(|(_, what)| what.clone().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_ends_by_itself() {
        let is_there = |what: &str| lock().1.iter().any(|(_, known)| known == what);
        let first = on("a test's first wait");
        let second = on("a test's second wait".to_owned());
        drop(first);
        assert!(!is_there("a test's first wait") && is_there("a test's second wait"));
        assert!(waiting_for().is_some());
        drop(second);
        assert!(!is_there("a test's second wait"));
    }
}
