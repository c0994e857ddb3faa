//! RFC 6901's pointers and json-patch-tests' cases: a field is read, set and
//! taken away where they say.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{set_in, unset_in};
use crate::json;
use crate::reference::FieldPath;

#[derive(Deserialize)]
struct Case<'a> {
    about: String,
    #[serde(borrow)]
    doc: &'a RawValue,
    /// Read; without a value there is none.
    get: Option<String>,
    set: Option<String>,
    unset: Option<String>,
    /// No pointer at all.
    pointer: Option<String>,
    /// JSON, as text.
    value: Option<String>,
    /// The document afterwards; without one it is an error.
    expected: Option<Value>,
}

fn get(doc: &RawValue, field: &str) -> Option<Value> {
    let field: FieldPath = field.parse().unwrap();
    let (found, _) = json::pick(doc, field.steps()).ok()?;
    Some(serde_json::from_str(found.get()).unwrap())
}

#[test]
fn pointers_lead_where_rfc_6901_and_json_patch_tests_say() {
    let text = include_str!("../../../tests/vectors/suites/json-pointer.json");
    let cases: Vec<Case> = serde_json::from_str(text).unwrap();
    assert_eq!(cases.len(), 78);
    let value_of = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    for case in cases {
        let about = format!("{}: {}", case.about, case.doc);
        let value = case.value.clone().map(value_of);
        if let Some(pointer) = &case.pointer {
            assert!(pointer.parse::<FieldPath>().is_err(), "{about} {pointer}");
        } else if let Some(field) = &case.get {
            assert_eq!(get(case.doc, field), value, "{about} {field}");
        } else if let Some(field) = &case.set {
            let changed = set_in(case.doc.get(), field, case.value.as_ref().unwrap());
            assert_eq!(changed.ok().map(value_of), case.expected, "{about} {field}");
        } else if let Some(field) = &case.unset {
            let changed = unset_in(case.doc.get(), field);
            assert_eq!(changed.ok().map(value_of), case.expected, "{about} {field}");
        }
    }
}
