//! What only looks like a JSON object never becomes one variable by mistake.

use crate::support::harness::Sandbox;

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

fn refused(sandbox: &Sandbox, args: &str, why: &str) {
    let status = if args.starts_with("exec") { 125 } else { 5 };
    sandbox.run(args).stderr_has(why).status(status);
}

#[test]
fn a_byte_order_mark_before_an_object_is_skipped_wherever_it_becomes_variables() {
    let sandbox = Sandbox::local();
    let text = "\u{feff} {\"a\": \"x\"}\r\n";
    sandbox.put("s", text);
    let env = |args: &[&str]| {
        let args = [&["exec", "--pristine"], args, &["--", "/usr/bin/env"]].concat();
        sandbox.run(args).gives().text()
    };
    assert_eq!(env(&["s"]), "A=x\n");
    assert_eq!(env(&["s", "--format", "json"]), "A=x\n");
    assert_eq!(env(&["V=s"]), "V= {\"a\": \"x\"}\n");
    assert_eq!(env(&["V=s#a"]), "V=x\n");
    assert_eq!(env(&["s#/a"]), "A=x\n");
    assert_eq!(
        env(&["s", "--format", "text"]),
        "S=\u{feff} {\"a\": \"x\"}\n"
    );
    sandbox.run("export s --format docker").stdout("A=x\n").ok();
    sandbox.run(["get", "s", "--field", "a"]).stdout("x").ok();
    // What is stored stays what was stored, and a file has all of it.
    sandbox.run(["get", "s"]).stdout(text).ok();
    sandbox.prints(["exec", "--file", "F=s", "--", "sh", "-c", "cat $F"], text);
    sandbox.put("plain", "\u{feff}x\n");
    assert_eq!(
        env(&["plain"]),
        "PLAIN=\u{feff}x\n",
        "text is passed byte for byte"
    );
}

#[test]
fn an_object_behind_what_nobody_sees_is_an_error_and_not_a_variable() {
    let sandbox = Sandbox::local();
    for before in [
        "\u{a0}",
        "\u{2003}",
        "\u{85}",
        "\u{3000} ",
        "\u{b}",
        "\u{feff}\u{feff}",
        " \u{feff}",
        "\u{200b}",
        "\u{2028}",
    ] {
        sandbox.put("s", format!("{before}{{\"a\": \"hunter2-value\"}}"));
        for args in [
            "exec s -- touch ran",
            "exec V=s -- touch ran",
            "exec V=s#a -- touch ran",
            "exec s --format json -- touch ran",
            "export s --format json",
        ] {
            refused(&sandbox, args, "it is not valid JSON at line ");
        }
        let text = ["exec", "s", "--format", "text", "--", "printenv", "S"];
        let shown = format!("{before}{{\"a\": \"hunter2-value\"}}\n");
        sandbox.run(text).stdout(shown).ok();
    }
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn utf_16_is_named_wherever_it_would_become_variables() {
    let sandbox = Sandbox::local();
    for text in [
        "{\"a\": \"x\"}",
        "\u{feff}{\"a\": \"x\"}",
        "\u{feff}A=x",
        " \n{}",
    ] {
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let secret = utf_16(text, bytes);
            sandbox.put("s", &secret);
            for args in [
                "exec s -- touch ran",
                "exec V=s -- touch ran",
                "exec s#a -- touch ran",
                "exec s --format dotenv -- touch ran",
                "exec s --format json -- touch ran",
                "export P_+=s --format json",
            ] {
                refused(&sandbox, args, "it is UTF-16, not UTF-8");
            }
            sandbox.run(["get", "s"]).stdout(&secret).ok();
        }
    }
    sandbox.put("s", b"\xff\xfex");
    sandbox.prints("exec s --format text -- printenv S", b"\xff\xfex\n");
}

#[test]
fn a_byte_order_mark_is_kept_where_a_field_is_changed_and_hides_no_field() {
    let sandbox = Sandbox::local();
    let marked = |text: &str| format!("\u{feff}{text}");
    sandbox.put("s", marked(r#"{"a": 1, "b": "hunter2"}"#));
    sandbox.put("plain", r#"{"a": 2, "b": "hunter2"}"#);
    sandbox.run("diff s plain").stdout("changed\t/a\n").ok();
    let run = sandbox.run(["set", "s", "a", "--json"]);
    run.stdin("3").stderr_has("saved s").ok();
    sandbox.run(["unset", "s", "b"]).stderr_has("saved s").ok();
    sandbox.run(["get", "s"]).stdout(marked(r#"{"a": 3}"#)).ok();
}

#[test]
fn json_behind_a_byte_order_mark_that_an_editor_breaks_is_kept_and_not_stored() {
    let Some(memory) = crate::support::temporary::in_memory_or_skip() else {
        return;
    };
    let sandbox = Sandbox::local();
    let text = "\u{feff}{\"a\": 1}";
    sandbox.put("s", text);
    sandbox.program("editor", "#!/bin/sh\nprintf '{\"a\":' >\"$1\"\n");
    sandbox
        .run(["edit", "s"])
        .env("EDITOR", "./editor")
        .env("XDG_RUNTIME_DIR", memory.path())
        .stderr_has("is kept in")
        .status(5);
    sandbox.run(["get", "s"]).stdout(text).ok();
}
