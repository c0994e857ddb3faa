//! Characters that nobody sees are escaped wherever a name or a message is
//! printed, in JSON too.

use std::path::Path;

use serde_json::Value;

use crate::support::harness::{PROGRAM, Sandbox};

/// One of each kind: controls (C0, DEL, C1), format characters of two and of four
/// bytes, and the two separators.
const HIDDEN: [(&str, &str, &str); 9] = [
    ("\u{1b}", "\\u{1b}", "\\u001b"),
    ("\u{7f}", "\\u{7f}", "\\u007f"),
    ("\u{9b}", "\\u{9b}", "\\u009b"),
    ("\u{ad}", "\\u{ad}", "\\u00ad"),
    ("\u{202e}", "\\u{202e}", "\\u202e"),
    ("\u{2066}", "\\u{2066}", "\\u2066"),
    ("\u{2028}", "\\u{2028}", "\\u2028"),
    ("\u{2029}", "\\u{2029}", "\\u2029"),
    ("\u{e0041}", "\\u{e0041}", "\\udb40\\udc41"),
];

#[track_caller]
fn hides_nothing(text: &str) {
    for (raw, ..) in HIDDEN {
        assert!(!text.contains(raw), "{text:?}");
    }
}

#[test]
fn names_in_lists_and_dry_runs_are_escaped_as_text_and_as_json() {
    let sandbox = Sandbox::local();
    for (at, (raw, text, json)) in HIDDEN.into_iter().enumerate() {
        let name = format!("{at}a{raw}b");
        sandbox.put(
            &name,
            serde_json::json!({format!("f{raw}"): "x"}).to_string(),
        );
        let run = |args: &[&str]| {
            let shown = sandbox.run(args).gives().text();
            hides_nothing(&shown);
            shown
        };
        assert!(run(&["list"]).contains(&format!("{at}a{text}b\n")));
        assert!(run(&["list", "--long"]).contains(&format!("{at}a{text}b\t")));
        for listed in [run(&["list", "--json"]), run(&["list", "--long", "--json"])] {
            assert!(listed.contains(&format!("\"{at}a{json}b\"")), "{listed}");
            let read: Value = serde_json::from_str(&listed).unwrap();
            assert_eq!(
                read[at]["name"], name,
                "a reader of JSON gets the name itself"
            );
        }
        let dry = run(&["exec", &name, "--dry-run"]);
        assert_eq!(dry, format!("F_\t{at}a{text}b\t/f{text}\t1 bytes\n"));
        let dry = run(&["exec", &name, "--dry-run", "--json"]);
        assert!(
            dry.contains(&format!("\"/f{json}\"")) && dry.contains(&format!("\"{at}a{json}b\""))
        );
        let read: Value = serde_json::from_str(&dry).unwrap();
        assert_eq!(read[0]["path"], format!("/f{raw}"));
        run(&["history", &name, "--json"]);
        run(&["doctor", "--json"]);
        run(&["doctor"]);
    }
}

#[test]
fn messages_and_differences_are_escaped_too() {
    let sandbox = Sandbox::local();
    for (raw, text, _) in HIDDEN {
        let name = format!("a{raw}b");
        let missing = sandbox
            .run(["get", &name])
            .stderr_has(&format!("no secret named `a{text}b`"))
            .status(3);
        hides_nothing(&missing.stderr);
        let put = sandbox
            .run(["put", &name])
            .stdin(serde_json::json!({format!("f{raw}"): "one"}).to_string());
        let saved = put.outcome();
        assert_eq!(saved.stderr, format!("saved a{text}b\n"));
        sandbox.put(
            "other",
            serde_json::json!({format!("f{raw}"): format!("two{raw}")}).to_string(),
        );
        let diff = sandbox
            .run(["diff", &name, "other", "--show"])
            .outcome()
            .text();
        hides_nothing(&diff);
        assert!(diff.starts_with(&format!("changed\t/f{text}\t")), "{diff}");
        let policy = [
            "policy",
            "reader",
            "--s3-path",
            &format!("acme/p{raw}/"),
            "--key-alias",
            "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        ];
        let policy = sandbox.run(policy).outcome();
        hides_nothing(&policy.text());
        hides_nothing(&policy.stderr);
        let odd = sandbox
            .run(["exec", "--from-env", "*", "--dry-run"])
            .env(format!("V{raw}"), "lazycred:other");
        let odd = odd.outcome();
        assert!(
            odd.text().starts_with(&format!("V{text}\tother\t")),
            "{odd}"
        );
        hides_nothing(&odd.text());
    }
}

#[test]
fn what_is_said_of_arguments_is_escaped_too() {
    let sandbox = Sandbox::new();
    for (raw, text, _) in HIDDEN {
        let option = format!("--no{raw}pe");
        for args in [&["get", &option][..], &["list", "a", &option], &[&option]] {
            let outcome = sandbox.run(args).fails(2);
            hides_nothing(&outcome.stderr);
            assert!(
                outcome.stderr.contains(&format!("--no{text}pe")),
                "{outcome}"
            );
        }
        let value = ["exec", "x", "--case", &format!("a{raw}"), "--", "true"];
        hides_nothing(&sandbox.run(value).outcome().stderr);
    }
}

#[test]
fn visible_characters_are_not_escaped() {
    let sandbox = Sandbox::local();
    sandbox.put("é\u{a0}日本😀e\u{301}", "x");
    sandbox.run(["list"]).stdout("é\u{a0}日本😀e\u{301}\n").ok();
    let json = sandbox.run(["list", "--json"]).gives().text();
    assert!(json.contains("\"é\u{a0}日本😀e\u{301}\""), "{json}");
}

#[test]
fn a_command_that_a_message_shows_is_read_by_shells_as_the_name_that_was_meant() {
    let sandbox = Sandbox::local();
    let names = HIDDEN.map(|(raw, ..)| format!("it's {raw}1\\é!"));
    let own = ["a\nb", "-\tc", "\r\\", "\u{1}7"].map(str::to_owned);
    for name in names.iter().chain(&own) {
        let put = |secret: &str| {
            let put = ["put", "--any-name", "--", name];
            sandbox.run(put).stdin(secret).outcome()
        };
        put("one");
        let outcome = put("two");
        hides_nothing(&outcome.stderr);
        let said = outcome.stderr.strip_suffix(")\n").unwrap();
        assert!(!said.contains(char::is_control), "{said:?}");
        let (_, undo) = said.split_once("undo: lazycred ").unwrap();
        for shell in ["bash", "zsh", "ksh"] {
            let found = ["/bin", "/usr/bin"].map(|folder| format!("{folder}/{shell}"));
            let Some(shell) = found.iter().find(|shell| Path::new(shell).exists()) else {
                continue;
            };
            put("one");
            put("two");
            let script = format!("'{PROGRAM}' --quiet {undo}");
            sandbox.run(["-c", &script]).program(shell).ok();
            sandbox.run(["get", "--", name]).stdout("one").ok();
        }
    }
}

#[test]
fn the_line_that_accepts_a_file_names_a_path_with_what_is_hidden_as_it_is() {
    let sandbox = Sandbox::local();
    let text = r#"{"s3_path": "file:..", "key_alias": "local:dev"}"#;
    sandbox.write("a\u{202e}\nb/.lazycred", text);
    let home = sandbox.home().display();
    sandbox
        .run(["list"])
        .cwd("a\u{202e}\nb")
        .stderr_has(&format!(
            "hint: to trust it: LAZYCRED_CONFIG=$'{home}/a\\342\\200\\256\\nb/.lazycred'"
        ))
        .status(2);
}
