//! What is accepted as JSON, and how it is spelled.

mod suite;

use super::*;

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
fn sixty_four_levels_are_read_and_no_more() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(compacted(&nested(64)).is_ok());
    for levels in [65, 100_000] {
        let error = compacted(&nested(levels)).unwrap_err();
        assert!(matches!(error, JsonError::TooDeep { .. }));
    }
}

#[test]
fn a_field_is_picked_by_its_steps() {
    let text = br#"{"a":{"b":[10,{"c":"x"}]},"01":1,"":{"":2}}"#;
    let root = document(text).unwrap();
    let picked = |steps: &[&str]| {
        let steps: Vec<String> = steps.iter().map(|&s| s.to_owned()).collect();
        pick(root, &steps).map(|(value, path)| (value.get().to_owned(), path))
    };
    for (steps, value, path) in [
        (&["a", "b", "1", "c"][..], "\"x\"", "/a/b/1/c"),
        (&["01"], "1", "/01"),
        (&["", ""], "2", "//"),
    ] {
        assert_eq!(picked(steps), Ok((value.into(), path.into())));
    }
    for missing in [
        &["b"][..],
        &["a", "b", "2"],
        &["a", "b", "01"],
        &["a", "b", "-"],
    ] {
        assert!(matches!(picked(missing), Err(PickError::Missing { .. })));
    }
    let path = "/a/b/0".to_owned();
    assert_eq!(
        picked(&["a", "b", "0", "x"]),
        Err(PickError::NotFields { path })
    );
}
