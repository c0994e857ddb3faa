//! The test vectors of `docs/format.md`: records, each with what a reader must do
//! with it; and the second implementation of that page, which reads them too.
//!
//! Every record lies in a folder store and is wrapped by a key file, so that a
//! case is a configuration and one call of the library.

mod rules;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lazycred::blocking::Client;
use lazycred::{Config, ReadOptions};
use serde::Deserialize;

use crate::support::harness::Sandbox;
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
    /// `None` for no record at all, unless there is `record_base64`.
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
            (Some(text), None) => Some(text.clone().into_bytes()),
            (None, Some(base64)) => Some(STANDARD.decode(base64).unwrap()),
            (None, None) => None,
            _ => panic!("{}: one record", case.about),
        };
        // A folder cannot have a file of the name `..`.
        let mut parts = case.name.split('/');
        if let Some(bytes) = bytes.filter(|_| parts.all(|part| part != "..")) {
            fs::write(record, bytes).unwrap();
        }
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
    let faults = vectors.cases.iter().filter(|case| case.status != 0);
    assert!(faults.count() >= least / 2);
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
    check("v1.json", 140);
}

#[test]
fn every_vector_of_version_2_is_read_as_it_must_be() {
    check("v2.json", 200);
}

/// Each member of a record is lacking, there twice, of another type, edited and too
/// long in some case.
#[test]
fn each_member_of_a_record_is_wrong_in_each_way() {
    let ways = |file: &str, name: &str| {
        let cases = vectors(file).cases.into_iter();
        let of_it = cases.filter(|case| case.status == 4);
        let about: Vec<String> = of_it.map(|case| case.about).collect();
        let name = format!("`{name}`");
        let any = |told: &[String]| told.iter().any(|told| about.contains(told));
        let is = |value: &str| format!("{name} is {value}");
        let types = ["null", "true", "[]", "{}", "5", "7"].map(is);
        [
            any(&[format!("no {name}")]),
            any(&[format!("{name} twice")])
                || about
                    .iter()
                    .any(|told| told == &format!("the first of two {name}")),
            any(&types),
        ]
    };
    for name in ["data", "key"] {
        assert_eq!(ways("v1.json", name), [true; 3], "{name}");
    }
    let names = "lazycred gen created type tool token_sha256 wrapped_key token";
    for name in names.split(' ') {
        assert_eq!(ways("v2.json", name), [true; 3], "{name}");
    }
    // What is edited or too long, by the name of its case.
    for (file, cases) in [
        (
            "v1.json",
            &[
                "one character of the token's MAC is another",
                "a token with a block more",
                "the wrapped data key changed",
                "`key` with bytes behind the token",
            ][..],
        ),
        (
            "v2.json",
            &[
                "`lazycred` is 1",
                "`lazycred` is 20, of a newer format",
                "another generation than was bound",
                "`gen` is 9007199254740992",
                "another time than was bound",
                "created at 12026-08-22T14:03:11Z",
                "another type than was bound",
                "type text/plain; charset=utf-8",
                "another tool than was bound",
                "tool with 65 characters",
                "one digit of the hash is another",
                "a hash of 65 digits",
                "`wrapped_key` with one character changed",
                "`wrapped_key` with bytes behind the token",
                "one character of the token is another, under the old hash",
                "a token with a block more, bound",
            ],
        ),
    ] {
        let there = vectors(file).cases;
        for about in cases {
            let mut found = there.iter().filter(|case| case.about == *about);
            assert_eq!(found.next().map(|case| case.status), Some(4), "{about}");
        }
    }
}

/// Runs one of our programs in Python; `None` where there is no Python.
fn python(program: &str, arguments: &[&str], stdin: &[u8]) -> Option<Output> {
    let mut command = Command::new(Moto::python()?);
    command
        .arg("-B")
        .arg(folder().join(program))
        .args(arguments);
    command.env_clear().stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    Some(child.wait_with_output().unwrap())
}

/// What it prints, if it succeeds with no complaint.
#[track_caller]
fn printed(output: Output) -> Vec<u8> {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
    output.stdout
}

/// How many cases each file has, as our programs in Python tell it.
fn counted() -> String {
    let counted = |file: &str| format!("{file}: {} cases\n", vectors(file).cases.len());
    counted("v1.json") + &counted("v2.json")
}

