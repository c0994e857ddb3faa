//! `JSONTestSuite`'s documents, each as a secret that is an object.

use serde::Deserialize;
use serde_json::Value;

use crate::base::test_support::{suite, unhex};
use crate::plaintext::json;

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
        let whole = json::looks_like_object(&input);
        let secret = if whole {
            input
        } else {
            [b"{\"v\": ", &input[..], b"}"].concat()
        };
        let read = json::document(&secret).and_then(|raw| json::compact(raw, "", 0));
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
