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
fn every_dangerous_name_is_refused_and_listed() {
    let sandbox = Sandbox::local();
    let names = refused_names();
    assert!(names.len() >= 76, "{}", names.len());
    let fields: Map<String, Value> = names
        .iter()
        .map(|name| (name.clone(), "/x".into()))
        .collect();
    sandbox.put("bad", Value::from(fields).to_string());
    let listed = sandbox.run("exec bad --case keep --dry-run").any_stdout();
    let listed = listed.fails(125).lines();
    let refused = listed.iter().filter(|line| line.ends_with(", refused"));
    assert_eq!((refused.count(), listed.len()), (names.len(), names.len()));
    let stopped = sandbox.run("exec bad --case keep -v -- touch ran");
    let stopped = stopped.fails(125);
    for name in &names {
        assert!(stopped.stderr.contains(&format!("`{name}`")), "{name}");
    }
    assert!(!sandbox.home().join("ran").exists());
}

/// Programs with arguments, and the variables that make them run `./payload`.
const PROOFS: &str = "\
/bin/bash -c true | BASH_ENV=./payload
/bin/dash -i -c true | ENV=./payload
/bin/dash -i | PS1=$(./payload)
/usr/bin/zsh -c true | ZDOTDIR=.
/usr/bin/tar -cf proof.tar payload | TAR_OPTIONS=--checkpoint=1 --checkpoint-action=exec=./payload
/usr/bin/perl -e 1 | PERL5OPT=-Mpayload | PERL5LIB=.
/usr/bin/python3 -c 0 | PYTHONPATH=.
/usr/bin/python3 -i | PYTHONSTARTUP=sitecustomize.py
/usr/bin/git x | GIT_CONFIG_COUNT=1 | GIT_CONFIG_KEY_0=alias.x | GIT_CONFIG_VALUE_0=!./payload
/usr/bin/git ls-remote ssh://localhost/x | GIT_SSH_COMMAND=./payload
/usr/bin/git diff --no-index --ext-diff payload payload.pm | GIT_EXTERNAL_DIFF=./payload
/usr/bin/less payload | LESSOPEN=|./payload %s
/usr/bin/make -n | MAKEFILES=payload.mk";

#[test]
fn variables_that_run_code_are_refused_unless_allowed() {
    let mut proven = 0;
    for proof in PROOFS.lines() {
        let mut parts = proof.split(" | ");
        let command = parts.next().unwrap();
        let program = command.split(' ').next().unwrap();
        let variables: Map<_, _> = parts
            .map(|variable| variable.split_once('=').unwrap())
            .map(|(name, value)| (name.to_owned(), Value::from(value)))
            .collect();
        if !Path::new(program).exists() {
            full::or_skip(program, "it is not installed");
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
        let allow = variables.keys().flat_map(|name| [" --allow ", name]);
        let allow: String = allow.collect();
        sandbox.put("s", Value::from(variables).to_string());
        let mark = sandbox.home().join("proof");
        sandbox.run(&format!("exec s -- {command}")).fails(125);
        assert!(!mark.exists(), "{proof}");
        let allowed = sandbox
            .run(&format!("exec s{allow} -- {command}"))
            .outcome();
        assert!(mark.exists(), "{proof}: {allowed}");
        proven += 1;
    }
    assert!(proven >= 1, "{proven}");
}

#[test]
fn ordinary_names_pass_and_odd_characters_become_underscores() {
    let sandbox = Sandbox::local();
    sandbox.put("s", r#"{"env": "prod", "path_prefix": "/x", "a=b": "1", "a b\n": "2", "x-y": "3", "é": "4", "9": "5", "ldap_url": "6"}"#);
    let seen = sandbox.run("exec --pristine s -- /usr/bin/env").gives();
    let expected = "A_B=1 A_B_=2 ENV=prod LDAP_URL=6 PATH_PREFIX=/x X_Y=3 _=4 _9=5";
    assert_eq!(seen.lines().join(" "), expected);
}

#[test]
fn names_outside_the_refused_table_are_accepted() {
    let prefixes = lazycred::REFUSED_PREFIXES;
    let is_prefixed = |name: &String| prefixes.iter().any(|prefix| name.starts_with(prefix));
    let longer = lazycred::REFUSED_NAMES
        .iter()
        .map(|name| format!("{name}_X"));
    let neighbours = refused_names().into_iter().map(|name| format!("X_{name}"));
    let others = "DB_HOST PATHS path GIT_TOKEN ENVIRONMENT NODE_ENV".split(' ');
    for name in neighbours
        .chain(longer.filter(|name| !is_prefixed(name)))
        .chain(others.map(str::to_owned))
    {
        assert!(!lazycred::is_refused(&name, b"/$`"), "{name}");
    }
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
