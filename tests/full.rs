//! What is lacking on this machine: a failure, or a line that says so.
//!
//! `LAZYCRED_TEST_FULL=1` makes it a failure; `0` does without at once; else
//! what can be had is used, and what cannot is skipped. Knows nothing of what
//! it is that is lacking.

use std::io::Write as _;
use std::sync::Mutex;

/// Panics if everything must run, else says once what is not run.
#[track_caller]
pub fn or_skip(what: &str, reason: &str) {
    assert!(
        !is("1"),
        "LAZYCRED_TEST_FULL=1, but there is no {what}: {reason}"
    );
    skip(what, reason);
}

/// Says once what is not run, where other tests show the same by other means.
pub fn skip(what: &str, reason: &str) {
    static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut said = SAID.lock().unwrap();
    if !said.iter().any(|earlier| earlier == what) {
        // Past libtest, which keeps what a passing test prints to itself.
        let line = format!("not run against {what}: {reason}\n");
        std::io::stderr().write_all(line.as_bytes()).ok();
        said.push(what.to_owned());
    }
}

/// An error if what takes time to have is to be done without.
pub fn refused() -> Result<(), String> {
    if is("0") {
        return Err("LAZYCRED_TEST_FULL=0".to_owned());
    }
    Ok(())
}

/// Whether everything must run, and so be fetched and built.
pub fn wanted() -> bool {
    is("1")
}

fn is(wanted: &str) -> bool {
    std::env::var_os("LAZYCRED_TEST_FULL").is_some_and(|value| value == wanted)
}
