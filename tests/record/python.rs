//! What Python makes of the same bytes: its base64, and the published lazycred 0.2.3.
//!
//! One process of Python answers many questions in a row.

mod records;

use std::fs;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use lazycred::Config;
use lazycred::blocking::Client;
use serde_json::Value;

use decoder::Alphabet;
use records::Records;

use crate::support::full;
use crate::support::harness::record::local_wrapping_key;
use crate::support::moto::{Original, install};
use crate::support::temporary;

#[path = "../../src/base/base64.rs"]
#[allow(dead_code, reason = "the decoder itself is private")]
mod decoder;

/// The same on every run, unless many are made.
///
/// Source: Steele, Lea and Flood, <https://doi.org/10.1145/2714064.2660195>.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most + 1))
            .map(|_| self.next().to_le_bytes()[3])
            .collect()
    }
}

/// Has a process answer each request so many times; `seen` gets each request and its answers.
fn ask(
    mut command: Command,
    requests: &[Vec<u8>],
    answers: usize,
    mut seen: impl FnMut(&[u8], &[Option<Vec<u8>>]),
) {
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut stdin = BufWriter::new(stdin);
            for request in requests {
                let length = u32::try_from(request.len()).unwrap();
                stdin.write_all(&length.to_be_bytes()).unwrap();
                stdin.write_all(request).unwrap();
            }
        });
        let mut stdout = BufReader::new(stdout);
        let mut answer = || {
            let mut length = [0; 4];
            stdout.read_exact(&mut length).expect("an answer");
            let length = u32::from_be_bytes(length);
            let mut bytes = vec![
                0;
                if length == u32::MAX {
                    0
                } else {
                    length as usize
                }
            ];
            stdout.read_exact(&mut bytes).expect("a whole answer");
            (length != u32::MAX).then_some(bytes)
        };
        for request in requests {
            let answers: Vec<_> = (0..answers).map(|_| answer()).collect();
            seen(request, &answers);
        }
    });
    assert!(child.wait().unwrap().success());
}

/// Base64 in some spelling, or something like it.
fn spelt(random: &mut Random) -> Vec<u8> {
    let raw = random.bytes(45);
    let mut text = match random.below(5) {
        0 => URL_SAFE.encode(raw),
        1..=3 => STANDARD.encode(raw),
        _ => {
            let few = b"A=B+/-_ \n";
            (0..random.below(12))
                .map(|_| char::from(few[random.below(few.len())]))
                .collect()
        }
    }
    .into_bytes();
    let odd = b"=\n\r\t -_+/%!A9\0\x7f";
    for _ in 0..random.below(5) {
        let at = random.below(text.len() + 1);
        match random.below(8) {
            0..=2 => text.insert(at, odd[random.below(odd.len())]),
            3 => text.insert(at, random.next().to_le_bytes()[0]),
            4 if at < text.len() => {
                text.remove(at);
            }
            5 if at < text.len() => text[at] = random.next().to_le_bytes()[0],
            6 => text.truncate(at),
            _ => text.extend_from_within(at..),
        }
    }
    text
}

/// The Pythons of this machine: one of version 2.7, and one of version 3.
fn pythons() -> Vec<PathBuf> {
    let versions = [
        (
            &["2.7"][..],
            "import sys; sys.exit(sys.version_info[:2] != (2, 7))",
        ),
        (
            &["3.13", "3.12", "3.11", "3.10"],
            "import sys; sys.exit(sys.version_info[0] != 3)",
        ),
    ];
    let found = versions.map(|(versions, probe)| install::python(versions, probe));
    let mut pythons = Vec::new();
    for (python, (versions, _)) in found.iter().zip(versions) {
        match python {
            Ok(python) => pythons.push(python.clone()),
            // The other has the same decoder.
            Err(reason) => full::skip(&format!("Python {}", versions[0]), &reason.to_string()),
        }
    }
    if pythons.is_empty() {
        full::or_skip("Python", "neither 2.7 nor 3 is installed");
    }
    pythons
}

