//! The variables of references, by the content of their secrets.

use super::*;
use crate::plaintext::rules::Arrays;

fn shaped(typed: &str, secret: &[u8], rules: &Rules) -> Result<Vec<(String, Option<String>)>> {
    let reference: Reference = typed.parse().unwrap();
    let place = crate::base::test_support::place("memory://", "", reference.name.as_str());
    let vars = shape(&reference, &place, &Secret::from(secret), rules)?.vars;
    Ok(vars
        .into_iter()
        .map(|var| {
            let value = var.value.as_ref().map(crate::base::test_support::text);
            (var.name.to_string(), value)
        })
        .collect())
}

fn one(name: &str, value: &str) -> Vec<(String, Option<String>)> {
    vec![(name.to_owned(), Some(value.to_owned()))]
}

const JSON: &[u8] = br#"{"db":{"port":1.0,"null":null},"hosts":["a", 2],"s":"x\n"} "#;

#[test]
fn a_text_secret_is_one_variable_without_one_trailing_newline() {
    let rules = Rules::default();
    for (secret, expected) in [
        (&b"abc"[..], "abc"),
        (b"abc\n", "abc"),
        (b"abc\r\n", "abc"),
        (b"abc\n\n", "abc\n"),
        (b"", ""),
        (b"\n", ""),
        (b"\"abc\"", "\"abc\""),
        (b"[1, 2]\n", "[1, 2]"),
        (b"true", "true"),
        (b"x{", "x{"),
    ] {
        assert_eq!(
            shaped("web/api-token", secret, &rules).unwrap(),
            one("API_TOKEN", expected)
        );
    }
}

#[test]
fn a_field_is_named_after_its_last_step() {
    let rules = Rules::default();
    for (typed, expected) in [
        ("x#/hosts/1", one("_1", "2")),
        ("V=x#db", one("V", r#"{"port":1.0,"null":null}"#)),
        ("v=x#s", one("v", "x\n")),
        ("x#/db/null", vec![]),
        ("V=x", one("V", std::str::from_utf8(JSON).unwrap())),
    ] {
        assert_eq!(shaped(typed, JSON, &rules).unwrap(), expected, "{typed}");
    }
    assert_eq!(shaped("x#0", b"[7]", &rules).unwrap(), one("_0", "7"));
    let rules = Rules {
        arrays: Arrays::Index,
        null: Null::Empty,
        ..rules
    };
    let both = [one("HOSTS_0", "a"), one("HOSTS_1", "2")].concat();
    assert_eq!(shaped("x#hosts", JSON, &rules).unwrap(), both);
    assert_eq!(shaped("V=x#/db/null", JSON, &rules).unwrap(), one("V", ""));
}
