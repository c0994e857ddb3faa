//! Names that would make another program run code, and names of all kinds.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value};

use crate::support::{Sandbox, full};

/// Every refused name, as a field would have to spell it.
fn refused_names() -> BTreeSet<String> {
    let prefixed = lazycred::REFUSED_PREFIXES
        .iter()
        .map(|prefix| format!("{prefix}X"));
    let named = lazycred::REFUSED_NAMES.iter().map(|&name| name.to_owned());
    named.chain(prefixed).collect()
}

#[test]
fn every_refused_name_is_refused_and_each_is_named() {
    let sandbox = Sandbox::local();
    let names = refused_names();
    assert!(names.len() >= 76, "{}", names.len());
    let fields: Map<String, Value> = names
        .iter()
        .map(|name| (name.clone(), "/x".into()))
        .collect();
    sandbox.put("bad", Value::from(fields).to_string());
    let run = |more: &[&str]| {
        let args = [&["exec", "bad", "--case", "keep"], more].concat();
        sandbox.run(args).outcome()
    };
    let listed = run(&["--dry-run"]);
    assert_eq!(listed.status, 125);
    let refused = listed
        .lines()
        .iter()
        .filter(|line| line.ends_with(", refused"))
        .count();
    assert_eq!((refused, listed.lines().len()), (names.len(), names.len()));
    let stopped = run(&["-v", "--", "touch", "ran"]);
    assert_eq!(stopped.status, 125);
    for name in &names {
        assert!(stopped.stderr.contains(&format!("`{name}`")), "{name}");
    }
    assert!(!sandbox.home().join("ran").exists());
}

/// A program of this machine, and a variable that makes it run `./payload`.
struct Proof {
    program: &'static str,
    variables: Value,
    args: &'static [&'static str],
}

fn proofs(payload: &str) -> Vec<Proof> {
    let proof = |program, variables, args| Proof {
        program,
        variables,
        args,
    };
    let object = |pairs: &[(&str, &str)]| {
        Value::from(
            pairs
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.into()))
                .collect::<Map<_, _>>(),
        )
    };
    vec![
        proof(
            "/bin/bash",
            object(&[("BASH_ENV", payload)]),
            &["-c", "true"],
        ),
        proof(
            "/bin/dash",
            object(&[("ENV", payload)]),
            &["-i", "-c", "true"],
        ),
        proof("/bin/dash", object(&[("PS1", "$(./payload)")]), &["-i"]),
        proof("/usr/bin/zsh", object(&[("ZDOTDIR", ".")]), &["-c", "true"]),
        proof(
            "/usr/bin/tar",
            object(&[(
                "TAR_OPTIONS",
                "--checkpoint=1 --checkpoint-action=exec=./payload",
            )]),
            &["-cf", "proof.tar", "payload"],
        ),
        proof(
            "/usr/bin/perl",
            object(&[("PERL5OPT", "-Mpayload"), ("PERL5LIB", ".")]),
            &["-e", "1"],
        ),
        proof(
            "/usr/bin/python3",
            object(&[("PYTHONPATH", ".")]),
            &["-c", "0"],
        ),
        proof(
            "/usr/bin/python3",
            object(&[("PYTHONSTARTUP", "sitecustomize.py")]),
            &["-i"],
        ),
        proof(
            "/usr/bin/git",
            object(&[
                ("GIT_CONFIG_COUNT", "1"),
                ("GIT_CONFIG_KEY_0", "alias.x"),
                ("GIT_CONFIG_VALUE_0", "!./payload"),
            ]),
            &["x"],
        ),
        proof(
            "/usr/bin/git",
            object(&[("GIT_SSH_COMMAND", "./payload")]),
            &["ls-remote", "ssh://localhost/x"],
        ),
        proof(
            "/usr/bin/git",
            object(&[("GIT_EXTERNAL_DIFF", "./payload")]),
            &["diff", "--no-index", "--ext-diff", "payload", "payload.pm"],
        ),
        proof(
            "/usr/bin/less",
            object(&[("LESSOPEN", "|./payload %s")]),
            &["payload"],
        ),
        proof(
            "/usr/bin/make",
            object(&[("MAKEFILES", "payload.mk")]),
            &["-n"],
        ),
    ]
}

#[test]
fn what_would_run_code_is_stopped_and_runs_only_when_it_is_allowed() {
    let mut proven = 0;
    for proof in proofs("./payload") {
        if !Path::new(proof.program).exists() {
            full::or_skip(proof.program, "it is not installed");
            continue;
        }
        let mut sandbox = Sandbox::local();
        // Git must not find the checkout that the tests are in.
        let above = sandbox.home().parent().unwrap().to_owned();
        sandbox.set("GIT_CEILING_DIRECTORIES", above);
        sandbox.program("payload", "#!/bin/sh\n: > ./proof\n");
        sandbox.write("payload.pm", "open(F, '>', './proof'); 1;\n");
        sandbox.write("payload.mk", "$(shell ./payload)\nall:\n");
        sandbox.write(".zshenv", "./payload\n");
        sandbox.write("sitecustomize.py", "open('proof', 'w')\n");
        sandbox.put("s", proof.variables.to_string());
        let mark = sandbox.home().join("proof");
        let command = [&["--", proof.program], proof.args].concat();
        sandbox
            .run([&["exec", "s"], &command[..]].concat())
            .fails(125);
        assert!(!mark.exists(), "{}", proof.variables);
        let mut args = vec!["exec", "s"];
        for name in proof.variables.as_object().unwrap().keys() {
            args.extend(["--allow", name]);
        }
        args.extend(&command);
        let allowed = sandbox.run(&args).outcome();
        assert!(
            mark.exists(),
            "{} {}: {}",
            proof.program,
            proof.variables,
            allowed.stderr
        );
        proven += 1;
    }
    assert!(proven >= 1, "{proven}");
}

#[test]
fn everyday_names_pass_and_names_that_no_shell_can_read_never_arise() {
    let sandbox = Sandbox::local();
    sandbox.put("s", r#"{"env": "prod", "path_prefix": "/x", "a=b": "1", "a b\n": "2", "x-y": "3", "é": "4", "9": "5", "ldap_url": "6"}"#);
    let seen = sandbox.run("exec --pristine s -- /usr/bin/env").gives();
    assert_eq!(
        seen.lines(),
        [
            "A_B=1",
            "A_B_=2",
            "ENV=prod",
            "LDAP_URL=6",
            "PATH_PREFIX=/x",
            "X_Y=3",
            "_=4",
            "_9=5"
        ]
    );
}

#[test]
fn a_hundred_thousand_names_that_are_not_in_the_table_are_accepted() {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
    let mut state: u64 = 1;
    for _ in 0..100_000 {
        let mut name = String::from("X");
        for _ in 0..12 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(state >> 33).unwrap() % letters.len();
            name.push(char::from(letters[at]));
        }
        assert!(!lazycred::is_refused(&name, b"/$`"), "{name}");
        name.parse::<lazycred::VarName>().unwrap();
    }
}
