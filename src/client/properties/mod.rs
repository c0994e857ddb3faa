//! What holds for every record, name and document: each property for 10,000 cases,
//! which are the same on every run.

mod documents;
mod exports;
mod names;
mod records;

use std::cell::Cell;
use std::fmt::Debug;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::string::string_regex;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};

/// The cases of each property.
const CASES: u32 = 10_000;

/// How many properties there are.
const PROPERTIES: usize = 17;

/// Checks a property for [`CASES`] cases, and shows the simplest that breaks it.
#[track_caller]
fn holds<S: Strategy>(cases: &S, property: impl Fn(S::Value) -> TestCaseResult)
where
    S::Value: Debug,
{
    let mut config = Config::with_cases(CASES);
    config.failure_persistence = None;
    config.max_shrink_iters = 2000;
    config.max_global_rejects = 100 * CASES;
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, seed);
    let held = Cell::new(0);
    let outcome = runner.run(cases, |case| {
        property(case)?;
        held.set(held.get() + 1);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(held.get(), CASES);
}

/// Each test checks one, and there are at least twelve.
#[test]
fn twelve_properties_or_more_are_checked() {
    let sources = [
        include_str!("documents.rs"),
        include_str!("exports.rs"),
        include_str!("names.rs"),
        include_str!("records.rs"),
    ];
    let count = |what: &str| sources.map(|source| source.matches(what).count());
    let tests = count("\n#[test]\nfn ");
    assert_eq!(count("\n    holds("), tests);
    assert_eq!(tests.iter().sum::<usize>(), PROPERTIES);
    const { assert!(PROPERTIES >= 12) };
}

/// What matches a regular expression, which is parsed once: a `&str` is for each case.
fn matching(regex: &str) -> BoxedStrategy<String> {
    string_regex(regex).expect("an expression").boxed()
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..=most)
}

/// Texts, often of characters that some format quotes.
fn text() -> impl Strategy<Value = String> {
    let special = select(
        "'\"\\$`#=: \t\n\r!{}[]%&*-~é\u{2028}\u{1f511}\u{85}\u{0}aB0_"
            .chars()
            .collect::<Vec<_>>(),
    );
    prop_oneof![
        3 => vec(special, 0..12).prop_map(|chars| chars.into_iter().collect::<String>()),
        1 => matching(r"\PC*"),
    ]
}

/// Names that a record of version 2 may have.
fn bindable() -> impl Strategy<Value = String> {
    let segment = matching("[A-Za-z0-9_-][A-Za-z0-9._-]{0,5}");
    vec(segment, 1..4).prop_map(|segments| segments.join("/"))
}
