//! What a template is, and what becomes of it.

use super::*;
use crate::base::test_support::{place, text};
use crate::plaintext::rules::{Format, Null};

const DB: &[u8] = br#"{"pw": "p@ss \"w\"", "port": 5432, "o": {"a": [1, "b"]}, "none": null}"#;

/// A template rendered where every secret is the same.
fn rendered(template: &str, secret: &[u8], rules: &Rules) -> Result<String> {
    let template = Template::parse("T", template)?;
    let stored = (place("memory://", "", "db"), Secret::from(secret));
    template
        .render(rules, |_| Some(&stored))
        .map(|done| text(&done))
}

fn plain(template: &str, secret: &[u8]) -> String {
    rendered(template, secret, &Rules::default()).unwrap()
}

/// The errors of a template, one a line.
fn errors(template: impl AsRef<[u8]>) -> Vec<String> {
    match Template::parse("T", template).unwrap_err() {
        Error::Several(errors) => errors.iter().map(ToString::to_string).collect(),
        error => vec![error.to_string()],
    }
}

#[test]
fn braces_are_read_from_the_left_and_only_double_ones_count() {
    for (template, expected) in [
        ("", ""),
        ("{}", "{}"),
        ("a { b } c }} d", "a { b } c }} d"),
        ("{{db}}", "v"),
        ("{{ db\t}}", "v"),
        ("<{{db}}{{db}}>", "<vv>"),
        ("{{{{", "{{"),
        ("{{{{db}}", "{{db}}"),
        ("{{{{{{db}}}}", "{{v}}"),
        ("{{{{{{{{", "{{{{"),
        ("{{db}}}", "v}"),
        ("{ {{db}} }", "{ v }"),
        ("${{db}}", "$v"),
        ("é{{db}}\0\r\n", "év\0\r\n"),
        ("{\"a\":{\"b\":\"{{db}}\"}}", "{\"a\":{\"b\":\"v\"}}"),
    ] {
        assert_eq!(plain(template, b"v\n"), expected, "{template:?}");
    }
    let bytes = Template::parse("T", b"\xff{{db}}\xfe").unwrap();
    let stored = (place("memory://", "", "db"), Secret::from("v"));
    let done = bytes.render(&Rules::default(), |_| Some(&stored)).unwrap();
    assert_eq!(done.as_bytes(), b"\xffv\xfe");
}

