//! `export --format shell` and `dotenv`: names that are no plain variables in some
//! shell are refused, whatever their values are.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value};

use crate::commands::export::readers::refused_names;
use crate::support::{PROGRAM, Sandbox, moto::install, readers};

/// Some of each kind: numbers, what is computed, read-only, tied, or acted on.
const OWN: &str = "\
    RANDOM SRANDOM OPTIND SECONDS HISTCMD LINENO EPOCHSECONDS COLUMNS LINES TMOUT PPID BASHPID PGRP KSHUID KSHEGID \
    USER_ID PIPESTATUS UID EUID GID EGID USERNAME SHLVL ERRNO FUNCNEST HISTSIZE SAVEHIST KEYTIMEOUT LISTMAX MAILCHECK \
    JOBMAX KSH_VERSION GROUPS DIRSTACK FUNCNAME BASH_ARGV0 BASH_XTRACEFD BASH_ALIASES ARGV0 POSIXLY_CORRECT \
    HISTFILE HISTFILESIZE MODULE_PATH FPATH NULLCMD READNULLCMD PROMPT MAILPATH COMMAND_NOT_FOUND_HANDLER \
    YASH_AFTER_CD ZSH_SUBSHELL TRY_BLOCK_ERROR PWD OLDPWD _ A__z histchars path cdpath fpath manpath argv status \
    pipestatus prompt aliases functions commands options signals watch history zle_highlight";

fn refused(sandbox: &Sandbox, line: &str, name: &str) {
    let said = format!("lazycred: error: cannot export `{name}` of `");
    let outcome = sandbox.run(&format!("export {line}")).fails(5);
    assert!(outcome.stderr.starts_with(&said), "{outcome}");
    assert!(!outcome.stderr.contains("hunter2"), "{outcome}");
}

#[test]
fn a_name_reserved_by_a_shell_is_refused_whatever_its_value() {
    let sandbox = Sandbox::local();
    let names: BTreeSet<&str> = OWN.split_whitespace().collect();
    for value in [r#""a[$(touch hunter2)]""#, r#""5""#] {
        let fields = names.iter().map(|name| format!("\"{name}\": {value}"));
        let all = fields.collect::<Vec<_>>().join(", ");
        sandbox.put("own", format!("{{{all}}}"));
        for format in ["shell", "dotenv"] {
            let args = ["export", "-v", "own", "--case", "keep", "--format", format];
            let outcome = sandbox.run(args).outcome();
            let lines = outcome.stderr.lines();
            let errors =
                lines.filter_map(|line| line.strip_prefix("lazycred: error: cannot export `"));
            let told: BTreeSet<&str> = errors.map(|line| line.split_once('`').unwrap().0).collect();
            assert_eq!((outcome.status, told), (5, names.clone()), "{outcome}");
            assert!(!outcome.stderr.contains("hunter2"));
        }
    }
}

