//! Names that would make another program run code, and names of all kinds.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::support::Sandbox;

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
    // As fields usually are written; `_rld` and `npm_config_` are two prefixes in one.
    let lower: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
    assert!(lower.len() >= 76, "{}", lower.len());
    let fields: Map<String, Value> = lower
        .iter()
        .map(|name| (name.clone(), "/x".into()))
        .collect();
    sandbox.put("lower", Value::from(fields).to_string());
    let listed = sandbox.run("exec lower --dry-run").any_stdout();
    let listed = listed.fails(125).lines();
    let refused = listed.iter().filter(|line| line.ends_with(", refused"));
    assert_eq!((refused.count(), listed.len()), (lower.len(), lower.len()));
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
}

/// Names that a variable may have, each once: any length, any letter, any case.
fn random_names(count: usize) -> BTreeSet<String> {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    let mut state: u64 = 1;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let refused = refused_names();
    let prefixes = lazycred::REFUSED_PREFIXES;
    let mut names = BTreeSet::new();
    while names.len() < count {
        let length = 1 + random(40);
        // A digit does not come first.
        let mut name = String::from(char::from(letters[random(53)]));
        name.extend((1..length).map(|_| char::from(letters[random(63)])));
        // By chance one may be in the list: `PS1` is one of a quarter of a million.
        let is_listed =
            refused.contains(&name) || prefixes.iter().any(|prefix| name.starts_with(prefix));
        if !is_listed {
            names.insert(name);
        }
    }
    names
}

#[test]
fn a_hundred_thousand_random_names_are_accepted() {
    let names = random_names(100_000);
    let accepted = names.iter().filter(|name| {
        let is_name = name.parse::<lazycred::VarName>().is_ok();
        is_name && !lazycred::is_refused(name, b"/$`~")
    });
    assert_eq!(accepted.count(), 100_000);
}

#[test]
fn thousands_of_random_names_of_one_secret_reach_the_command() {
    let names = random_names(8_000);
    let fields = names.iter().map(|name| (name.clone(), Value::from("/$`~")));
    let sandbox = Sandbox::local();
    sandbox.put("s", Value::from(fields.collect::<Map<_, _>>()).to_string());
    let seen = sandbox
        .run("exec --pristine s --case keep -- /usr/bin/env -0")
        .gives();
    let seen = seen.variables();
    assert!(seen.values().all(|value| value == "/$`~"));
    let seen: BTreeSet<String> = seen
        .into_keys()
        .map(|name| name.into_string().unwrap())
        .collect();
    assert_eq!(seen, names);
}