#[test]
fn the_vectors_are_what_their_generator_makes() {
    let Some(made) = python("generate.py", &["check"], b"") else {
        return;
    };
    assert_eq!(printed(made), counted().as_bytes());
}

#[test]
fn a_second_implementation_of_150_lines_reads_every_vector_as_it_must_be() {
    let text = fs::read_to_string(folder().join("format.py")).unwrap();
    assert!(text.lines().count() <= 150, "{}", text.lines().count());
    assert!(text.lines().all(|line| line.len() <= 130));
    let imported = text.lines().filter_map(|line| line.strip_prefix("from "));
    let imported: Vec<&str> = imported.filter_map(|line| line.split(' ').next()).collect();
    let aes = "cryptography.hazmat.primitives.ciphers";
    assert_eq!(
        imported,
        ["datetime", aes],
        "the standard library but for AES"
    );
    let Some(read) = python("check.py", &[], b"") else {
        return;
    };
    assert_eq!(printed(read), counted().as_bytes());
}

#[test]
fn what_a_second_implementation_writes_we_open_and_what_we_write_it_opens() {
    let sandbox = Sandbox::local();
    let key_file = sandbox.local_wrapping_key_file("dev");
    let key_file = sandbox.work().join(key_file);
    let key_file = key_file.to_str().unwrap();
    let store = sandbox.work().join("secrets");
    let store = store.to_str().unwrap();
    let every_byte: Vec<u8> = (0..=255).collect();
    let secrets: [&[u8]; 8] = [
        b"",
        b"x",
        b"hunter2-hunter2\n",
        br#"{"TOKEN": "hunter2-hunter2"}"#,
        " \n[1e400]\r\n".as_bytes(),
        b"[NaN]",
        "pässwörd-pässwörd".as_bytes(),
        &every_byte,
    ];
    let mut exchanged = 0;
    for format in ["1", "2"] {
        let settings = format!(
            r#"{{"s3_path": "file:secrets/", "key_alias": "local:dev", "format": {format}}}"#
        );
        sandbox.write(".lazycred", settings);
        for (at, secret) in secrets.iter().enumerate() {
            let name = format!("of/{format}/{at}");
            let read = ["read", store, key_file, &name];
            let write = ["write", format, store, key_file, &name];
            let file = format!("secrets/{name}");
            let kind = || {
                let record = sandbox.read(&file).unwrap();
                let record: serde_json::Value = serde_json::from_slice(&record).unwrap();
                (
                    record["gen"].as_u64(),
                    record["type"].as_str().map(str::to_owned),
                )
            };
            let Some(written) = python("format.py", &write, secret) else {
                return;
            };
            printed(written);
            sandbox.run(["get", &name]).stdout(secret).ok();
            let theirs = kind();
            sandbox.put(&name, secret);
            assert_eq!(printed(python("format.py", &read, b"").unwrap()), *secret);
            let ours = kind();
            assert_eq!(theirs.1, ours.1, "{name}");
            // Each replaces the other's record.
            printed(python("format.py", &write, secret).unwrap());
            sandbox.run(["get", &name]).stdout(secret).ok();
            let generations = [theirs.0, ours.0, kind().0];
            let expected = if format == "1" {
                [None; 3]
            } else {
                [Some(1), Some(2), Some(3)]
            };
            assert_eq!(generations, expected, "{name}");
            exchanged += 3;
        }
        // Moved, its record opens for neither if it is bound.
        let elsewhere = format!("of/{format}/moved");
        let record = sandbox.read(format!("secrets/of/{format}/3")).unwrap();
        sandbox.write(format!("secrets/{elsewhere}"), record);
        let read = python("format.py", &["read", store, key_file, &elsewhere], b"").unwrap();
        let get = sandbox.run(["get", &elsewhere]).any_stdout().any_stderr();
        let status = if format == "1" { 0 } else { 4 };
        assert_eq!(read.status.code(), Some(status));
        get.status(status);
    }
    let missing = python("format.py", &["read", store, key_file, "nothing"], b"");
    assert_eq!(missing.unwrap().status.code(), Some(3));
    assert_eq!(exchanged, 48);
}
