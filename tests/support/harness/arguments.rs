//! How a test writes a command line.

use std::ffi::{OsStr, OsString};
use std::iter::{Chain, Map};
use std::str::Split;

/// What a run is started with: a line is split at its spaces, lists are taken as they are.
///
/// Shape: `"get web --field user"` and `["get", "web", "--field", "user"]` are the same.
pub trait Arguments {
    fn list(self) -> Vec<OsString>;
}

impl Arguments for &str {
    fn list(self) -> Vec<OsString> {
        self.split_whitespace().map(OsString::from).collect()
    }
}

impl Arguments for &String {
    fn list(self) -> Vec<OsString> {
        self.as_str().list()
    }
}

fn owned<A: AsRef<OsStr>>(all: impl IntoIterator<Item = A>) -> Vec<OsString> {
    let all = all.into_iter();
    all.map(|argument| argument.as_ref().to_owned()).collect()
}

/// Rust allows no implementation for all iterators beside that for text.
macro_rules! lists {
    ($([$($of:tt)*] $list:ty),*) => {
        $(impl<$($of)*> Arguments for $list
        where
            $list: IntoIterator<Item: AsRef<OsStr>>,
        {
            fn list(self) -> Vec<OsString> {
                owned(self)
            }
        })*
    };
}

lists! {
    [A, const N: usize] [A; N],
    ['a, A, const N: usize] &'a [A; N],
    ['a, A] &'a [A],
    [A] Vec<A>,
    ['a, A] &'a Vec<A>,
    [A, B] Chain<A, B>,
    [A, F] Map<A, F>,
    ['a] Split<'a, char>
}
