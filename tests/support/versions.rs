//! Secrets in a fake whose bucket keeps versions.

use crate::support::fake_aws::FakeAws;
use crate::support::harness::{Run, place, store};

/// A fake whose bucket keeps versions.
pub fn versioned() -> FakeAws {
    let aws = FakeAws::start();
    aws.versioning(true);
    aws
}

pub fn put(aws: &FakeAws, name: &str, secret: &str) -> String {
    store(aws, &place(name), secret, 1)
}

#[track_caller]
pub fn get(aws: &FakeAws, name: &str, expected: &str) {
    let get = Run::new(["get", "--", name]).aws(aws).stdout(expected);
    get.status(0);
}

/// The words of the command after `undo: ` in a message.
pub fn undo(message: &str) -> Vec<String> {
    let (_, undo) = message.trim_end().split_once("undo: ").expect(message);
    let words = shell_words::split(undo.strip_suffix(')').unwrap()).unwrap();
    assert_eq!(words[0], "lazycred");
    words[1..].to_vec()
}
