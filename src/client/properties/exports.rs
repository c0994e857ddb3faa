//! Variables in the formats that other programs read.

use std::cell::Cell;
use std::collections::BTreeMap;

use proptest::collection::btree_map;
use proptest::prelude::*;

use super::{holds, matching, text};
use crate::base::{Secret, SecretName};
use crate::plaintext::dotenv;
use crate::plaintext::export::{self, Export, Step};
use crate::plaintext::vars::Var;

/// Variables with different names.
fn variables() -> impl Strategy<Value = Vec<Var>> {
    // No variable holds a NUL.
    let value = text().prop_map(|text| text.replace('\0', "0"));
    btree_map(matching("[A-Z_][A-Z0-9_]{0,6}"), value, 0..4).prop_map(|values| {
        let variable = |(name, value): (String, String)| Var {
            name: name.parse().expect("a variable's name"),
            value: Some(value.as_str().into()),
            reference: "db".to_owned(),
            path: String::new(),
            named: false,
        };
        values.into_iter().map(variable).collect()
    })
}

/// The variables in a format, and their values; `None` where it cannot have one of them.
fn exported(format: Export, variables: &[Var]) -> Option<(Secret, BTreeMap<String, String>)> {
    let first: SecretName = "db".parse().expect("a name");
    let text = export::write(format, variables, (Step::Variables, ""), &first).ok()?;
    let value = |variable: &Var| {
        let value = variable.value.as_ref().map(crate::base::test_support::text);
        (variable.name.to_string(), value.unwrap_or_default())
    };
    Some((text, variables.iter().map(value).collect()))
}

#[test]
fn dotenv_is_read_back_as_it_was_exported() {
    let read = Cell::new(0);
    holds(&variables(), |variables| {
        let Some((text, expected)) = exported(Export::Dotenv, &variables) else {
            return Ok(());
        };
        let pairs = dotenv::parse(text.as_bytes());
        let pairs = pairs.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let found: BTreeMap<String, String> = pairs
            .iter()
            .map(|pair| {
                (
                    pair.name.clone(),
                    crate::base::test_support::text(&pair.value),
                )
            })
            .collect();
        prop_assert_eq!(found, expected);
        read.set(read.get() + 1);
        Ok(())
    });
    assert!(read.get() > 1000, "{read:?}");
}

#[test]
fn json_yaml_and_a_shell_read_back_what_was_exported() {
    let [json, shell, yaml] = [0; 3].map(Cell::new);
    holds(&variables(), |variables| {
        if let Some((text, expected)) = exported(Export::Json, &variables) {
            let found: BTreeMap<String, String> =
                serde_json::from_slice(text.as_bytes()).expect("JSON");
            prop_assert_eq!(found, expected);
            json.set(json.get() + 1);
        }
        if let Some((text, expected)) = exported(Export::Shell, &variables) {
            let words = shell_words::split(&crate::base::test_support::text(&text)).expect("words");
            let found: BTreeMap<String, String> = words
                .iter()
                .filter_map(|word| word.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            prop_assert_eq!(found, expected);
            shell.set(shell.get() + 1);
        }
        if let Some((text, expected)) = exported(Export::Yaml, &variables) {
            use saphyr::LoadableYamlNode as _;
            let text = crate::base::test_support::text(&text);
            let documents = saphyr::Yaml::load_from_str(&text).expect("YAML");
            let mapping = documents[0].as_mapping().expect("a mapping");
            let found: BTreeMap<String, String> = mapping
                .iter()
                .filter_map(|(name, value)| {
                    Some((name.as_str()?.to_owned(), value.as_str()?.to_owned()))
                })
                .collect();
            prop_assert_eq!(found, expected);
            yaml.set(yaml.get() + 1);
        }
        Ok(())
    });
    let read = [json, shell, yaml].map(Cell::into_inner);
    assert!(read.iter().all(|read| *read > 5000), "{read:?}");
}
