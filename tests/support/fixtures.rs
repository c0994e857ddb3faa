//! The golden records, written by the original lazycred 0.2.3 on Python 2.7.
//!
//! Reads `fixtures/golden` and makes the long plaintexts again; how the records
//! were made is in the README there. Knows no server and no program.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// One record and its facts.
#[derive(Clone)]
pub struct Golden {
    /// The secret's name; the object's path is the prefix and this.
    pub name: String,
    /// As stored, byte for byte.
    pub record: Vec<u8>,
    /// `None` for a broken record.
    pub plaintext: Option<Vec<u8>>,
    /// 44 characters; `None` for a broken record.
    pub data_key: Option<String>,
    /// What KMS made of the data key; `None` for a broken record.
    pub wrapped: Option<Vec<u8>>,
}

/// All of them: readable ones first, then the broken ones.
pub fn golden() -> Vec<Golden> {
    let records = manifest()["records"].as_array().expect("records");
    records.iter().map(read).collect()
}

/// The bucket and prefix that they were written to: `golden/app/`.
pub fn s3_path() -> String {
    format!("{}/{}", text(&manifest()["bucket"]), prefix())
}

/// The prefix that they were written under: `app/`.
pub fn prefix() -> String {
    text(&manifest()["prefix"])
}

/// The alias of their wrapping key, without `alias/`.
pub fn key_alias() -> String {
    text(&manifest()["wrapping_key"]["alias"])
}

/// `tests/support/fixtures`.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/fixtures")
}

fn manifest() -> &'static Value {
    static MANIFEST: OnceLock<Value> = OnceLock::new();
    MANIFEST.get_or_init(|| {
        let bytes = fs::read(folder().join("golden/manifest.json")).expect("manifest.json");
        serde_json::from_slice(&bytes).expect("manifest.json is JSON")
    })
}

fn read(entry: &Value) -> Golden {
    let file = text(&entry["file"]);
    let record = fs::read(folder().join("golden").join(&file)).expect("a golden record");
    let plaintext = entry
        .get("plaintext")
        .map(|told| match told["base64"].as_str() {
            Some(base64) => decode(base64),
            None => generate(told),
        });
    Golden {
        name: text(&entry["name"]),
        plaintext,
        data_key: entry.get("data_key").map(text),
        wrapped: entry.get("wrapped").map(|wrapped| decode(&text(wrapped))),
        record,
    }
}

fn generate(told: &Value) -> Vec<u8> {
    let length = told["length"].as_u64().expect("a length");
    let length = usize::try_from(length).expect("a length that fits");
    let bytes = split_mix_64(told["seed"].as_u64().expect("a seed"), length);
    match told["generator"].as_str() {
        Some("splitmix64") => bytes,
        Some("splitmix64-text") => lines(bytes),
        other => panic!("no generator {other:?}"),
    }
}

/// Source: Steele, Lea and Flood, <https://doi.org/10.1145/2714064.2660195>; each word little-endian.
fn split_mix_64(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut out = Vec::with_capacity(length + 8);
    while out.len() < length {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        out.extend((word ^ (word >> 31)).to_le_bytes());
    }
    out.truncate(length);
    out
}

/// Each byte's low six bits choose a letter; every 80th is a newline.
fn lines(mut bytes: Vec<u8>) -> Vec<u8> {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = match at % 80 {
            79 => b'\n',
            _ => letters[usize::from(*byte & 63)],
        };
    }
    bytes
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

fn decode(base64: &str) -> Vec<u8> {
    STANDARD.decode(base64).expect("base64")
}
