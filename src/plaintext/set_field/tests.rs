//! Edits by table, and two properties on random documents.

use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::base::FieldPath;
use crate::base::test_random::Generator;
use crate::base::test_support::{suite, text};

fn steps(field: &str) -> Vec<String> {
    field.parse::<FieldPath>().unwrap().steps().to_vec()
}

fn set_in(secret: &str, field: &str, value: &str) -> Result<String, EditError> {
    set(&secret.into(), &steps(field), value.as_bytes()).map(|secret| text(&secret))
}

fn unset_in(secret: &str, field: &str) -> Result<String, EditError> {
    unset(&secret.into(), &steps(field)).map(|secret| text(&secret))
}

#[test]
fn a_field_is_replaced_in_place_and_a_new_one_comes_last_like_its_neighbours() {
    for (secret, field, expected) in [
        (r#"{"a/b":1,"a":2}"#, "a/b", r#"{"a/b":9,"a":2}"#),
        (r#"{"\u0061":1}"#, "a", r#"{"\u0061":9}"#),
        ("{}", "a", r#"{"a":9}"#),
        ("{ }\n", "a", "{\"a\":9 }\n"),
        (r#"{"a":1}"#, "b", r#"{"a":1,"b":9}"#),
        (r#"{"a": 1}"#, "b", r#"{"a": 1, "b": 9}"#),
        (r#"{ "a" : 1 }"#, "b", r#"{ "a" : 1, "b" : 9 }"#),
        (r#"{"a":1, "b":2}"#, "c", r#"{"a":1, "b":2, "c":9}"#),
        (
            "{\n  \"a\": 1,\n  \"b\": 2\n}\n",
            "c",
            "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 9\n}\n",
        ),
        ("{\n\t\"a\": 1\n}", "b", "{\n\t\"a\": 1,\n\t\"b\": 9\n}"),
        (r#"{"a": {}}"#, "/a/b/c", r#"{"a": {"b":{"c":9}}}"#),
        (r#"{"a": 1}"#, "/b/0/-", r#"{"a": 1, "b": {"0": {"-": 9}}}"#),
        (r#"{"a":1}"#, "x\"y", r#"{"a":1,"x\"y":9}"#),
        (r#"{"a":"b\":"}"#, "b", r#"{"a":"b\":","b":9}"#),
        (r#"{"a":[]}"#, "/a/-", r#"{"a":[9]}"#),
        (r#"{"a":[1]}"#, "/a/-", r#"{"a":[1,9]}"#),
        (r#"{"a":[1, 2]}"#, "/a/2", r#"{"a":[1, 2, 9]}"#),
        (r#"{"a":[1,2]}"#, "/a/1", r#"{"a":[1,9]}"#),
        (r#"{"a":[1]}"#, "/a/-/b", r#"{"a":[1,{"b":9}]}"#),
    ] {
        assert_eq!(set_in(secret, field, "9").unwrap(), expected);
    }
    let spaced = set_in(r#"{"a":1}"#, "a", r#" {"n": null} "#);
    assert_eq!(spaced.unwrap(), r#"{"a":{"n": null}}"#);
    for step in ["2", "01", "x", "+1"] {
        let error = set_in(r#"{"a":[1]}"#, &format!("/a/{step}"), "9").unwrap_err();
        let path = format!("/a/{step}");
        assert_eq!(error, EditError::NoElement { path, elements: 1 });
    }
}

#[test]
fn a_field_is_removed_with_its_comma() {
    for (secret, field, expected) in [
        (r#"{"a":1}"#, "a", "{}"),
        ("{\n  \"a\": 1\n}\n", "a", "{}\n"),
        (r#"{"a":1,"b":2}"#, "a", r#"{"b":2}"#),
        (r#"{ "a": 1, "b": 2 }"#, "a", r#"{ "b": 2 }"#),
        (r#"{ "a": 1 , "b": 2 }"#, "b", r#"{ "a": 1 }"#),
        (
            "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}",
            "b",
            "{\n  \"a\": 1,\n  \"c\": 3\n}",
        ),
        (r#"{"a":{"b":1,"c":"}"}}"#, "/a/b", r#"{"a":{"c":"}"}}"#),
        (r#"{"a":[1, 2, 3]}"#, "/a/0", r#"{"a":[2, 3]}"#),
        (r#"{"a":[1, 2, 3]}"#, "/a/2", r#"{"a":[1, 2]}"#),
    ] {
        assert_eq!(unset_in(secret, field).unwrap(), expected);
    }
    for field in ["c", "/a/c", "/a/b/1", "/a/b/-", "/a/b/00", "/c/d"] {
        let error = unset_in(r#"{"a":{"b":[1]}}"#, field).unwrap_err();
        assert!(
            matches!(error, EditError::Pick(PickError::Missing { .. })),
            "{field}"
        );
    }
}

#[test]
fn what_cannot_be_changed_unambiguously_is_left() {
    let twice = |at: &str| JsonError::Twice { path: at.into() };
    let syntax = |column| JsonError::Syntax { line: 1, column };
    let not_fields = |at: &str| EditError::from(PickError::no_fields(at));
    let not_unicode = JsonError::NotUnicode { path: "/a".into() };
    let twice_in_object = r#"{"a":{"b":1,"b":2}}"#;
    for (secret, field, value, expected) in [
        ("hunter2", "a", "1", EditError::NotObject),
        ("[1]", "/0", "1", EditError::NotObject),
        ("", "a", "1", EditError::NotObject),
        ("{\"a\":1", "a", "1", syntax(6).into()),
        (r#"{"a":1,"a":2}"#, "b", "1", twice("/a").into()),
        (twice_in_object, "/a/c", "1", twice("/a/b").into()),
        (r#"{"a":1}"#, "/a/b", "1", not_fields("/a")),
        (r#"{"a":null}"#, "/a/b", "1", not_fields("/a")),
        ("{}", "a", "tru", EditError::Value(syntax(3))),
        ("{}", "a", "1 2", EditError::Value(syntax(3))),
        ("{}", "a", "", EditError::Value(syntax(0))),
        (
            "{}",
            "/a/b",
            r#"{"c":1,"c":1}"#,
            EditError::Value(twice("/a/b/c")),
        ),
        ("{}", "a", r#""\ud800""#, EditError::Value(not_unicode)),
    ] {
        let changed = set_in(secret, field, value);
        assert_eq!(changed, Err(expected), "{secret} {field}");
    }
    // A duplicate elsewhere does not matter.
    assert!(set_in(r#"{"x":{"b":1,"b":2}}"#, "a", "1").is_ok());
    assert_eq!(unset_in("[1]", "/0"), Err(EditError::NotObject));
    assert_eq!(unset_in(r#"{"a":1}"#, "/a/b"), Err(not_fields("/a")));
}

#[test]
fn sixty_four_levels_can_be_made_and_no_more() {
    let field = |levels: usize| "/a".repeat(levels);
    assert!(set_in("{}", &field(64), "1").is_ok());
    for (levels, value) in [(64, "[]"), (65, "1"), (60, "[[[[[]]]]]")] {
        let error = set_in("{}", &field(levels), value).unwrap_err();
        assert!(
            matches!(error, EditError::Value(JsonError::TooDeep { .. })),
            "{error:?}"
        );
    }
}

#[test]
fn a_text_becomes_a_json_string() {
    assert_eq!(text(&string("a\"\n\u{1}é")), r#""a\"\n\u0001é""#);
    // The reserved size is exact, so nothing reallocates and leaves a copy.
    for c in (0..=0x1ff).filter_map(char::from_u32) {
        let c = c.to_string();
        assert_eq!(string(&c).len(), string_length(&c), "{c:?}");
    }
}

/// Random documents, the same on every run.
struct Chance(Generator);

impl Chance {
    fn space(&mut self) -> &'static str {
        ["", "", " ", "\n  ", "\t"][self.0.below(5)]
    }

    fn scalar(&mut self) -> &'static str {
        [
            "1",
            "-0.50",
            "1E+5",
            "true",
            "null",
            r#""}{][,:\"""#,
            r#""\u0041\/""#,
            r#""é""#,
        ][self.0.below(8)]
    }

    /// A value with white space anywhere, and the pointers of what is in it.
    fn value(&mut self, depth: usize, path: &str, paths: &mut Vec<String>) -> String {
        let kind = if depth == 0 { 0 } else { self.0.below(4) };
        if kind > 1 && depth < 5 {
            return self.scalar().to_owned();
        }
        let (open, close) = [("{", "}"), ("[", "]")][kind.min(1)];
        let mut text = format!("{open}{}", self.space());
        let count = if depth > 4 { 0 } else { self.0.below(4) };
        for at in 0..count {
            let step = if open == "{" {
                format!("{}{at}", ["a", "b~", "c/", "é", "\""][self.0.below(5)])
            } else {
                at.to_string()
            };
            let path = pointer(path, &step);
            let comma = if at == 0 { "" } else { "," };
            let name = if open == "{" {
                format!("{}{}:", json::quoted(&step), self.space())
            } else {
                String::new()
            };
            let value = self.value(depth + 1, &path, paths);
            let [before, between, after] = [self.space(), self.space(), self.space()];
            text.extend([comma, before, &name, between, &value, after]);
            paths.push(path);
        }
        text + close
    }
}

#[test]
fn a_field_that_is_set_is_found_and_everything_else_is_unchanged() {
    let mut chance = Chance(Generator::new(41));
    let mut changed = 0;
    for _ in 0..3000 {
        let mut paths = Vec::new();
        let secret = chance.value(0, "", &mut paths);
        for path in &paths {
            let steps = steps(path);
            let root = json::document(secret.as_bytes()).unwrap();
            let (old, _) = pick::pick(root, &steps).unwrap();
            assert_eq!(set_in(&secret, path, old.get()).unwrap(), secret);

            let new = chance.scalar();
            let after = set_in(&secret, path, new).unwrap();
            let start = old.get().as_ptr().addr() - secret.as_ptr().addr();
            let expected = [&secret[..start], new, &secret[start + old.get().len()..]].concat();
            assert_eq!(after, expected);
            let root = json::document(after.as_bytes()).unwrap();
            assert_eq!(pick::pick(root, &steps).unwrap().0.get(), new);
            changed += 1;
        }
        let added = set_in(&secret, "/new/x", "[1]").unwrap();
        let root = json::document(added.as_bytes()).unwrap();
        assert_eq!(pick::pick(root, &steps("/new/x")).unwrap().0.get(), "[1]");
        let back = unset_in(&added, "new").unwrap();
        // An empty object loses its white space.
        if !paths.is_empty() {
            assert_eq!(back, secret);
        }
    }
    assert!(changed > 3000, "{changed}");
}

#[test]
fn a_removed_field_is_missing_and_the_rest_reads_as_before() {
    let mut chance = Chance(Generator::new(42));
    for _ in 0..1000 {
        let mut paths = Vec::new();
        let secret = chance.value(0, "", &mut paths);
        for path in &paths {
            let after = unset_in(&secret, path).unwrap();
            let mut expected: Value = serde_json::from_str(&secret).unwrap();
            let (above, last) = path.rsplit_once('/').unwrap();
            let last = last.replace("~1", "/").replace("~0", "~");
            match expected.pointer_mut(above).unwrap() {
                Value::Object(members) => drop(members.remove(&last)),
                Value::Array(items) => drop(items.remove(last.parse().unwrap())),
                other => panic!("{other}"),
            }
            let after: Value = serde_json::from_str(&after).unwrap();
            assert_eq!(after, expected, "{secret} {path}");
        }
    }
}

/// A pointer of RFC 6901, or a case of json-patch-tests.
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
    let (found, _) = pick::pick(doc, field.steps()).ok()?;
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
