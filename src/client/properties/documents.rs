//! JSON documents: their fields, and the variables that they become.

use std::cell::Cell;
use std::collections::BTreeSet;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value};

use super::{holds, matching};
use crate::base::{Secret, pointer};
use crate::plaintext::flatten::flatten;
use crate::plaintext::rules::{Arrays, Case, Null, Rules};
use crate::plaintext::{json, pick, set_field};

/// Names of fields, likely to collide as variables.
fn field() -> impl Strategy<Value = String> {
    prop_oneof![3 => matching("[aAbB1_.-]{1,3}"), 1 => matching("[ -~é/~]{1,6}")]
}

/// JSON objects with names that are likely to collide as variables.
fn object() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        matching("[ -~é]{0,8}").prop_map(Value::from),
    ];
    let value = scalar.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            2 => btree_map(field(), inner.clone(), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
            1 => vec(inner, 0..3).prop_map(Value::from),
        ]
    });
    btree_map(field(), value, 0..5).prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// What a field is set to.
fn value() -> impl Strategy<Value = Value> {
    let values = r#"[null, 1, -0.5, "", "a\"b", [], [1, "x"], {}, {"a": {"b": null}}]"#;
    let values: Vec<Value> = serde_json::from_str(values).expect("JSON");
    select(values)
}

/// How many variables a value becomes.
fn leaves(value: &Value, nulls: bool, indexed: bool) -> usize {
    match value {
        Value::Object(members) => members
            .values()
            .map(|value| leaves(value, nulls, indexed))
            .sum(),
        Value::Array(items) if indexed => items
            .iter()
            .map(|value| leaves(value, nulls, indexed))
            .sum(),
        Value::Null => usize::from(nulls),
        _ => 1,
    }
}

#[test]
fn each_leaf_becomes_a_variable_of_its_own_or_there_is_an_error() {
    let rules =
        (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(keep, index, empty)| Rules {
            case: if keep { Case::Keep } else { Case::Upper },
            arrays: if index { Arrays::Index } else { Arrays::Json },
            null: if empty { Null::Empty } else { Null::Omit },
            ..Rules::default()
        });
    let (flat, refused) = (Cell::new(0), Cell::new(0));
    holds(&(object(), rules), |(object, rules)| {
        let text = object.to_string();
        let document = json::document(text.as_bytes()).expect("JSON");
        let Ok(made) = flatten(document, &rules, None, "") else {
            refused.set(refused.get() + 1);
            return Ok(());
        };
        let names: BTreeSet<&str> = made
            .leaves
            .iter()
            .map(|leaf| leaf.variable.as_str())
            .collect();
        let paths: BTreeSet<&str> = made.leaves.iter().map(|leaf| &*leaf.path).collect();
        let expected = leaves(
            &object,
            rules.null == Null::Empty,
            rules.arrays == Arrays::Index,
        );
        prop_assert_eq!([names.len(), paths.len(), made.leaves.len()], [expected; 3]);
        flat.set(flat.get() + 1);
        Ok(())
    });
    assert!(
        flat.get() > 5000 && refused.get() > 200,
        "{flat:?} {refused:?}"
    );
}

#[test]
fn a_field_that_is_set_is_read_back_and_no_other_changes() {
    let steps = vec(field(), 1..4);
    let set = Cell::new(0);
    holds(&(object(), steps, value()), |(object, steps, value)| {
        let before = Secret::from(object.to_string().as_str());
        let Ok(after) = set_field::set(&before, &steps, value.to_string().as_bytes()) else {
            return Ok(());
        };
        set.set(set.get() + 1);
        // What RFC 6901 says of the same document.
        let mut expected = object;
        let mut at = &mut expected;
        for step in &steps {
            at = match at {
                // An element was appended, which has no name to be read by.
                Value::Array(items) => match step.parse::<usize>() {
                    Ok(index) if index < items.len() => &mut items[index],
                    _ => return Ok(()),
                },
                Value::Object(members) => members
                    .entry(step)
                    .or_insert_with(|| Value::Object(Map::new())),
                _ => return Err(TestCaseError::fail("a field of what has none")),
            };
        }
        *at = value.clone();
        let whole: Value = serde_json::from_slice(after.as_bytes()).expect("JSON");
        prop_assert_eq!(whole, expected);
        let document = json::document(after.as_bytes()).expect("JSON");
        let (found, path) = pick::pick(document, &steps).expect("the field");
        prop_assert_eq!(
            &serde_json::from_str::<Value>(found.get()).expect("JSON"),
            &value
        );
        let expected = steps
            .iter()
            .fold(String::new(), |path, step| pointer(&path, step));
        prop_assert_eq!(path, expected);
        Ok(())
    });
    assert!(set.get() > 2000, "{set:?}");
}

#[test]
fn a_new_field_that_is_removed_again_leaves_the_document_as_it_was() {
    holds(
        &(object(), matching("[xyz][ -~é]{0,5}"), value()),
        |(object, name, value)| {
            prop_assume!(object.get(&name).is_none());
            let (before, steps) = (Secret::from(object.to_string().as_str()), [name]);
            let with = set_field::set(&before, &steps, value.to_string().as_bytes()).expect("set");
            let without = set_field::unset(&with, &steps).expect("unset");
            prop_assert_eq!(without.as_bytes(), before.as_bytes());
            Ok(())
        },
    );
}
