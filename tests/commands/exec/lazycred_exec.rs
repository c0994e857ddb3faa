//! `lazycred-exec`: its arguments are the command, and it runs or nothing does.

use std::os::unix::fs::symlink;

use crate::support::harness::Arguments;
use crate::support::{PROGRAM, Run, Sandbox};

fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::local();
    sandbox.put("s", r#"{"a": "x"}"#);
    symlink(PROGRAM, sandbox.home().join("lazycred-exec")).unwrap();
    sandbox.set("LAZYCRED_SECRETS", "s");
    sandbox
}

fn wrapped(sandbox: &Sandbox, options: &str, words: impl Arguments) -> Run {
    let run = sandbox.run(words).program("./lazycred-exec");
    run.env("LAZYCRED_OPTIONS", options)
}

#[test]
fn options_that_would_run_nothing_fail() {
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
        "--prefix x\r\n--\r\n",
        "--config --help",
        "--json",
        "--no-such-option",
        "'open",
        "--prefix",
        "--only A,B",
    ] {
        let exec = wrapped(&sandbox, options, "touch ran");
        exec.stderr_has("error: ").status(125);
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
        let exec = wrapped(&sandbox, options, "touch ran").stderr(
            "lazycred: error: the variable LAZYCRED_OPTIONS cannot contain --help or --version: \
             lazycred-exec always runs its arguments\n",
        );
        exec.status(125);
    }
    let twice = wrapped(&sandbox, "-c 'touch ran'", "true");
    twice
        .stderr_has("LAZYCRED_OPTIONS cannot contain -c")
        .status(125);
    let none = wrapped(&sandbox, "", "").fails(125).stderr;
    let hint = "hint: its arguments are the command, as in `lazycred-exec ./server`\n";
    assert!(none.ends_with(hint), "{none}");
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
    let plain = sandbox.run(["get", "s"]);
    plain
        .env("LAZYCRED_OPTIONS", "--pristine")
        .stdout(r#"{"a": "x"}"#)
        .ok();
}

/// A comment would take away what protects the command.
#[test]
fn no_word_of_options_or_secrets_is_taken_for_a_comment() {
    let sandbox = sandbox();
    for (options, secrets, said) in [
        ("--pristine #x --require NOPE", "s", "`#x`"),
        ("--strip-credentials '#' -q", "s", "`#`"),
        ("", "s #c", "`#c`: the name is missing"),
        (
            "",
            "#s",
            "the variable LAZYCRED_SECRETS: `#s`: the name is missing",
        ),
    ] {
        let run = wrapped(&sandbox, options, "touch ran").env("LAZYCRED_SECRETS", secrets);
        run.stderr_has(said).status(125);
        assert!(!sandbox.home().join("ran").exists(), "{options} {secrets}");
    }
    sandbox.put("a #b", "hash");
    let quoted = wrapped(&sandbox, "", "printenv X").env("LAZYCRED_SECRETS", "'X=a %23b'");
    quoted.stdout("hash\n").ok();
    let line = sandbox.run(["exec", "s", "-c", "echo #a b"]);
    line.stdout("#a b\n").ok();
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
            let run = wrapped(&sandbox, options, "printenv P_A");
            let run = run.env("LAZYCRED_SECRETS", secrets).stdout("x\n");
            run.any_stderr().ok();
        }
    }
    for open in ["'s", "\"s\r\n", "s 'x"] {
        let exec = wrapped(&sandbox, "", "true").env("LAZYCRED_SECRETS", open);
        let said = "LAZYCRED_SECRETS has an unclosed quote";
        exec.stderr_has(said).status(125);
    }
}

#[test]
fn without_a_secret_it_says_how_it_is_given_one() {
    let mut sandbox = sandbox();
    sandbox.set("LAZYCRED_SECRETS", "");
    let told = "lazycred: error: no secret given\n\
         lazycred: hint: set LAZYCRED_SECRETS=NAME, or VAR=lazycred:REFERENCE, in its environment; \
         `lazycred exec --help` lists what LAZYCRED_OPTIONS can hold\n";
    for words in ["touch ran", "--help", "--version"] {
        let run = wrapped(&sandbox, "--pristine", words);
        run.stderr(told).status(125);
    }
    let none = wrapped(&sandbox, "", "touch ran").env("LAZYCRED_SECRETS", " ");
    none.stderr(told).status(125);
    assert!(!sandbox.home().join("ran").exists());
    // The way that leads on is still shown where there is a closer one.
    let other = wrapped(&sandbox, "--from-env OTHER*", "true").env("V", "lazycred:s#a");
    let hint = "`--from-env V` resolves the reference in that variable";
    other.stderr_has(hint).status(125);
    let way = wrapped(&sandbox, "", "printenv V").env("V", "lazycred:s#a");
    way.stdout("x\n").ok();
}
