//! What is being waited for now, for a program that shows it to its user.
//!
//! Whatever waits for something outside this process says so by [`on`], as long as it
//! waits. Nothing here prints, and nothing here is a secret.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::thread;

/// All that is being waited for, the newest last, and the last number.
static WAITING: Mutex<(u64, Vec<Wait>)> = Mutex::new((0, Vec::new()));

/// The most waits that are noted at once.
const MOST: usize = 1000;

/// A wait with its number.
type Wait = (u64, Cow<'static, str>);

/// A wait; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Waiting(Option<u64>);

/// Says what is waited for from now on, in words that follow "waiting for".
pub(crate) fn on(what: impl Into<Cow<'static, str>>) -> Waiting {
    let noted = lock().filter(|waiting| waiting.1.len() < MOST);
    Waiting(noted.map(|mut waiting| {
        waiting.0 += 1;
        let number = waiting.0;
        waiting.1.push((number, what.into()));
        number
    }))
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let (Some(ended), Some(mut waiting)) = (self.0, lock()) {
            waiting.1.retain(|(number, _)| *number != ended);
        }
    }
}

/// `None` if another thread does not let go of it: in the child of a fork, that thread
/// does not exist.
fn lock() -> Option<MutexGuard<'static, (u64, Vec<Wait>)>> {
    for _ in 0..MOST {
        match WAITING.try_lock() {
            Ok(waiting) => return Some(waiting),
            Err(TryLockError::Poisoned(waiting)) => return Some(waiting.into_inner()),
            Err(TryLockError::WouldBlock) => thread::yield_now(),
        }
    }
    None
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
    let waiting = lock()?;
    waiting.1.last().map(|(_, what)| what.clone().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_ends_by_itself() {
        let is_there = |what: &str| lock().unwrap().1.iter().any(|(_, known)| known == what);
        let first = on("a test's first wait");
        let second = on("a test's second wait".to_owned());
        drop(first);
        assert!(!is_there("a test's first wait") && is_there("a test's second wait"));
        assert!(waiting_for().is_some());
        drop(second);
        assert!(!is_there("a test's second wait"));
    }
}
