//! Every rule of flattening, and every error.

use super::*;

fn flat(text: &str, rules: &Rules) -> Result<Vec<(String, String)>, FlattenError> {
    Ok(flatten(json::document(text.as_bytes())?, rules, None, "")?
        .leaves
        .into_iter()
        .map(|leaf| {
            (
                leaf.variable.to_string(),
                crate::base::test_support::text(&leaf.value.unwrap()),
            )
        })
        .collect())
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|&(n, v)| (n.to_owned(), v.to_owned()))
        .collect()
}

#[test]
fn every_kind_of_json_has_its_rule() {
    for (text, expected) in [
        ("{}", &[][..]),
        (r#"{"a":{}}"#, &[]),
        (r#"{"a":"{\"b\":1}"}"#, &[("A", "{\"b\":1}")]),
        (r#"{"b":1e400,"d":-0.0}"#, &[("B", "1e400"), ("D", "-0.0")]),
        (
            r#"{"t":true,"f":false,"n":null}"#,
            &[("T", "true"), ("F", "false")],
        ),
        (r#"{"h":[ "a", 1.0 ]}"#, &[("H", r#"["a",1.0]"#)]),
        (r#"{"x-y":{"1st":"é\n"}}"#, &[("X_Y_1ST", "é\n")]),
        (r#"{"1":"a"}"#, &[("_1", "a")]),
    ] {
        let variables = flat(text, &Rules::default()).unwrap();
        assert_eq!(variables, pairs(expected), "{text}");
    }
}

#[test]
fn the_rules_can_be_changed() {
    let text = r#"{"a":{"b":[1,[2]],"N":null}}"#;
    let rules = Rules {
        prefix: "9p-".into(),
        separator: "__".into(),
        case: Case::Keep,
        arrays: Arrays::Index,
        null: Null::Empty,
        ..Rules::default()
    };
    let expected = [
        ("_9p_a__b__0", "1"),
        ("_9p_a__b__1__0", "2"),
        ("_9p_a__N", ""),
    ];
    assert_eq!(flat(text, &rules).unwrap(), pairs(&expected));
}

#[test]
fn what_cannot_be_a_variable_is_named_by_its_path() {
    for (text, path) in [
        (r#"{"a":{"":1}}"#, "/a/"),
        (r#"{"":null}"#, "/"),
        (r#"{"a":[0,{"b":{"":1}}]}"#, "/a/1/b/"),
    ] {
        let path = path.to_owned();
        let nameless = flat(text, &Rules::default()).unwrap_err();
        assert_eq!(nameless, JsonError::Nameless { path }.into());
    }
    let nameless = variable(&Rules::default(), "");
    assert_eq!(nameless, Err(FlattenError::NoName));
}

/// A field name of `bytes` over `children` fields.
fn long_name(bytes: usize, children: usize) -> String {
    let fields: Vec<String> = (0..children).map(|n| format!("\"{n:06}\":1")).collect();
    format!("{{\"{}\":{{{}}}}}", "n".repeat(bytes), fields.join(","))
}

#[test]
fn a_variable_name_is_at_most_4096_bytes_whatever_it_is_made_of() {
    let rules = Rules::default();
    let name = |bytes: usize| format!("{{\"{}\":1}}", "n".repeat(bytes));
    assert!(flat(&name(4_096), &rules).is_ok());
    let error = flat(&name(4_097), &rules).unwrap_err().to_string();
    assert!(error.starts_with("the variable name for `/nnn") && error.len() < 400);
    assert!(
        error.ends_with("` is 4097 bytes long; the limit is 4096"),
        "{error}"
    );
    assert!(flat(&long_name(4_089, 1), &rules).is_ok());
    let (prefix, separator) = ("x".repeat(4_096), "x".repeat(4_096));
    let prefixed = Rules {
        prefix,
        ..rules.clone()
    };
    let separated = Rules {
        separator,
        ..rules.clone()
    };
    for (text, rules) in [
        (long_name(4_090, 1).as_str(), &rules),
        (r#"{"a":{"b":[1]}}"#, &prefixed),
        (r#"{"a":{"b":[1]}}"#, &separated),
    ] {
        let error = flat(text, rules).unwrap_err();
        assert!(matches!(error, FlattenError::LongName { .. }));
    }
    // An empty object has no variable, so its name may be long.
    assert!(flat(&format!("{{\"{}\":{{}}}}", "n".repeat(4_097)), &rules).is_ok());
    // A character counts as the one byte `_` that replaces it.
    assert!(flat(&format!("{{\"{}\":1}}", "é".repeat(4_096)), &rules).is_ok());
    let pairs = [("n".repeat(4_097), Secret::from("x"))];
    assert!(super::flat(pairs, &rules).is_err());
    assert!(variable(&rules, &"n".repeat(4_097)).is_err());
}

#[test]
fn all_variable_names_together_are_at_most_16_mib() {
    let rules = Rules::default();
    assert_eq!(flat(&long_name(4_089, 4_096), &rules).unwrap().len(), 4_096);
    let many = flat(&long_name(4_089, 4_097), &rules);
    assert_eq!(many, Err(FlattenError::ManyNames));
}