#[test]
fn base64_is_read_as_python_reads_it() {
    let (count, batch) = (full::many(200_000, 10_000_000), 50_000);
    for (python, seed) in pythons().into_iter().zip(1..) {
        let mut random = Random(seed);
        let (mut asked, mut refused) = (0, 0);
        while asked < count {
            let texts: Vec<_> = (0..batch).map(|_| spelt(&mut random)).collect();
            let mut command = install::clean(&python);
            command
                .arg("-B")
                .arg(install::sources().join("decoders.py"));
            command.arg("base64");
            ask(command, &texts, 2, |text, python| {
                let ours = [Alphabet::Standard, Alphabet::UrlSafe]
                    .map(|alphabet| decoder::decode(text, alphabet));
                assert_eq!(ours, python, "{:?}", String::from_utf8_lossy(text));
                if let Ok(text) = std::str::from_utf8(text) {
                    let canonical = decoder::canonical_url_safe(text);
                    let expected = python[1].as_ref().map(|bytes| URL_SAFE.encode(bytes));
                    assert_eq!(canonical.as_deref(), expected.as_deref(), "{text:?}");
                }
                asked += 1;
                refused += usize::from(python[0].is_none());
            });
        }
        assert!(asked >= 200_000, "{asked}");
        assert!(
            refused > asked / 10 && refused < asked / 2,
            "{refused} of {asked}"
        );
    }
}

/// Whatever it reads, we read; what it refuses, we may read.
#[test]
fn each_record_that_the_original_reads_is_read_the_same() {
    let Some(mut command) = Original::program("decoders.py") else {
        return;
    };
    command.args(["records", "dev", &local_wrapping_key()]);
    let folder = temporary::folder();
    let (store, keys) = (
        folder.path().join("secrets"),
        folder.path().join("lazycred"),
    );
    fs::create_dir(&store).unwrap();
    fs::create_dir(&keys).unwrap();
    fs::write(keys.join("dev.key"), local_wrapping_key()).unwrap();
    let config = Config::new(&format!("file:{}", store.display())).unwrap();
    let config = config.with_wrapping_key("local:dev").unwrap();
    let client = Client::new(config.with_data_home(folder.path())).unwrap();
    let mut records = Records::new(6);
    let records: Vec<_> = (0..full::many(20_000, 200_000))
        .map(|_| records.next())
        .collect();
    let (mut asked, mut read, mut only_ours) = (0, 0, 0);
    ask(command, &records, 1, |record, python| {
        fs::write(store.join("db"), record).unwrap();
        let ours = client.get("db").map(|secret| secret.as_bytes().to_vec());
        asked += 1;
        if let Some(secret) = &python[0] {
            assert_eq!(
                ours.as_ref().ok(),
                Some(secret),
                "{:?}: {ours:?}",
                String::from_utf8_lossy(record)
            );
            read += 1;
        } else {
            only_ours += usize::from(ours.is_ok());
        }
    });
    assert!(asked >= 20_000, "{asked}");
    assert!(
        read > asked / 5 && read < asked * 9 / 10,
        "{read} of {asked}"
    );
    assert!(only_ours < asked / 20, "{only_ours} of {asked}");
}

/// The vectors of version 1 say what it does, but for letters that it cannot take.
#[test]
fn the_original_opens_the_vectors_that_open_and_no_others() {
    let Some(mut command) = Original::program("decoders.py") else {
        return;
    };
    let text = install::sources().join("../../vectors/v1.json");
    let vectors: Value = serde_json::from_slice(&fs::read(text).unwrap()).unwrap();
    let key = vectors["wrapping_keys"]["vectors"].as_str().unwrap();
    command.args(["records", "vectors", key]);
    let cases = vectors["cases"].as_array().unwrap().iter();
    let cases: Vec<&Value> = cases
        .filter(|case| case["min_format"].is_null() && case["min_generation"].is_null())
        .collect();
    let stored = |case: &&Value| match (case["record"].as_str(), case["record_base64"].as_str()) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (_, Some(base64)) => STANDARD.decode(base64).unwrap(),
        _ => Vec::new(),
    };
    let records: Vec<_> = cases.iter().map(stored).collect();
    let mut case = cases.iter();
    ask(command, &records, 1, |_, python| {
        let case = case.next().unwrap();
        if case["case"] != "a token with signs of no alphabet" {
            let secret = case["secret"]
                .as_str()
                .map(|base64| STANDARD.decode(base64).unwrap());
            assert_eq!(python[0], secret, "{}", case["case"]);
        }
    });
    assert!(cases.len() > 140, "{}", cases.len());
}