#[test]
fn a_value_is_what_a_named_variable_gets_and_filters_encode_it() {
    for (template, secret, expected) in [
        ("{{db#pw}}", DB, "p@ss \"w\""),
        ("{{db#pw|uri}}", DB, "p%40ss%20%22w%22"),
        ("{{db#pw|json}}", DB, r#""p@ss \"w\"""#),
        ("{{db#port}} {{db#port|json}}", DB, "5432 5432"),
        ("{{db#o}} {{db#/o/a|json}}", DB, r#"{"a":[1,"b"]} [1,"b"]"#),
        ("{{db#/o/a|uri}}", DB, "%5B1%2C%22b%22%5D"),
        ("{{db}}", b"{ \"a\": 1 }\n", "{ \"a\": 1 }"),
        ("{{db|json}}", b"{ \"a\": 1 }\n", "{ \"a\": 1 }"),
        (
            "{{db}}|{{db|uri}}|{{db|json}}",
            b"a b\n\n",
            "a b\n|a%20b%0A|\"a b\\n\"",
        ),
        ("{{db}}", b"a\r\n", "a"),
        ("{{db|json}}", b"[1, 2]\n", "[1, 2]"),
        ("{{db|json}}", b"0123", "\"0123\""),
        ("{{db|json}}", b"", "\"\""),
        (
            "{{db|uri}}",
            "é-._~AZaz09/+".as_bytes(),
            "%C3%A9-._~AZaz09%2F%2B",
        ),
        ("{{db|uri}}", b"\xff", "%FF"),
        (
            "{{db|json}}",
            b"\x01\x08\x0c\t\r\\\x7f",
            r#""\u0001\b\f\t\r\\"#,
        ),
    ] {
        let done = plain(template, secret);
        let done = done.strip_suffix("\u{7f}\"").unwrap_or(&done);
        assert_eq!(done, expected, "{template}");
    }
    let rules = Rules {
        format: Format::Text,
        ..Rules::default()
    };
    assert_eq!(rendered("{{db|json}}", b"123", &rules).unwrap(), "\"123\"");
}

#[test]
fn null_is_an_error_unless_it_is_to_be_empty() {
    let with = |null| Rules {
        null,
        ..Rules::default()
    };
    for null in [Null::Omit, Null::Error] {
        for template in ["{{db#none}}", "{{db#none|uri}}", "{{db#none|json}}"] {
            let error = rendered(template, DB, &with(null)).unwrap_err();
            assert!(error.to_string().ends_with("the field `/none` is null"));
            assert!(error.hint().unwrap().contains("--null empty"));
        }
    }
    let empty = rendered(
        "{{db#none}},{{db#none|uri}},{{db#none|json}}",
        DB,
        &with(Null::Empty),
    );
    assert_eq!(empty.unwrap(), ",,\"\"");
}

#[test]
fn what_cannot_be_rendered_is_named_with_its_line_and_without_its_bytes() {
    for (template, secret, said) in [
        ("\n{{db#x}}", DB, "T: line 2: no field `x`"),
        ("{{db}}", b"hunter2\0", "NUL"),
        ("{{db|json}}", b"hunter2\xff", "it is not UTF-8"),
        ("{{db}}", b"{hunter2", "not valid JSON"),
    ] {
        let error = rendered(template, secret, &Rules::default()).unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
        assert!(
            !format!("{error:?}{error}").contains("hunter2"),
            "{error:?}"
        );
    }
    let several = rendered("{{db#x}}\n{{db#pw}}\n\n{{db#y}}", DB, &Rules::default());
    let said = several.unwrap_err().to_string();
    assert!(said.contains("T: line 1: no field `x`"), "{said}");
    assert!(said.contains("; T: line 4: no field `y`"), "{said}");
}

#[test]
fn every_pair_of_braces_without_a_reference_is_named_with_its_line() {
    for (template, said) in [
        ("{{", "T: line 1: `{{` is not closed by `}}`"),
        ("a\n\nb{{db", "T: line 3: `{{` is not closed by `}}`"),
        ("{{{{{{", "T: line 1: `{{` is not closed"),
        ("{{}}", "T: line 1: there is nothing in the braces"),
        ("{{ \t}}", "nothing in the braces"),
        ("{{db pw}}", "`{{…}}` contains a space"),
        ("{{db#pw | uri}}", "`{{…}}` contains a space"),
        ("{{db\u{a0}}}", "`{{…}}` contains a space"),
        ("{{{db}}}", "a single brace"),
        ("{{a{b}}", "a single brace"),
        ("{{\ndb}}", "a line end"),
        ("{{d\u{202e}b}}", "control character"),
        ("{{db#pw|url}}", "`{{db#pw|url}}`: after `|` only"),
        ("{{db|json|uri}}", "after `|` only"),
        ("{{db|}}", "after `|` only"),
        ("{{|uri}}", "the name is missing"),
        ("{{db#}}", "the field after `#` is missing"),
        ("{{db#/~2}}", "is not a valid JSON pointer"),
        (
            "{{V=db}}",
            "`{{V=db}}`: a reference in braces names no variable",
        ),
        ("{{P_+=db}}", "names no variable"),
    ] {
        let errors = errors(template);
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].contains(said), "{errors:?}");
    }
    assert!(errors(b"{{\xff}}")[0].contains("is not UTF-8"));
    let all = errors("{{a b}} {{ok}} {{}}\n\n{{V=a}}{{{{\n{{c\n{{d}}\n{{e|x}}");
    let lines: Vec<_> = all.iter().map(|error| &error[..9]).collect();
    let expected = [1, 1, 3, 4, 6].map(|line| format!("T: line {line}"));
    assert_eq!(lines, expected);
}

#[test]
fn no_error_repeats_text_that_could_not_be_a_reference() {
    let long = format!("{{{{hunter2{}|x}}}}", "a".repeat(300));
    for template in [
        "hunter2{{",
        "{{hunter2",
        "hunter2{{}}hunter2",
        "{{db\n}hunter2}}",
        "{{a hunter2}}",
        "{{{hunter2}}",
        &long,
        &long.replace("|x", "@"),
    ] {
        let error = Template::parse("T", template).unwrap_err();
        let said = format!("{error} {error:?} {:?}", error.hint());
        assert!(!said.contains("hunter2"), "{said}");
    }
    let template = Template::parse("T", "hunter2{{db}}").unwrap();
    assert!(!format!("{template:?}").contains("hunter2"));
}

#[test]
fn the_references_are_listed_once_in_their_order() {
    let template = Template::parse("T", "{{b}}{{a#x}}{{b|uri}}").unwrap();
    assert_eq!(template.references().count(), 3);
    assert_eq!(template.listed().as_deref(), Some("b a#x"));
    assert_eq!(Template::parse("T", "{{{{").unwrap().listed(), None);
}
