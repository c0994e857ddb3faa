//! `LAZYCRED_LOG`: how much is told. It stops nothing, whatever it says.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use crate::support::harness::{Run, Sandbox};

const SECRET: &str = r#"{"s": "hunter2-of-the-log"}"#;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::local();
    sandbox.put("s", r#"{"s": "x"}"#);
    sandbox
}

#[test]
fn an_unknown_log_level_is_a_warning_and_the_command_runs() {
    let sandbox = sandbox();
    let warning = "lazycred: warning: the variable LAZYCRED_LOG is ignored: it must be off, error, warn, info, debug or trace\n";
    for word in ["loud", "DEBUG", "lazycred=debug", "info,", " ", "0", "on"] {
        let run = sandbox.run(["exec", "s", "--", "printenv", "S"]);
        run.env("LAZYCRED_LOG", word)
            .stdout("x\n")
            .stderr(warning)
            .ok();
        let get = sandbox.run(["get", "s", "--field", "s"]);
        get.env("LAZYCRED_LOG", word)
            .stdout("x")
            .stderr(warning)
            .ok();
    }
    let raw = OsString::from_vec(b"\xff".to_vec());
    let run = sandbox.run(["exec", "s", "--", "printenv", "S"]);
    run.env("LAZYCRED_LOG", raw)
        .stdout("x\n")
        .stderr(warning)
        .ok();
    let quiet = sandbox.run(["exec", "s", "--quiet", "--", "printenv", "S"]);
    quiet.env("LAZYCRED_LOG", "loud").stdout("x\n").ok();
}

#[test]
fn each_level_tells_what_it_is_for_and_flags_only_add() {
    let sandbox = sandbox();
    let told = |word: &str, flags: &[&str]| {
        let args = [&["exec", "s"], flags, &["--", "printenv", "S"]].concat();
        let run = sandbox.run(args).env("LAZYCRED_LOG", word);
        let run = run.env("S", "old").env("MARKED", "lazycred:s");
        let outcome = run.stdout("x\n").any_stderr().ok();
        let lines = outcome.stderr.lines();
        let has = |label: &str| lines.clone().any(|line| line.starts_with(label));
        (
            has("lazycred: warning: the value of `MARKED`"),
            has("lazycred: info: inherited variable S is overridden"),
        )
    };
    for (word, expected) in [
        ("off", (false, false)),
        ("error", (false, false)),
        ("warn", (true, false)),
        ("", (true, false)),
        ("info", (true, true)),
        ("debug", (true, true)),
        ("trace", (true, true)),
    ] {
        assert_eq!(told(word, &[]), expected, "{word}");
        assert_eq!(told(word, &["-v"]), (true, true), "{word}");
    }
    // Errors are no log.
    let missing = sandbox.run("get nope").env("LAZYCRED_LOG", "off").outcome();
    assert!(missing.stderr.starts_with("lazycred: error: "), "{missing}");
}

#[test]
fn the_sdk_is_heard_from_debug_on_and_its_bodies_never() {
    for (word, heard) in [("info", false), ("debug", true), ("trace", true)] {
        let run = Run::new(["exec", "s", "--", "true"]).secret("s", SECRET);
        let run = run.env("LAZYCRED_LOG", word);
        let outcome = run.any_stdout().any_stderr().ok();
        assert_eq!(
            outcome.stderr.contains("lazycred: debug: aws_"),
            heard,
            "{word}: {outcome}"
        );
        assert!(!outcome.stderr.contains("hunter2-of-the-log"), "{word}");
        assert!(!outcome.stderr.contains("Plaintext"), "{word}: {outcome}");
    }
}
