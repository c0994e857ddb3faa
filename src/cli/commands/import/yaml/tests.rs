//! The YAML test suite.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::base::test_support::suite;

/// A case of the YAML test suite.
#[derive(Deserialize)]
struct Case {
    id: String,
    yaml: String,
    #[serde(default)]
    invalid: bool,
    /// Valid, but not supported, with the message.
    refused: Option<String>,
    #[serde(default)]
    empty: bool,
    #[serde(default)]
    json: Value,
}

#[test]
fn the_yaml_test_suite_is_read_as_it_says_or_refused() {
    let mut refusals = BTreeSet::new();
    for case in &suite::<Case>("yaml", 402) {
        let id = &case.id;
        match (to_json(&case.yaml), &case.refused) {
            (Err(error), None) => assert!(case.invalid, "{id}: {error}"),
            (Err(error), Some(refused)) => {
                assert_eq!(error.what, refused, "{id}");
                refusals.insert(error.what);
            }
            (Ok(_), refused) if case.invalid || refused.is_some() => panic!("{id} is taken"),
            (Ok(None), _) => assert!(case.empty, "{id}"),
            (Ok(Some(secret)), _) => {
                let value: Value = serde_json::from_slice(secret.as_bytes()).unwrap();
                assert_eq!(value, case.json, "{id}");
            }
        }
    }
    assert_eq!(refusals.len(), 10, "{refusals:?}");
}
