//! A validator that knows the keywords of our schema, and no others.

use regex_lite::Regex;
use serde_json::Value;

/// Whether a schema takes a value.
pub fn takes(root: &Value, schema: &Value, value: &Value) -> bool {
    let members = match schema {
        Value::Bool(taken) => return *taken,
        _ => schema.as_object().unwrap(),
    };
    let each = |list: &Value, value: &Value| -> Vec<bool> {
        let list = list.as_array().unwrap().iter();
        list.map(|schema| takes(root, schema, value)).collect()
    };
    let matches = |pattern: &str, text: &str| Regex::new(pattern).unwrap().is_match(text);
    members
        .iter()
        .all(|(keyword, rule)| match keyword.as_str() {
            "$schema" | "title" | "description" | "definitions" => true,
            "$ref" => {
                let pointer = rule.as_str().unwrap().strip_prefix('#').unwrap();
                takes(root, root.pointer(pointer).unwrap(), value)
            }
            "allOf" => each(rule, value).iter().all(|taken| *taken),
            "anyOf" => each(rule, value).iter().any(|taken| *taken),
            "not" => !takes(root, rule, value),
            "enum" => rule.as_array().unwrap().contains(value),
            "type" => match rule.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                other => panic!("the type {other}"),
            },
            "minLength" => value
                .as_str()
                .is_none_or(|text| text.chars().count() as u64 >= rule.as_u64().unwrap()),
            "minItems" => value
                .as_array()
                .is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap()),
            "pattern" => value
                .as_str()
                .is_none_or(|text| matches(rule.as_str().unwrap(), text)),
            "items" => value
                .as_array()
                .is_none_or(|items| items.iter().all(|item| takes(root, rule, item))),
            "required" => value.as_object().is_none_or(|object| {
                let names = rule.as_array().unwrap().iter();
                { names }.all(|name| object.contains_key(name.as_str().unwrap()))
            }),
            "properties" => value.as_object().is_none_or(|object| {
                let rules = rule.as_object().unwrap().iter();
                { rules }.all(|(name, rule)| {
                    object
                        .get(name)
                        .is_none_or(|value| takes(root, rule, value))
                })
            }),
            "propertyNames" => value.as_object().is_none_or(|object| {
                object
                    .keys()
                    .all(|name| takes(root, rule, &Value::from(&**name)))
            }),
            "additionalProperties" => value.as_object().is_none_or(|object| {
                assert!(members.get("properties").is_none(), "a rule for the others");
                object.values().all(|value| takes(root, rule, value))
            }),
            other => panic!("the keyword {other}"),
        })
}
