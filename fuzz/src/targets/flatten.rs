//! Secrets as JSON: variables, fields, changes of fields, and differences.

use std::collections::HashSet;

use serde_json::Value;

use super::{choice, is_safe, is_safe_error, place};
use crate::base::{Secret, is_variable};
use crate::plaintext::filter::Filter;
use crate::plaintext::flatten::{self, Flat};
use crate::plaintext::json::{self, MAX_DEPTH};
use crate::plaintext::rules::{Arrays, Case, Null, Rules};
use crate::plaintext::{diff, dotenv, pick, set_field};

/// Every leaf is one variable with the value that its pointer names, or it is an error.
pub fn flatten(input: &[u8]) {
    let (chosen, text) = choice(input);
    let rules = rules(chosen);
    if let Err(error) = dotenv::parse(text) {
        is_safe(&error.to_string());
    }
    let raw = match json::document(text) {
        Ok(raw) => raw,
        Err(error) => return is_safe(&error.to_string()),
    };
    match flatten::flatten(raw, &rules, None, "") {
        Ok(flat) => follows(&flat, text, &rules),
        Err(error) => is_safe(&error.to_string()),
    }
    members(text);
    change(text, chosen);
}

fn rules(chosen: usize) -> Rules {
    let cases = [Case::Upper, Case::Keep, Case::Lower, Case::Upper];
    let nulls = [Null::Omit, Null::Empty, Null::Error, Null::Omit];
    let arrays = [Arrays::Json, Arrays::Index];
    Rules {
        prefix: ["", "P_"][chosen >> 5 & 1].to_owned(),
        separator: ["_", "__"][chosen >> 6 & 1].to_owned(),
        case: cases[chosen & 3],
        null: nulls[chosen >> 2 & 3],
        arrays: arrays[chosen >> 4 & 1],
        filter: if chosen >> 7 == 1 {
            Filter::new::<&str>(&[], &["A*"]).expect("a pattern")
        } else {
            Filter::default()
        },
        ..Rules::default()
    }
}

fn follows(flat: &Flat, text: &[u8], rules: &Rules) {
    let mut names = HashSet::new();
    // Another reader may refuse what this one takes: numbers out of range.
    let document = serde_json::from_slice::<Value>(json::without_mark(text)).ok();
    for leaf in &flat.leaves {
        let name = leaf.variable.as_str();
        assert!(is_variable(name) && name.starts_with(&rules.prefix) || rules.case == Case::Lower);
        assert!(names.insert(name), "two of one name");
        assert!(rules.filter.wants(name));
        let value = leaf.value.as_ref().expect("a value").as_bytes();
        assert!(!value.contains(&0));
        let there = document
            .as_ref()
            .map(|document| document.pointer(&leaf.path));
        match there {
            None => {}
            Some(Some(Value::String(text))) => assert_eq!(text.as_bytes(), value),
            Some(Some(Value::Bool(is))) => assert_eq!(is.to_string().as_bytes(), value),
            Some(Some(Value::Null)) => assert!(value.is_empty() && rules.null == Null::Empty),
            Some(Some(Value::Array(_))) => {
                assert_eq!(rules.arrays, Arrays::Json);
                json::check(value).expect("JSON");
            }
            Some(Some(Value::Number(_))) => {
                json::check(value).expect("JSON");
            }
            Some(other) => panic!("a variable of {other:?}"),
        }
    }
    if let Some(document) = document
        && rules.null == Null::Empty
        && rules.filter.is_empty()
    {
        assert_eq!(flat.leaves.len(), leaves(&document, rules));
    }
}

/// How many variables a document becomes.
fn leaves(value: &Value, rules: &Rules) -> usize {
    match value {
        Value::Object(members) => members.values().map(|value| leaves(value, rules)).sum(),
        Value::Array(items) if rules.arrays == Arrays::Index => {
            items.iter().map(|value| leaves(value, rules)).sum()
        }
        _ => 1,
    }
}

/// The members of an object are its values, text as text and the rest as written.
fn members(text: &[u8]) {
    let Ok(members) = json::members(text) else {
        return;
    };
    let Ok(document) = serde_json::from_slice::<Value>(json::without_mark(text)) else {
        return;
    };
    let object = document.as_object();
    assert_eq!(members.is_some(), object.is_some());
    let (Some(members), Some(object)) = (members, object) else {
        return;
    };
    assert_eq!(members.len(), object.len());
    for (name, value) in members {
        match &object[&name] {
            Value::String(text) => assert_eq!(text.as_bytes(), value.as_bytes()),
            other => assert_eq!(
                serde_json::from_slice::<Value>(value.as_bytes())
                    .ok()
                    .as_ref(),
                Some(other)
            ),
        }
    }
}

/// A field that is set is there, one that is removed is not, and nothing else differs.
fn change(text: &[u8], chosen: usize) {
    let paths: [&[&str]; 4] = [&["a"], &["a", "b"], &["b", "0"], &["c", "-"]];
    let steps: Vec<String> = paths[chosen & 3].iter().map(ToString::to_string).collect();
    let secret = Secret::from(text);
    let place = place();
    let before = (&place, &secret);
    match set_field::set(&secret, &steps, b"[1]") {
        Ok(changed) => {
            let after = (&place, &changed);
            let document = json::document(changed.as_bytes()).expect("JSON");
            if steps.last().is_none_or(|step| step != "-") {
                let (value, path) = pick::pick(document, &steps).expect("what was set");
                assert_eq!(value.get(), "[1]");
                let differences = diff::diff(before, after);
                for one in differences.into_iter().flatten() {
                    let above = path.starts_with(&one.path) || one.path.starts_with(&path);
                    assert!(above, "{} differs", one.path);
                }
            }
        }
        Err(error) => is_safe(&error.to_string()),
    }
    match set_field::unset(&secret, &steps) {
        Ok(changed) => {
            let document = json::document(changed.as_bytes()).expect("JSON");
            let was_element = steps.last().is_some_and(|step| step == "0");
            assert!(was_element || pick::pick(document, &steps).is_err());
        }
        Err(error) => is_safe(&error.to_string()),
    }
    match diff::diff(before, before) {
        Ok(differences) => assert!(differences.is_empty()),
        Err(error) => is_safe_error(&error),
    }
}