#[test]
fn a_name_no_shell_can_hold_is_refused_even_if_typed_or_allowed() {
    let sandbox = Sandbox::local();
    sandbox.put("db", r#"{"username": "hunter2", "random": "hunter2"}"#);
    let typed = "USERNAME=db#username --format shell";
    refused(&sandbox, typed, "USERNAME");
    refused(
        &sandbox,
        "db --only RANDOM --allow RANDOM --format shell",
        "RANDOM",
    );
    let typed = "RAN_+=db X=db#random UID=db#random --format dotenv";
    refused(&sandbox, typed, "UID");
    // To unset one loses it, or the lines behind it.
    sandbox.put("null", r#"{"a": null}"#);
    refused(&sandbox, "UID=null#a --format shell", "UID");
    // Who reads no shell's files has no such names.
    let plain = "RANDOM=hunter2\nUSERNAME=hunter2\n";
    sandbox.prints("export db --format docker", plain);
    let plain = "export DB_RANDOM='hunter2'\nexport DB_USERNAME='hunter2'\n";
    sandbox.prints("export db --format shell --prefix DB_", plain);
}

#[test]
fn no_shell_runs_what_a_secret_holds_or_becomes_another_user() {
    let fields = "random optind histcmd srandom seconds columns lines tmout ppid bashpid pgrp kshuid user_id pipestatus username uid";
    for shell in [
        &["bash"][..],
        &["bash", "--posix"],
        &["mksh"],
        &["zsh", "-f"],
        &["ksh93"],
        &["dash"],
    ] {
        let here = install::clean(Path::new(shell[0]))
            .args(&shell[1..])
            .args(["-c", "exit 7"])
            .output();
        if !here.is_ok_and(|output| output.status.code() == Some(7)) {
            continue;
        }
        let sandbox = Sandbox::local();
        let evil = |field: &str| (field.to_owned(), Value::from("a[$(touch pwn)]"));
        let all: Map<_, _> = fields.split_whitespace().map(evil).collect();
        sandbox.put("evil", Value::from(all).to_string());
        for field in fields.split_whitespace() {
            let name = field.to_uppercase();
            let script = format!(
                "eval \"$('{PROGRAM}' export evil --only {name} --format shell 2>/dev/null)\"; id -u"
            );
            let args = [&shell[1..], &["-c", &script]].concat();
            let outcome = sandbox.run(args).program(shell[0]).outcome();
            let seen = (outcome.text().trim().to_owned(), outcome.stderr);
            let user = nix::unistd::getuid().to_string();
            assert_eq!(seen, (user, String::new()), "{shell:?} {field}");
            let pwned = sandbox.home().join("pwn").exists();
            assert!(!pwned, "{shell:?} ran {field}");
        }
    }
}

/// What shells list before they have done anything.
fn listed() -> Vec<String> {
    let mut all = BTreeSet::new();
    for shell in [
        &["dash"][..],
        &["bash", "--norc"],
        &["zsh", "-f"],
        &["ksh93"],
        &["mksh"],
        &["busybox", "sh"],
        &["yash", "--norcfile"],
    ] {
        let list = "set; (typeset -p; typeset +; export -p; compgen -v) 2>/dev/null";
        let mut command = install::clean(Path::new(shell[0]));
        let Ok(output) = command.args(&shell[1..]).args(["-c", list]).output() else {
            continue;
        };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let words = text.split(|c| !plain(c)).filter(|word| !word.is_empty());
        let names = words.filter(|word| !word.starts_with(|c: char| c.is_ascii_digit()));
        all.extend(names.map(str::to_owned));
    }
    // What is refused as in `exec` is not asked about here.
    all.retain(|name| !lazycred::is_refused(name, b"/$`~"));
    all.into_iter().collect()
}

#[test]
fn every_variable_a_shell_starts_with_is_refused_or_plain_in_all_shells() {
    let names = listed();
    assert!(names.len() > 50, "{names:?}");
    let values = ["5", "a[$(touch ran)]", "", "x y:z"];
    let refused = refused_names("shell", &readers::shells(), &names, &values);
    assert!(refused.contains("OPTIND"), "{refused:?}");
    let seen = refused_names("dotenv", &readers::dotenv(), &names, &values[..1]);
    assert_eq!(seen, refused);
}

#[test]
fn the_hint_of_a_refused_variable_that_the_user_named_works() {
    let sandbox = Sandbox::local();
    sandbox.put(
        "db",
        r#"{"user": "hunter2", "lines": "hunter2\nhunter3", "quotes": "'\"$"}"#,
    );
    sandbox.put("bin", b"hunter2\xff");
    let without_lines = "omit it with --except LINES, or use --format json or k8s";
    let renamed = "rename it with --prefix P_, or omit it with --except LINES";
    for (line, hint) in [
        (
            "RANDOM=db#user --format shell",
            "rename it with `OTHER=db#user`",
        ),
        (
            "X=db#lines --format docker",
            "omit `X=db#lines`, or use --format json or k8s",
        ),
        (
            "X=db#quotes --format dotenv",
            "omit `X=db#quotes`, or use --format json or k8s",
        ),
        ("X=bin --format json", "omit `X=bin`, or use --format k8s"),
        (
            "bin --format yaml",
            "omit it with --except BIN, or use --format k8s",
        ),
        ("db --only LINES --format docker", without_lines),
        ("db --only LINES --format shell", renamed),
    ] {
        let hint = format!("lazycred: hint: {hint}\n");
        let outcome = sandbox.run(&format!("export {line}")).fails(5);
        assert!(outcome.stderr.ends_with(&hint), "{hint}{outcome}");
    }
    let other = "export OTHER=db#user --format shell";
    sandbox.prints(other, "export OTHER='hunter2'\n");
}

#[test]
fn an_invalid_locale_is_refused_and_a_valid_one_exported() {
    let sandbox = Sandbox::local();
    let names = ["LC_ALL", "LC_CTYPE", "LC_NUMERIC", "LC_OTHER", "LANG"];
    for value in [
        "a[$(touch hunter2)]",
        "a hunter2",
        "../hunter2",
        "hunter2\n",
        "d\u{fc}hunter2",
    ] {
        for name in names.into_iter().chain(["LANGUAGE"]) {
            let field = name.to_lowercase();
            sandbox.put("s", serde_json::json!({field: value}).to_string());
            refused(&sandbox, "s --format shell", name);
            refused(&sandbox, "s --format dotenv", name);
            // Who reads no shell's files takes it for a text.
            sandbox.run(["export", "s", "--format", "json"]).gives();
        }
    }
    // The readers have LC_ALL from the start, and tell what is new.
    let names: Vec<_> = names[1..].iter().map(|name| (*name).to_owned()).collect();
    let none = BTreeSet::new();
    let locales = ["C", "POSIX", ""];
    let seen = refused_names("shell", &readers::shells(), &names, &locales);
    assert_eq!(seen, none);
    let neighbours = ["LANGUAGE_ID", "LANGS", "LC", "XLC_ALL", "SLANG"].map(str::to_owned);
    let texts = ["a[$(touch ran)]", "x y:z"];
    let seen = refused_names("shell", &readers::shells(), &neighbours, &texts);
    assert_eq!(seen, none);
    sandbox.put(
        "s",
        r#"{"language": "de_AT:de:en", "lang": "de_DE.UTF-8@euro"}"#,
    );
    let plain = "export LANG='de_DE.UTF-8@euro'\nexport LANGUAGE='de_AT:de:en'\n";
    sandbox.prints("export s --format shell", plain);
}
