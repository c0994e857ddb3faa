//! The test vectors of `docs/format.md`: records that a second implementation
//! made, each with what a reader must do with it.
//!
//! Every record lies in a folder store and is wrapped by a key file, so that a
//! case is a configuration and one call of the library.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lazycred::blocking::Client;
use lazycred::{Config, ReadOptions};
use serde::Deserialize;

use crate::support::files::rust_files_below;
use crate::support::moto::Moto;

#[derive(Deserialize)]
struct Vectors {
    wrapping_keys: BTreeMap<String, String>,
    key_alias: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    #[serde(rename = "case")]
    about: String,
    /// The rules of `docs/format.md` that it is about.
    rules: Vec<String>,
    name: String,
    record: Option<String>,
    record_base64: Option<String>,
    /// 0: it opens.
    status: u8,
    /// What it holds, in base64.
    secret: Option<String>,
    /// Whether the wrapping key may be asked before the record is refused.
    #[serde(default)]
    asks: bool,
    #[serde(default)]
    keys: Vec<String>,
    min_format: Option<u8>,
    max_age: Option<String>,
    min_generation: Option<u64>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn vectors(file: &str) -> Vectors {
    let text = fs::read(folder().join(file)).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// `90d` or `1h`.
fn duration(age: &str) -> Duration {
    let (number, unit) = age.split_at(age.len() - 1);
    let hours = number.parse::<u64>().unwrap() * if unit == "d" { 24 } else { 1 };
    Duration::from_secs(hours * 3600)
}

/// A record in a folder, and the wrapping keys.
struct Laid {
    folder: tempfile::TempDir,
    client: Client,
}

impl Laid {
    fn new(vectors: &Vectors, case: &Case) -> Self {
        let folder = crate::support::temporary::folder();
        let record = folder.path().join("secrets").join(&case.name);
        fs::create_dir_all(record.parent().unwrap()).unwrap();
        let bytes = match (&case.record, &case.record_base64) {
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(base64)) => STANDARD.decode(base64).unwrap(),
            _ => panic!("{}: one record", case.about),
        };
        fs::write(record, bytes).unwrap();
        fs::create_dir(folder.path().join("lazycred")).unwrap();
        for (name, text) in &vectors.wrapping_keys {
            let file = folder.path().join(format!("lazycred/{name}.key"));
            fs::write(file, text).unwrap();
        }
        let address = format!("file:{}", folder.path().join("secrets").display());
        let config = Config::new(&address).unwrap();
        let config = config.with_wrapping_key(&vectors.key_alias).unwrap();
        let mut config = config.with_data_home(folder.path());
        for key_alias in &case.keys {
            config = config.with_further_wrapping_key(key_alias).unwrap();
        }
        if let Some(version) = case.min_format {
            config = config.with_min_format(version).unwrap();
        }
        if let Some(age) = &case.max_age {
            config = config.with_max_age(duration(age));
        }
        Self {
            folder,
            client: Client::new(config).unwrap(),
        }
    }

    /// The status, the secret and the message.
    fn read(&self, case: &Case) -> (u8, Option<Vec<u8>>, String) {
        let mut options = ReadOptions::default();
        options.min_generation = case.min_generation;
        match self.client.get_with(&case.name, &options) {
            Ok(secret) => (0, Some(secret.as_bytes().to_vec()), String::new()),
            Err(error) => (error.exit_code(), None, error.to_string()),
        }
    }
}

fn check(file: &str, least: usize) {
    let vectors = vectors(file);
    assert!(vectors.cases.len() >= least, "{}", vectors.cases.len());
    for case in &vectors.cases {
        let laid = Laid::new(&vectors, case);
        let (status, secret, message) = laid.read(case);
        let expected = case.secret.as_ref().map(|base64| STANDARD.decode(base64));
        assert_eq!(status, case.status, "{file}: {}: {message}", case.about);
        assert_eq!(
            secret,
            expected.transpose().unwrap(),
            "{file}: {}",
            case.about
        );
        fs::remove_dir_all(laid.folder.path().join("lazycred")).unwrap();
        let (status, secret, without) = laid.read(case);
        assert_eq!(secret, None, "{file}: {}", case.about);
        if case.status == 0 {
            assert_eq!(status, 2, "{file}: {}: {without}", case.about);
        } else if !case.asks {
            assert_eq!(without, message, "{file}: {}", case.about);
        }
    }
}

#[test]
fn every_vector_of_version_1_is_read_as_it_must_be() {
    check("v1.json", 60);
}

#[test]
fn every_vector_of_version_2_is_read_as_it_must_be() {
    check("v2.json", 80);
}

/// The second implementation is still the one that made them.
#[test]
fn the_vectors_are_what_the_second_implementation_makes() {
    let Some(python) = Moto::python() else { return };
    let mut command = Command::new(python);
    command.arg("-B").arg(folder().join("generate.py"));
    let output = command.arg("check").env_clear().output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{said}");
    let counted = |file: &str| format!("{file}: {} cases\n", vectors(file).cases.len());
    assert_eq!(said, counted("v1.json") + &counted("v2.json"));
}

/// Every rule stands in the document's own table of tests, and what that names
/// is there: vectors that say so, or a test function.
#[test]
fn every_rule_of_the_format_has_a_test() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/format.md")).unwrap();
    let (rules, _) = text.split_once("## 8. Tests").expect("tests");
    let (_, table) = text
        .split_once("| rules | tests |")
        .expect("the table of tests");
    let stated: BTreeSet<&str> = rules
        .lines()
        .filter_map(|line| line.strip_prefix("- **")?.split_once("** "))
        .map(|(rule, _)| rule)
        .collect();
    for line in rules.lines().filter(|line| line.contains("MUST")) {
        assert!(
            line.starts_with("- **") || line.starts_with("MUST "),
            "a rule without a number: {line}"
        );
    }
    let files = ["v1.json", "v2.json"].map(vectors);
    let covered: BTreeSet<&str> = files
        .iter()
        .flat_map(|vectors| &vectors.cases)
        .flat_map(|case| &case.rules)
        .map(String::as_str)
        .collect();
    let mut sources = String::new();
    for folder in ["src", "tests"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for file in rust_files_below(&folder) {
            sources.push_str(&fs::read_to_string(file).unwrap());
        }
    }
    let mut tested = BTreeSet::new();
    for row in table.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for rule in cells[1].split(' ') {
            tested.insert(rule);
            for test in cells[2].split(", ") {
                let name = test.strip_prefix('`');
                if let Some(name) = name.and_then(|name| name.strip_suffix('`')) {
                    assert!(sources.contains(&format!("fn {name}(")), "{name}");
                } else {
                    assert_eq!(test, "vectors");
                    assert!(covered.contains(rule), "no vector for {rule}");
                }
            }
        }
    }
    assert_eq!(tested, stated);
    let unknown: Vec<_> = covered.difference(&stated).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
