//! A configuration that a calling program gives itself, through the library alone.

use std::fs;

use lazycred::blocking::Client;
use lazycred::{Config, Flags, Variables};

use crate::support::harness::Sandbox;

const LOCAL: &str = r#"{"s3_path": "file:secrets/", "key_alias": "local:dev"}"#;

/// The variables of a program that runs in the sandbox's home folder.
fn variables(sandbox: &Sandbox, others: &[(&str, &str)]) -> Variables {
    let home = [("HOME".into(), sandbox.home().into())];
    let others = others
        .iter()
        .map(|(name, value)| (name.into(), value.into()));
    Variables::new(home.into_iter().chain(others), sandbox.home())
}

#[test]
fn no_file_and_no_variable_changes_what_a_program_gives() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "of the store that is given");
    // Neither a checkout's file nor what a shell exports is looked at.
    sandbox.write(".lazycred", "{ invalid");
    let others = [
        ("LAZYCRED_S3_PATH", "file:elsewhere/"),
        ("LAZYCRED_KEY_ALIAS", "a b"),
        ("LAZYCRED_CONFIG", "no-such-file"),
        ("LAZYCRED_ENVIRONMENT", "prod"),
    ];
    let variables = variables(&sandbox, &others);
    assert!(Config::resolve(&Flags::default(), &variables).is_err());
    let client = Client::new(Config::from_members(LOCAL, &variables).unwrap()).unwrap();
    let secret = client.get("s").unwrap();
    assert_eq!(secret.as_bytes(), b"of the store that is given");
    client.put("t", "x").unwrap();
    sandbox.write(".lazycred", LOCAL);
    sandbox.prints("get t", "x");
}

#[test]
fn what_is_missing_is_asked_for_where_the_program_gives_it() {
    let sandbox = Sandbox::new();
    let members = r#"{"s3_path": "acme/prod/", "key_alias": "acme"}"#;
    let config = Config::from_members(members, &variables(&sandbox, &[])).unwrap();
    let error = Client::new(config).unwrap_err();
    assert_eq!((error.kind(), error.exit_code()), ("usage", 2));
    let hint = error.hint().unwrap();
    assert!(hint.contains("to the configuration given"), "{hint}");
    assert!(!fs::exists(sandbox.home().join(".lazycred")).unwrap());
}
