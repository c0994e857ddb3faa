//! What is accepted as JSON, and how it is spelled.

use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::base::test_support::{suite, unhex};
use crate::plaintext::detect::looks_like_object;

fn compacted(text: &str) -> Result<String, JsonError> {
    compact(document(text.as_bytes())?, "", 0)
}

#[test]
fn compact_text_keeps_numbers_and_order_and_shortens_strings() {
    for (text, expected) in [
        (
            " [ 1.10 , 1e400,1E+5, 12345678901234567890 ] ",
            "[1.10,1e400,1E+5,12345678901234567890]",
        ),
        (
            r#"{"b":1, "a":[true,false,null]}"#,
            r#"{"b":1,"a":[true,false,null]}"#,
        ),
        (r#"["A\/é\u0000\n\u001f\""]"#, r#"["A/é\u0000\n\u001f\""]"#),
        (r#"["\u0041\ud83d\ude00"]"#, "[\"A\u{1f600}\"]"),
        ("[]", "[]"),
    ] {
        assert_eq!(compacted(text).unwrap(), expected);
    }
}

#[test]
fn ambiguous_documents_are_refused_by_path() {
    let twice = |at: &str| JsonError::Twice { path: at.into() };
    let not_unicode = |at: &str| JsonError::NotUnicode { path: at.into() };
    let syntax = |line, column| JsonError::Syntax { line, column };
    for (text, expected) in [
        (r#"{"a":{"b":1,"b":2}}"#, twice("/a/b")),
        (r#"[{"x/y":{"":2,"":2}}]"#, twice("/0/x~1y/")),
        (r#"{"a":"\ud800"}"#, not_unicode("/a")),
        (r#"{"\ud800":1}"#, not_unicode("")),
        ("{\"a\":\n tru}", syntax(2, 5)),
        (r#"{"a":1} x"#, syntax(1, 9)),
    ] {
        assert_eq!(compacted(text).unwrap_err(), expected, "{text}");
    }
}

#[test]
fn a_message_names_the_field_or_else_the_document() {
    for (text, said) in [
        (
            r#"{"a":"\ud800"}"#,
            "`/a` contains an escape that is not a Unicode character",
        ),
        (
            r#""\ud800""#,
            "it contains an escape that is not a Unicode character",
        ),
    ] {
        assert_eq!(compacted(text).unwrap_err().to_string(), said);
    }
}

#[test]
fn sixty_four_levels_are_read_and_no_more() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(compacted(&nested(64)).is_ok());
    for levels in [65, 100_000] {
        let error = compacted(&nested(levels)).unwrap_err();
        assert!(matches!(error, JsonError::TooDeep { .. }));
    }
}

/// A document of `JSONTestSuite`.
#[derive(Deserialize)]
struct Case {
    name: String,
    input: Option<String>,
    /// For what is not text.
    hex: Option<String>,
    /// A text, how often it is repeated, and a text that closes it as often.
    repeat: Option<Vec<Value>>,
    taken: bool,
}

impl Case {
    fn input(&self) -> Vec<u8> {
        if let Some(text) = &self.input {
            return text.clone().into_bytes();
        }
        if let Some(hex) = &self.hex {
            return unhex(hex);
        }
        let repeat = self.repeat.as_ref().unwrap();
        let times = usize::try_from(repeat[1].as_u64().unwrap()).unwrap();
        let text = |at: usize| repeat.get(at).and_then(Value::as_str).unwrap_or_default();
        (text(0).repeat(times) + &text(2).repeat(times)).into_bytes()
    }
}

#[test]
fn every_document_of_json_test_suite_is_taken_or_refused_as_a_secret_should_be() {
    for case in suite::<Case>("json", 317) {
        let input = case.input();
        // A secret that is not an object is text, and never parsed as JSON.
        let whole = looks_like_object(&input);
        let secret = if whole {
            input
        } else {
            [b"{\"v\": ", &input[..], b"}"].concat()
        };
        let read = document(&secret).and_then(|raw| compact(raw, "", 0));
        assert_eq!(read.is_ok(), case.taken, "{}", case.name);
        match case.name.as_bytes()[0] {
            // A duplicate field would be ambiguous.
            b'y' if !case.name.contains("duplicated") => assert!(case.taken, "{}", case.name),
            b'n' => assert!(!case.taken, "{}", case.name),
            _ => {}
        }
        // Numbers outside any machine's range keep their spelling, and have no `Value`.
        if let (Ok(compact), Ok(value)) = (read, serde_json::from_slice::<Value>(&secret)) {
            let again: Value = serde_json::from_str(&compact).unwrap();
            assert_eq!(again, value, "{}", case.name);
        }
    }
}
