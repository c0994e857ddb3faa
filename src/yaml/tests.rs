//! YAML that is taken, and YAML that is not.

use super::*;

fn json_of(text: &str) -> Result<String, NotYaml> {
    let secret = to_json(text)?;
    Ok(secret.map_or_else(String::new, |secret| {
        String::from_utf8(secret.as_bytes().to_vec()).unwrap()
    }))
}

#[test]
fn a_mapping_becomes_an_object_with_its_numbers_as_written() {
    for (text, expected) in [
        ("a: 1.10\nb: x\n", r#"{"a":1.10,"b":"x"}"#),
        ("a: 1E+5\nb: -0\n", r#"{"a":1E+5,"b":-0}"#),
        ("a: '1'\nb: \"2\"\n", r#"{"a":"1","b":"2"}"#),
        (
            "a: yes\nb: True\nc: ~\nd:\n",
            r#"{"a":"yes","b":true,"c":null,"d":null}"#,
        ),
        ("1: a\ntrue: b\n", r#"{"1":"a","true":"b"}"#),
        ("a: [1, {b: c}]\n", r#"{"a":[1,{"b":"c"}]}"#),
        ("a: |\n  one\n  two\n", r#"{"a":"one\ntwo\n"}"#),
        (
            "a: 2026-01-01\nb: 1_000\n",
            r#"{"a":"2026-01-01","b":"1_000"}"#,
        ),
        ("a: {}\nb: []\n", r#"{"a":{},"b":[]}"#),
    ] {
        assert_eq!(json_of(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_json_cannot_say_is_refused_by_its_line() {
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
        ("a: 'open\n", 1),
    ] {
        let error = json_of(text).unwrap_err();
        assert!(error.line >= line, "{text}: {error}");
    }
}
