//! YAML files, as `import` reads them.

use crate::support::Sandbox;

fn imported(sandbox: &Sandbox, text: &str) -> String {
    let import = ["import", "-", "--as", "one", "--format", "yaml"];
    let command = sandbox.run(import.iter().chain(&["--replace", "--quiet"]));
    command.stdin(text).ok();
    sandbox.run(["get", "one"]).gives().text()
}

fn refused(sandbox: &Sandbox, text: &str, why: &str) {
    let import = ["import", "-", "--as", "one", "--format", "yaml"];
    sandbox.run(import).stdin(text).stderr_has(why).status(2);
}

#[test]
fn a_mapping_becomes_an_object_with_its_numbers_as_written() {
    let sandbox = Sandbox::local();
    for (text, expected) in [
        ("a: 1.0E+5\nb: -0\n", r#"{"a":1.0E+5,"b":-0}"#),
        ("a: '1'\nb: \"2\"\n", r#"{"a":"1","b":"2"}"#),
        ("c: ~\nd:\n", r#"{"c":null,"d":null}"#),
        ("1: a\ntrue: b\n", r#"{"1":"a","true":"b"}"#),
        ("a: [1, {b: c}]\n", r#"{"a":[1,{"b":"c"}]}"#),
        (
            "a: '2026-01-01'\nb: 1_a\n",
            r#"{"a":"2026-01-01","b":"1_a"}"#,
        ),
        ("a: {}\nb: []\n", r#"{"a":{},"b":[]}"#),
        ("{}", "{}"),
    ] {
        assert_eq!(imported(&sandbox, text), expected, "{text:?}");
    }
}

#[test]
fn what_json_cannot_represent_is_refused_with_its_line() {
    let sandbox = Sandbox::local();
    let deep = "[".repeat(65);
    let disagree = "line 1: a value on which YAML parsers disagree";
    let number = "line 1: a number that JSON cannot represent; quote it";
    for (text, why) in [
        ("x: 1\na: 0x1f\n", "line 2: a number that JSON cannot"),
        ("a: 007\n", number),
        ("a: +1\n", number),
        ("a: 1.\n", number),
        ("a: .inf\n", disagree),
        ("x: 1\na: &b 1\n", "line 2: anchors are not supported"),
        ("a: !!str 1\n", "line 1: tags are not supported"),
        ("a: 1\n---\nb: 2\n", "line 2: a second document starts"),
        ("[a]: 1\n", "line 1: a field's name is not text"),
        (&deep, "line 1: it is nested deeper than 64 levels"),
    ] {
        refused(&sandbox, text, why);
    }
}

#[test]
fn blanks_that_end_a_file_add_no_line_to_a_block_of_text() {
    let sandbox = Sandbox::local();
    for (text, expected) in [
        ("k: |\n  x\n  ", r#"{"k":"x\n"}"#),
        ("k: >\n  x\n  ", r#"{"k":"x\n"}"#),
        ("k: |+\n  x\n  ", r#"{"k":"x\n"}"#),
        ("k: >+\n  x\n  ", r#"{"k":"x\n"}"#),
        ("k: |-\n  x\n  ", r#"{"k":"x"}"#),
        ("k: |\n  x\n ", r#"{"k":"x\n"}"#),
        ("k: |\n   x\n   ", r#"{"k":"x\n"}"#),
        ("k: |\r\n  x\r\n  ", r#"{"k":"x\n"}"#),
        ("k: |2\n  x\n  ", r#"{"k":"x\n"}"#),
        ("k: |\n  é\n  ", r#"{"k":"é\n"}"#),
        ("k:\n  - |\n    x\n    ", r#"{"k":["x\n"]}"#),
        ("j: |\n  x\nk: |+\n  x\n\n  ", r#"{"j":"x\n","k":"x\n\n"}"#),
        // Deeper than the block's own lines they are text, as every reader has it.
        ("k: |\n  x\n   \n", r#"{"k":"x\n \n"}"#),
        ("k: |\n  x\n  \n", r#"{"k":"x\n"}"#),
        ("k: |+\n  x\n  \n", r#"{"k":"x\n\n"}"#),
        ("k: x\n  ", r#"{"k":"x"}"#),
    ] {
        assert_eq!(imported(&sandbox, text), expected, "{text:?}");
    }
}

#[test]
fn a_tab_may_follow_the_colon_of_a_name_and_never_indents() {
    let sandbox = Sandbox::local();
    for (text, expected) in [
        ("a:\tb\n", r#"{"a":"b"}"#),
        ("a:\t\t-1\nb:\t-b\n", r#"{"a":-1,"b":"-b"}"#),
        ("a:\n  b:\tc\n", r#"{"a":{"b":"c"}}"#),
        ("\"a\":\tb\n", r#"{"a":"b"}"#),
        ("a: {b:\tc}\n", r#"{"a":{"b":"c"}}"#),
        ("a:\n- b:\tc\n", r#"{"a":[{"b":"c"}]}"#),
        ("a:\t|\n  x:\ty\n", r#"{"a":"x:\ty\n"}"#),
        ("a: 'x:\ty'\n", r#"{"a":"x:\ty"}"#),
    ] {
        assert_eq!(imported(&sandbox, text), expected, "{text:?}");
    }
    for text in "a:\tb: c¦a:\t- b¦a:\n\tb: c¦? a\n:\tb: c¦? a\n:\t- b".split('¦') {
        refused(&sandbox, &format!("{text}\n"), "it is not valid YAML");
    }
}

#[test]
fn yaml_that_parsers_disagree_on_is_refused_by_line_and_never_shown() {
    let sandbox = Sandbox::local();
    let value = "a value on which YAML parsers disagree, such as `yes`, `1e3` or a date; quote it";
    let name = "a name on which YAML parsers disagree, such as `yes`, `1.0` or a date; quote it";
    let tab = "a line is indented with a tab; use spaces";
    let merge = "some YAML parsers merge mappings named `<<`; rename it";
    for (text, why) in [
        ("a: Off\n", value),
        ("a: tRUE\n", value),
        ("a: 12:30\n", value),
        ("a: 1_234\n", value),
        ("a: 12e4567\n", value),
        ("a: 12345678901234567890\n", value),
        ("a: 2026-01-01\n", value),
        ("a: [x, n]\n", value),
        ("a: =\n", value),
        ("on: x\n", name),
        ("1.10: x\n", name),
        ("~: x\n", name),
        ("a:\n <<: {b: c}\n", merge),
        ("'<<': {b: c}\n", merge),
        ("\tk: v\n", tab),
        (" \tk: v\n", tab),
        ("a:\n \tb: c\n", tab),
        ("-\ta: b\n", tab),
        ("a: b\n\tc\n", "it is not valid YAML"),
        ("a: [\n\tb]\n", "it is not valid YAML"),
        ("a: b\n\t# c\n", tab),
        ("a: |\n  b\n \t\n", tab),
        ("...\na: b\n", "`...` ends a document that has not started"),
    ] {
        refused(&sandbox, text, why);
    }
    let why = "line 1: a control character or line ending";
    for value in "x\rb: y¦x\u{85}¦\"x\u{2028}\"¦x\u{1}".split('¦') {
        refused(&sandbox, &format!("a: {value}\n"), why);
    }
    for (text, expected) in [
        ("a: 'yes'\nb: \"12:30\"\n", r#"{"a":"yes","b":"12:30"}"#),
        (
            "a: 8080:80\nb: 10.0.0.1\n",
            r#"{"a":"8080:80","b":"10.0.0.1"}"#,
        ),
        (
            "a: 1.50\nb: 1.0e+3\nc: True\n",
            r#"{"a":1.50,"b":1.0e+3,"c":true}"#,
        ),
        ("a: \"x\n  y\"\n", r#"{"a":"x y"}"#),
        ("a: |\n  x\n  \ty\n", r#"{"a":"x\n\ty\n"}"#),
    ] {
        assert_eq!(imported(&sandbox, text), expected, "{text:?}");
    }
}

#[test]
fn text_that_starts_like_a_block_needs_quotes_between_brackets() {
    let sandbox = Sandbox::local();
    let why = "text that starts with `|` or `>` needs quotes";
    for value in "[|x]¦[>x]¦{b: |x}¦{>: x}¦[x, |]¦[\n  |\n  x\n]".split('¦') {
        refused(&sandbox, &format!("a: {value}\n"), why);
    }
    let seen = imported(&sandbox, "a: [a|b, \"|\", '>']\n");
    assert_eq!(seen, r#"{"a":["a|b","|",">"]}"#);
}

#[test]
fn an_empty_file_is_refused_as_empty_unless_allow_empty_is_given() {
    let sandbox = Sandbox::local();
    sandbox.put("one", "precious");
    for (format, texts) in [
        ("yaml", "¦\n¦# c\n¦%YAML 1.2\n---\n¦--- # c\n...\n"),
        ("json", "¦ \n"),
        ("dotenv", "¦\n¦# A=1\n¦\u{feff}"),
    ] {
        for text in texts.split('¦') {
            let stderr = "lazycred: error: cannot import `-`: it is empty\n\
                          lazycred: hint: --allow-empty accepts a file without members\n";
            let import = ["import", "-", "--format", format];
            sandbox.run(import).stdin(text).stderr(stderr).status(2);
            let all = ["--as", "one", "--replace"];
            let command = sandbox.run(import.iter().chain(&all)).stdin(text);
            command.stderr(stderr).status(2);
            let command = sandbox.run(import.iter().chain(&["--allow-empty"]));
            command.stdin(text).ok();
        }
    }
    let none = ["import", "-", "--format", "json"];
    sandbox.run(none).stdin("{}").fails(2);
    sandbox.run(["list"]).stdout("one\n").ok();
    sandbox.run(["get", "one"]).stdout("precious").ok();
    let all = ["--as", "one", "--replace", "--allow-empty"];
    let command = sandbox.run(none.iter().chain(&all)).stdin("");
    command.stderr_has("saved one").ok();
    sandbox.run(["get", "one"]).stdout("{}").ok();
}

#[test]
fn empty_members_are_stored() {
    for (format, text) in [
        ("json", r#"{"a": "", "b": {}, "c": null}"#),
        ("yaml", "a: ''\nb: {}\nc:\n"),
    ] {
        let sandbox = Sandbox::local();
        let import = ["import", "-", "--replace", "--format", format];
        let command = sandbox.run(import).stdin(text);
        command.stderr("saved a\nsaved b\nsaved c\n").ok();
        for (name, secret) in [("a", ""), ("b", "{}"), ("c", "null")] {
            sandbox.run(["get", name]).stdout(secret).ok();
        }
    }
    let import = ["import", "-", "--format", "dotenv"];
    let sandbox = Sandbox::local();
    let command = sandbox.run(import).stdin("A=\nB=''\n");
    command.stderr("saved A\nsaved B\n").ok();
    sandbox.run(["get", "B"]).stdout("").ok();
}

#[test]
fn a_file_without_a_mapping_is_refused_by_name() {
    let sandbox = Sandbox::local();
    let no_mapping = "it is not a mapping of names to values";
    for (format, text, why) in [
        ("yaml", "- hunter2\n", no_mapping),
        ("yaml", "hunter2\n", no_mapping),
        ("yaml", "~\n", no_mapping),
        ("yaml", "''\n", no_mapping),
        ("yaml", "--- |\n", no_mapping),
        ("json", "[\"hunter2\"]", "it is not a JSON object"),
        ("json", "null", "it is not a JSON object"),
        ("yaml", ": hunter2\n", "line 1: a field has an empty name"),
        ("yaml", "a: 1\n'hunter2\n", "line 2: it is not valid YAML"),
    ] {
        let stderr = format!("lazycred: error: cannot import `-`: {why}\n");
        let import = ["import", "-", "--format", format];
        sandbox.run(import).stdin(text).stderr(&stderr).status(2);
    }
}
