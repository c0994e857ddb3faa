//! YAML that is accepted, and YAML that is rejected.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::base::test_support::{suite, text as text_of};

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

fn json_of(text: &str) -> Result<String, NotYaml> {
    Ok(to_json(text)?.as_ref().map(text_of).unwrap_or_default())
}

#[test]
fn a_mapping_becomes_an_object_with_its_numbers_as_written() {
    for (text, expected) in [
        ("a: 1.0E+5\nb: -0\n", r#"{"a":1.0E+5,"b":-0}"#),
        ("a: '1'\nb: \"2\"\n", r#"{"a":"1","b":"2"}"#),
        ("c: ~\nd:\n", r#"{"c":null,"d":null}"#),
        ("1: a\ntrue: b\n", r#"{"1":"a","true":"b"}"#),
        ("a: [1, {b: c}]\n", r#"{"a":[1,{"b":"c"}]}"#),
        (
            "a: '2026-01-01'\nb: 1_a\n",
            r#"{"a":"2026-01-01","b":"1_a"}"#,
        ),
        ("a: {}\nb: []\n", r#"{"a":{},"b":[]}"#),
    ] {
        assert_eq!(json_of(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_json_cannot_represent_is_refused_with_its_line() {
    let deep = "[".repeat(65);
    for (text, line) in [
        ("x: 1\na: 0x1f\n", 2),
        ("a: 007\n", 1),
        ("a: +1\n", 1),
        ("a: .inf\n", 1),
        ("a: 1.\n", 1),
        ("x: 1\na: &b 1\n", 2),
        ("a: !!str 1\n", 1),
        ("a: 1\n---\nb: 2\n", 2),
        ("[a]: 1\n", 1),
        (&deep, 1),
    ] {
        let error = json_of(text).unwrap_err();
        assert!(error.line >= line, "{text}: {error}");
    }
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

#[test]
fn an_empty_document_is_none() {
    assert!(to_json("%YAML 1.2\n---\n").unwrap().is_none());
    for (text, json) in [
        ("~", "null"),
        ("''", r#""""#),
        ("{}", "{}"),
        ("--- |\n", r#""""#),
    ] {
        assert_eq!(json_of(text).unwrap(), json, "{text:?}");
    }
}
