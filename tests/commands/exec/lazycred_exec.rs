//! `lazycred-exec`: its arguments are the command, and it runs or nothing does.

use std::os::unix::fs::symlink;

use crate::sandbox::{PROGRAM, Run, Sandbox};

fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::local();
    sandbox.put("s", r#"{"a": "x"}"#);
    symlink(PROGRAM, sandbox.home().join("lazycred-exec")).unwrap();
    sandbox.set("LAZYCRED_SECRETS", "s");
    sandbox
}

fn wrapped(sandbox: &Sandbox, options: &str, words: &[&str]) -> Run {
    let run = sandbox.run(words).program("./lazycred-exec");
    run.var("LAZYCRED_OPTIONS", options)
}

#[test]
fn options_that_would_run_nothing_are_a_failure_and_not_a_success() {
    let sandbox = sandbox();
    for options in [
        "-h",
        "--help",
        "-vh",
        "-hv",
        "-vvh",
        "-V",
        "--version",
        "-vV",
        "--quiet -h",
        "--prefix P -vh",
        "--dry-run",
        "--dry-run --json",
        "-c 'touch ran'",
        "-vc 'touch ran'",
        "-c",
        "--",
        "-- true",
        "--config --help",
        "--json",
        "--no-such-option",
        "'open",
        "--prefix",
        "--only A,B",
    ] {
        let outcome = wrapped(&sandbox, options, &["touch", "ran"]).outcome();
        assert_eq!(
            (outcome.status, outcome.text().as_str()),
            (125, ""),
            "{options}"
        );
        assert!(
            outcome.stderr.contains("error: "),
            "{options}: {}",
            outcome.stderr
        );
        assert!(!sandbox.home().join("ran").exists(), "{options}");
    }
    for options in [
        "-vh",
        "--version",
        "-V",
        "-vV",
        "--quiet -V",
        "--version --prefix P",
    ] {
        let shown = wrapped(&sandbox, options, &["touch", "ran"]);
        shown
            .stderr(
                "lazycred: error: the variable LAZYCRED_OPTIONS cannot contain --help or --version: \
                 lazycred-exec always runs its arguments\n",
            )
            .status(125);
    }
    let nothing: [&str; 0] = [];
    assert_eq!(wrapped(&sandbox, "", &nothing).outcome().status, 125);
}

#[test]
fn the_commands_own_arguments_are_never_ours() {
    let sandbox = sandbox();
    for words in [
        &["printf", "%s|", "--help", "-V", "--dry-run", "--", "-c"][..],
        &["printf", "%s|", "--version"],
    ] {
        let expected = words[2..].join("|") + "|";
        wrapped(&sandbox, "", words).stdout(expected).ok();
    }
}

#[test]
fn options_and_secrets_are_split_at_white_space_of_any_kind() {
    let sandbox = sandbox();
    for options in [
        "--prefix P_",
        " --prefix\tP_\n",
        "--prefix\r\nP_\r\n",
        "--prefix P_ \r\n -v -v\r",
        "--prefix 'P_'\u{b}\u{c}",
    ] {
        for secrets in ["s", " s\r\n", "\r\ns\r\n\tT=s#a\r\n", "'s'\r"] {
            let run = wrapped(&sandbox, options, &["printenv", "P_A"]);
            let outcome = run.var("LAZYCRED_SECRETS", secrets).outcome();
            assert_eq!(
                (outcome.status, outcome.text().as_str()),
                (0, "x\n"),
                "{options:?} {secrets:?}"
            );
        }
    }
    for open in ["'s", "\"s\r\n", "s 'x"] {
        let outcome = wrapped(&sandbox, "", &["true"])
            .var("LAZYCRED_SECRETS", open)
            .outcome();
        assert_eq!(outcome.status, 125, "{open:?}");
        assert!(
            outcome
                .stderr
                .contains("LAZYCRED_SECRETS has a quote that is not closed"),
            "{outcome}"
        );
    }
}
