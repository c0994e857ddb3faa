//! What is left out of this run, and why: a failure, or a line at its end.
//!
//! `LAZYCRED_TEST_FULL=1` runs everything, and makes each lack a failure; `0`
//! does at once without what would have to be installed; else what can be had
//! is used. Knows nothing of what it is that is lacking.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use crate::support::own_process;

/// What is lacking and why, with the tests that have missed it.
type LeftOut = BTreeMap<(String, String), BTreeSet<String>>;

static LEFT_OUT: Mutex<LeftOut> = Mutex::new(BTreeMap::new());

/// Panics if everything must run, else has the summary say what does not.
#[track_caller]
pub fn or_skip(what: &str, reason: &str) {
    assert!(
        !is("1"),
        "LAZYCRED_TEST_FULL=1, but there is no {what}: {reason}"
    );
    skip(what, reason);
}

/// Has the summary say what does not run, where other tests show the same by
/// other means.
pub fn skip(what: &str, reason: &str) {
    let mut left_out = LEFT_OUT.lock().unwrap_or_else(PoisonError::into_inner);
    if left_out.is_empty() {
        own_process::at_exit(tell);
    }
    let tests = left_out.entry((what.to_owned(), reason.trim().to_owned()));
    let test = thread::current().name().unwrap_or("main").to_owned();
    tests.or_default().insert(test);
}

/// An error if what takes time to have is to be done without.
pub fn refused() -> Result<(), String> {
    if is("0") {
        return Err("LAZYCRED_TEST_FULL=0".to_owned());
    }
    Ok(())
}

/// An error unless everything must run: for what takes minutes to make.
pub fn only() -> Result<(), String> {
    if is("1") {
        return Ok(());
    }
    Err("it takes minutes more, so LAZYCRED_TEST_FULL=1 runs it".to_owned())
}

/// How many of something: `short` in CI, and `long` with `LAZYCRED_TEST_LONG=1`,
/// which is where the figures of docs/assurance.md come from.
pub fn many(short: usize, long: usize) -> usize {
    let is_long = std::env::var_os("LAZYCRED_TEST_LONG").is_some_and(|value| value == "1");
    if is_long { long } else { short }
}

/// Tells a figure that no test holds, such as a time, past libtest: `scripts/assurance`
/// looks for it.
pub fn figure(words: &str) {
    let line = format!("figure: {words}\n");
    std::io::stderr().write_all(line.as_bytes()).ok();
}

/// What is made once for all tests, or `None` after [`or_skip`].
#[track_caller]
pub fn once<T, E: ToString>(
    shared: &'static OnceLock<Result<T, String>>,
    what: &str,
    start: impl FnOnce() -> Result<T, E>,
) -> Option<&'static T> {
    let made = shared.get_or_init(|| start().map_err(|error| error.to_string()));
    made.as_ref().map_err(|reason| or_skip(what, reason)).ok()
}

/// Where a program is that a test needs, or `None` after [`or_skip`].
#[track_caller]
pub fn tool(name: &str) -> Option<PathBuf> {
    let found = find(name);
    if found.is_none() {
        or_skip(name, "it is not installed");
    }
    found
}

/// Where a program is, if this machine has it.
pub fn find(name: &str) -> Option<PathBuf> {
    let usual = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";
    let ours = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(usual).chain(std::env::split_paths(&ours));
    let mut files = folders.map(|folder| folder.join(name));
    files.find(|file| file.is_absolute() && file.is_file())
}

/// Whether everything must run, and so be fetched and built.
pub fn wanted() -> bool {
    is("1")
}

fn is(wanted: &str) -> bool {
    std::env::var_os("LAZYCRED_TEST_FULL").is_some_and(|value| value == wanted)
}

/// Past libtest, which keeps what a passing test prints to itself.
extern "C" fn tell() {
    let left_out = LEFT_OUT.lock().unwrap_or_else(PoisonError::into_inner);
    let said = summary(&left_out);
    std::io::stderr().write_all(said.as_bytes()).ok();
}

fn summary(left_out: &LeftOut) -> String {
    let mut said =
        String::from("left out of this run (LAZYCRED_TEST_FULL=1 makes it a failure):\n");
    for ((what, reason), tests) in left_out {
        let tests = match tests.len() {
            1 => "1 test".to_owned(),
            count => format!("{count} tests"),
        };
        writeln!(said, "  {what} ({tests}): {reason}").ok();
    }
    said + "\n"
}

#[test]
fn the_summary_says_once_what_was_left_out_of_how_many_tests_and_why() {
    let mut left_out = LeftOut::new();
    for (what, test) in [("git", "a"), ("git", "b"), ("git", "a"), ("Go", "c")] {
        let tests = left_out.entry((what.to_owned(), "it is not installed".to_owned()));
        tests.or_default().insert(test.to_owned());
    }
    assert_eq!(
        summary(&left_out),
        "left out of this run (LAZYCRED_TEST_FULL=1 makes it a failure):\n  \
         Go (1 test): it is not installed\n  \
         git (2 tests): it is not installed\n\n"
    );
}
