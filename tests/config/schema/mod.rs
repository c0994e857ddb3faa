//! `docs/lazycred.schema.json` says of a file what the program says of it.

mod check;
mod table;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};

use self::check::takes;
use self::table::table;
use crate::support::moto::install;
use crate::support::{Sandbox, full};

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/lazycred.schema.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Files of which the program's and the schema's verdicts are compared, with the former.
fn files() -> Vec<(Value, bool)> {
    let mut files = Vec::new();
    for (member, value, taken) in table() {
        let common = || json!({"s3_path": "b/", "key_alias": "k", "region": "eu-west-1"});
        let (mut own, mut chosen) = (common(), common());
        own[&member] = value.clone();
        chosen["environments"] = json!({"e": {member: value}});
        files.extend([(own, taken), (chosen, taken)]);
    }
    for (settings, taken) in [
        (json!({"pin_key": true, "keys": ["a"]}), false),
        (json!({"pin_key": true, "keys": []}), true),
        (json!({"pin_key": false, "keys": ["a"]}), true),
        (json!({"environments": {}}), true),
        (json!({"environments": []}), false),
        (json!({"environments": null}), false),
        (json!({"environments": {"": {}}}), false),
        (json!({"environments": {"a\u{7}": {}}}), false),
        (json!({"environments": {"é ü/$": {}}}), true),
        (json!({"environments": {"a": null}}), false),
        (json!({"environments": {"a": {"environments": {}}}}), false),
        (
            json!({"environments": {"e": {"pin_key": true, "keys": ["a"]}}}),
            false,
        ),
        (
            json!({"environments": {"e": {"format": 3}, "f": {}}}),
            false,
        ),
        (
            json!({"environments": {"e": {}, "f": {"unknown": 1}}}),
            true,
        ),
    ] {
        let mut file = json!({"s3_path": "b/", "key_alias": "k", "region": "eu-west-1"});
        let members = settings.as_object().unwrap().clone();
        file.as_object_mut().unwrap().extend(members);
        files.push((file, taken));
    }
    for no_object in [json!([]), json!("x"), json!(null)] {
        files.push((no_object, false));
    }
    files
}

#[test]
fn the_schema_takes_what_the_program_takes_and_refuses_what_it_refuses() {
    let schema = schema();
    let wrong: Vec<String> = files()
        .into_iter()
        .filter(|(file, taken)| takes(&schema, &schema, file) != *taken)
        .map(|(file, taken)| format!("{file}: {taken}"))
        .collect();
    assert_eq!(wrong, [""; 0]);
}

/// The library, which the program is an ordinary user of: hundreds of runs would take long.
#[test]
fn the_program_says_of_each_of_these_files_what_the_schema_says() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("c.json", "");
    let named = [("LAZYCRED_CONFIG".into(), path.clone().into_os_string())];
    let variables = lazycred::Variables::new(named, sandbox.work());
    let mut wrong = Vec::new();
    for (file, taken) in files() {
        fs::write(&path, file.to_string()).unwrap();
        let chooses = file["environments"]
            .as_object()
            .is_some_and(|all| all.contains_key("e"));
        let flags = lazycred::Flags {
            environment: chooses.then(|| "e".into()),
            // One that has an alias alone gives no store.
            s3_path: file["environments"]["e"]["key_alias"]
                .is_string()
                .then(|| "b/".into()),
            ..lazycred::Flags::default()
        };
        match lazycred::Config::resolve(&flags, &variables) {
            Err(error) if taken => wrong.push(format!("{file}: {error}")),
            Ok(_) if !taken => wrong.push(format!("{file}: taken")),
            _ => {}
        }
        // What a program gives itself is held to the same, but names no environments.
        if file["environments"].is_null() && flags.s3_path.is_none() {
            let given = lazycred::Config::from_members(&file.to_string(), &variables);
            if given.is_ok() != taken {
                wrong.push(format!("{file} as given: {}", given.is_ok()));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

/// By name, what stands in an arm of the function that reads members.
pub fn read() -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/settings.rs");
    let code = fs::read_to_string(file).unwrap();
    let (_, code) = code.split_once("fn member(").unwrap();
    let (code, _) = code.split_once("_ => self.unknown").unwrap();
    let arms = code
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" =>"));
    arms.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn every_member_is_in_the_schema_with_a_description_and_no_other() {
    let schema = schema();
    let mut listed = BTreeSet::new();
    for place in ["/properties", "/definitions/settings/properties"] {
        for (name, member) in schema.pointer(place).unwrap().as_object().unwrap() {
            let description = member["description"].as_str().unwrap_or_default();
            assert!(description.ends_with('.') || name == "$schema", "{name}");
            listed.insert(name.clone());
        }
    }
    assert_eq!(listed, read());
    let tried: BTreeSet<String> = table().into_iter().map(|(name, ..)| name).collect();
    let untried: Vec<&String> = listed.difference(&tried).collect();
    assert_eq!(untried, ["environments"]);
}

/// A Python with `jsonschema`, which is fetched where everything is to run.
fn python() -> Option<PathBuf> {
    const PACKAGE: &str = "jsonschema==4.26.0";
    let has = "from jsonschema import Draft7Validator";
    let here = install::python(&[], has);
    let python = here.or_else(|_| {
        full::refused()?;
        if !full::wanted() && !install::is_there("test-schema", PACKAGE) {
            return Err("LAZYCRED_TEST_FULL=1 fetches it".into());
        }
        let build = |folder: &Path| {
            let probe = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
            let base = install::python(&["3.13", "3.12", "3.11", "3.10"], probe)?;
            let python = install::virtual_environment(&base, folder)?;
            install::pip(&python, folder, &["--only-binary=:all:", PACKAGE])?;
            Ok(PathBuf::from("bin/python"))
        };
        install::once("test-schema", PACKAGE, build).map(|installed| installed.program)
    });
    python
        .map_err(|reason| full::or_skip("jsonschema of Python", &reason.to_string()))
        .ok()
}

/// The files and the schema, by a validator that others wrote.
#[test]
fn an_editors_validator_says_the_same() {
    let script = "
import json, sys
from jsonschema import Draft7Validator
schema, files = json.load(sys.stdin)
Draft7Validator.check_schema(schema)
json.dump([Draft7Validator(schema).is_valid(file) for file in files], sys.stdout)";
    let Some(python) = python() else {
        return;
    };
    let (files, taken): (Vec<Value>, Vec<bool>) = files().into_iter().unzip();
    let mut command = install::clean(&python);
    command
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let asked = json!([schema(), files]).to_string();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(asked.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said: Vec<bool> = serde_json::from_slice(&output.stdout).unwrap();
    let differ: Vec<&Value> = files
        .iter()
        .zip(said.iter().zip(&taken))
        .filter(|(_, (a, b))| a != b)
        .map(|(file, _)| file)
        .collect();
    assert_eq!(differ, [&Value::Null; 0]);
}
