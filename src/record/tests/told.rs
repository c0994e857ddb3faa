//! What is told about bytes that are no record, and what they look like.

use super::*;
use crate::record::fernet::OpenError;

fn fault(text: &str) -> RecordError {
    Record::parse(text.as_bytes()).unwrap_err()
}

/// A record of version 2 in which `from` is replaced.
fn changed(from: &str, to: &str) -> String {
    let token = token(b"x");
    let text = String::from_utf8(record(&token).into_bytes()).unwrap();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

#[test]
fn each_fault_of_any_record_has_its_own_sentence_and_hint() {
    let put =
        Some("`put` stores the secret again; `history` shows whether there is an earlier version");
    for (text, detail, hint) in [
        ("[1", "not a JSON object at line 1, column 0", None),
        (
            "null",
            "it is `null`, which lazycred 0.2.3 stored if it could not encrypt",
            put,
        ),
        (
            r#"{"data": "gAAA", "key": null}"#,
            "its `key` is null, which lazycred 0.2.3 stored if KMS failed, so nothing can decrypt it",
            put,
        ),
        (
            r#"{"data": "gAAA"}"#,
            "its member `key` is missing or not a string",
            None,
        ),
        (
            r#"{"data": "gAAA", "key": "a"}"#,
            "its `key` is not base64",
            None,
        ),
        (
            r#"{"lazycred": true}"#,
            "its member `lazycred` is not a version",
            None,
        ),
    ] {
        let fault = fault(text);
        assert_eq!((&*fault.detail(), fault.hint()), (detail, hint), "{text}");
        assert_eq!(
            fault.to_string(),
            format!("the record is damaged: {detail}")
        );
    }
    let newer = fault(r#"{"lazycred": 3}"#);
    assert_eq!(
        (&*newer.detail(), newer.hint()),
        ("it has format 3", Some("upgrade lazycred"))
    );
    let said = "the record was written by a newer lazycred (format 3)";
    assert_eq!(newer.to_string(), said);
}

#[test]
fn bytes_that_are_no_text_are_told_by_line_and_column() {
    for (bytes, line, column) in [
        (&b"\xff"[..], 1, 1),
        (b"{\"lazycred\": \xff", 1, 14),
        (b"{\n\n \xff", 3, 2),
    ] {
        let expected = Err(RecordError::NotJson { line, column });
        let version = Record::parse(bytes).map(|record| record.version());
        assert_eq!(version, expected, "{bytes:?}");
    }
}

#[test]
fn of_an_unknown_version_six_digits_are_told() {
    for (version, told) in [("123456", "123456"), ("1234567", "123456…")] {
        let fault = fault(&format!(r#"{{"lazycred": {version}}}"#));
        assert_eq!(fault.detail(), format!("it has format {told}"));
    }
}

#[test]
fn each_fault_of_version_2_has_its_own_sentence() {
    let hash = r#""token_sha256":""#;
    for (from, to, detail) in [
        (r#""gen":7,"#, "", "its member `gen` is missing"),
        (
            r#""gen":7,"#,
            r#""gen":7,"gen":7,"#,
            "its member `gen` appears twice",
        ),
        (
            r#""gen":7,"#,
            r#""gen":7,"a\nb":1,"#,
            r"version 2 has no member `a\nb`",
        ),
        (
            r#""gen":7,"#,
            r#""gen":7,"key":1,"#,
            "version 2 has no member `key`",
        ),
        (
            r#""gen":7,"#,
            r#""gen":7,"data":1,"#,
            "version 2 has no member `data`",
        ),
        (
            r#""tool":"lazycred/1.0.0""#,
            r#""tool":"""#,
            "its member `tool` is not 1 to 64 characters of printable ASCII",
        ),
        (
            r#""gen":7"#,
            r#""gen":0"#,
            "its member `gen` is not an integer from 1 to 9007199254740991",
        ),
        (
            r#""gen":7"#,
            r#""gen":9007199254740992"#,
            "its member `gen` is not an integer from 1 to 9007199254740991",
        ),
        (
            r#""gen":7"#,
            r#""gen":7.0"#,
            "its member `gen` is not an integer from 1 to 9007199254740991",
        ),
        (
            "2026-08-22",
            "2026-02-30",
            "its member `created` is not a time as in 2026-08-22T14:03:11Z",
        ),
        (
            "application/json",
            "application/yaml",
            "its member `type` is not application/json, text/plain or application/octet-stream",
        ),
        (
            r#""token":"g"#,
            r#""token":"h"#,
            "its member `token` is not a Fernet token in canonical base64",
        ),
        (
            r#""aGk=""#,
            r#""aGk""#,
            "its member `wrapped_key` is not canonical base64 of one byte or more",
        ),
        (
            r#""aGk=""#,
            r#""""#,
            "its member `wrapped_key` is not canonical base64 of one byte or more",
        ),
        (
            r#""aGk=""#,
            r#""aGl=""#,
            "its member `wrapped_key` is not canonical base64 of one byte or more",
        ),
        (
            hash,
            r#""token_sha256":"0"#,
            "its member `token_sha256` is not 64 lower-case hexadecimal digits",
        ),
        (
            "\"token\":\"gAAAAAB",
            "\"token\":\"gAAAAAC",
            "its `token_sha256` is not the hash of its `token`",
        ),
    ] {
        let said = fault(&changed(from, to)).detail();
        assert_eq!(said, detail, "{from} {to}");
    }
}

#[test]
fn the_longest_and_the_shortest_values_are_taken_and_none_beyond() {
    let is_read = |from: &str, to: &str| Record::parse(changed(from, to).as_bytes()).is_ok();
    let (longest, longer) = ("x".repeat(64), "x".repeat(65));
    for (to, expected) in [
        ("~", true),
        (" ", true),
        ("\u{7f}", false),
        (&longest, true),
        (&longer, false),
    ] {
        assert_eq!(is_read("lazycred/1.0.0", to), expected, "{to}");
    }
    for (to, expected) in [
        ("1", true),
        ("9007199254740991", true),
        ("-1", false),
        ("07", false),
    ] {
        assert_eq!(
            is_read("\"gen\":7", &format!("\"gen\":{to}")),
            expected,
            "{to}"
        );
    }
}

#[test]
fn what_looks_like_a_record_is_told_from_what_is_something_else() {
    for (text, meant, claims) in [
        (r#"{"lazycred": 2}"#, true, true),
        (r#"{"lazycred": null}"#, true, true),
        (r#"{"lazycred": 2"#, true, true),
        (r#"x "lazycred""#, true, true),
        (r#"["lazycred"]"#, false, false),
        (r#""lazycred""#, false, false),
        ("x lazycred", false, false),
        (r#"{"data": 1}"#, true, false),
        (r#" {"key": 1}"#, true, false),
        (r#"{"other": 1}"#, false, false),
        ("{}", false, false),
        ("\n{\"other", true, false),
        ("null", false, false),
        ("", false, false),
        ("text", false, false),
    ] {
        let bytes = text.as_bytes();
        assert_eq!(Record::is_meant(bytes), meant, "{text}");
        assert_eq!(Record::claims_a_version(bytes), claims, "{text}");
    }
}

#[test]
fn a_name_that_version_2_is_bound_to_is_plain() {
    let (longest, longer) = ("x".repeat(512), "x".repeat(513));
    for good in ["db", "web/prod", "a.b/c_d-E9", "..a", ".b", &longest] {
        assert!(is_bindable(good), "{good}");
    }
    for bad in [
        "", "a b", "a//b", "/a", "a/", ".", "a/..", "a/./b", "é", "a\n", &longer,
    ] {
        assert!(!is_bindable(bad), "{bad}");
    }
}

#[test]
fn a_new_head_is_of_now_and_this_program_and_a_record_of_its_version() {
    let head = Head::new(3, Kind::Text);
    assert_eq!((head.generation, head.kind), (3, Kind::Text));
    assert_eq!(head.tool, concat!("lazycred/", env!("CARGO_PKG_VERSION")));
    assert!(head.created.age(&Created::now()).as_secs() < 60);
    let sealed = token(b"x");
    let token = Token::sealed(sealed.clone());
    assert_eq!(
        (token.as_str(), &*token.clone().into_text()),
        (&*sealed, &*sealed)
    );
    assert_eq!(Token::of(&sealed), Some(token));
    assert_eq!(Token::of("gAAA"), None);
    let bytes = record(&sealed).into_bytes();
    assert_eq!(Record::parse(&bytes).unwrap().version(), 2);
}

#[test]
fn nothing_shows_a_data_key_and_why_a_token_does_not_open_is_told() {
    let data_key = DataKey::generate();
    assert_eq!(format!("{data_key:?}"), "DataKey(..)");
    assert_eq!(data_key.as_str().as_bytes(), data_key.as_bytes());
    assert_eq!(data_key.as_str().len(), 44);
    for (why, said) in [
        (
            OpenError::NotBase64,
            "the record is damaged: its token is not base64",
        ),
        (
            OpenError::TooShort,
            "the record is damaged: its token is truncated",
        ),
        (
            OpenError::Version,
            "the record is damaged: its token is not Fernet version 0x80",
        ),
        (
            OpenError::Forged,
            "it fails authentication: its token was changed, or sealed under another data key",
        ),
    ] {
        assert_eq!(why.to_string(), said);
    }
}
