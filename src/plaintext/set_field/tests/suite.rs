//! The pointers of RFC 6901 and the cases of json-patch-tests: fields are read, set
//! and removed as they say.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{set_in, unset_in};
use crate::base::FieldPath;
use crate::base::test_support::suite;
use crate::plaintext::json;

#[derive(Deserialize)]
struct Case {
    about: String,
    doc: Box<RawValue>,
    /// The field to read; without `value` it does not exist.
    get: Option<String>,
    set: Option<String>,
    unset: Option<String>,
    /// An invalid pointer.
    pointer: Option<String>,
    /// JSON, as text.
    value: Option<String>,
    /// The document afterwards; `None` for an error.
    expected: Option<Value>,
}

fn get(doc: &RawValue, field: &str) -> Option<Value> {
    let field: FieldPath = field.parse().unwrap();
    let (found, _) = json::pick(doc, field.steps()).ok()?;
    Some(serde_json::from_str(found.get()).unwrap())
}

#[test]
fn pointers_lead_where_rfc_6901_and_json_patch_tests_say() {
    let value_of = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    for case in suite::<Case>("json-pointer", 78) {
        let about = format!("{}: {}", case.about, case.doc);
        let value = case.value.clone().map(value_of);
        if let Some(pointer) = &case.pointer {
            assert!(pointer.parse::<FieldPath>().is_err(), "{about} {pointer}");
        } else if let Some(field) = &case.get {
            assert_eq!(get(&case.doc, field), value, "{about} {field}");
        } else if let Some(field) = &case.set {
            let changed = set_in(case.doc.get(), field, case.value.as_ref().unwrap());
            assert_eq!(changed.ok().map(value_of), case.expected, "{about} {field}");
        } else if let Some(field) = &case.unset {
            let changed = unset_in(case.doc.get(), field);
            assert_eq!(changed.ok().map(value_of), case.expected, "{about} {field}");
        }
    }
}
