//! Records, as a store has them: any bytes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{DATA_KEY, is_safe};
use crate::base::base64;
use crate::record::{Created, Head, Kind, LAST_GENERATION, Record, Token, V1, V2, fernet};

/// The most members that a key is bound to.
const CONTEXT: usize = 7;

/// Any bytes are a record or an error, and a record that is written again is the same.
pub fn record_parse(input: &[u8]) {
    let (meant, claims) = (Record::is_meant(input), Record::claims_a_version(input));
    assert!(meant || !claims);
    match Record::parse(input) {
        Ok(Record::V1(record)) => {
            assert!(meant);
            opens(&record.token);
            if let Some(token) = fernet::canonical(&record.token) {
                let (token, wrapped) = (token.into_owned(), record.wrapped);
                let again = V1 {
                    token: token.as_str().into(),
                    wrapped: wrapped.clone(),
                };
                let written = again.into_bytes();
                let Ok(Record::V1(read)) = Record::parse(&written) else {
                    panic!("no record of version 1");
                };
                assert_eq!((&*read.token, &read.wrapped), (&*token, &wrapped));
                assert_eq!(read.into_bytes(), written);
            }
        }
        Ok(Record::V2(record)) => {
            assert!(meant && claims);
            assert_eq!(record.context("s3://acme/prod/db").len(), CONTEXT);
            opens(record.token.as_str());
        }
        Err(error) => {
            is_safe(&error.to_string());
            is_safe(&error.detail());
            is_safe(error.hint().unwrap_or_default());
        }
    }
}

/// Opens a token from its text, and again from within other bytes.
fn opens(token: &str) {
    let whole = fernet::open(&DATA_KEY, token);
    let around = format!("<{token}>").into_bytes();
    let within = fernet::open_in(&DATA_KEY, around, 1..1 + token.len());
    match (whole, within) {
        (Ok(one), Ok(other)) => assert_eq!(one.as_bytes(), other.as_bytes()),
        (one, other) => {
            let why = [one, other].map(|opened| opened.err().map(|error| error.to_string()));
            assert_eq!(why[0], why[1]);
        }
    }
}

/// Reading and writing change nothing, and no two documents are the same record but for
/// what JSON leaves open: white space, the order of members, and escapes.
pub fn v2_roundtrip(input: &[u8]) {
    if let Ok(Record::V2(record)) = Record::parse(input) {
        let written = record.clone().into_bytes();
        assert_eq!(values(input), values(&written));
        is_kept(&record, &written);
    }
    let (record, change) = made(input);
    let written = record.clone().into_bytes();
    is_kept(&record, &written);
    let changed = change.of(&written);
    match Record::parse(&changed) {
        Ok(Record::V2(other)) => {
            let path = "s3://acme/prod/db";
            let is_same = other.context(path) == record.context(path)
                && other.token == record.token
                && other.wrapped == record.wrapped;
            assert_eq!(is_same, values(&changed) == values(&written));
            assert_eq!(is_same, other == record);
        }
        Ok(Record::V1(_)) => panic!("a change of one byte makes version 1"),
        Err(_) => {}
    }
}

/// Asserts that what is written is the record, and is written so again.
fn is_kept(record: &V2, written: &[u8]) {
    let Ok(Record::V2(read)) = Record::parse(written) else {
        panic!("no record of version 2");
    };
    assert_eq!(&read, record);
    assert_eq!(read.into_bytes(), written);
}

fn values(document: &[u8]) -> BTreeMap<String, Value> {
    serde_json::from_slice(document).expect("an object")
}

/// One change of a document.
struct Change {
    at: usize,
    by: u8,
    how: usize,
}

impl Change {
    fn of(&self, document: &[u8]) -> Vec<u8> {
        let mut changed = document.to_vec();
        let at = self.at % changed.len();
        match self.how % 4 {
            0 => changed[at] = self.by,
            1 => changed.insert(at, self.by),
            2 => drop(changed.remove(at)),
            _ => {
                let other = usize::from(self.by) % changed.len();
                changed.swap(at, other);
            }
        }
        changed
    }
}

/// A valid record, and one change, both made of the input.
fn made(input: &[u8]) -> (V2<'static>, Change) {
    let (head, body) = input.split_at(input.len().min(22));
    let mut numbers = [0; 22];
    numbers[..head.len()].copy_from_slice(head);
    let number = |from: usize| {
        let bytes = numbers[from..from + 8].try_into().expect("eight bytes");
        u64::from_le_bytes(bytes)
    };
    let seconds = i64::try_from(number(8) % 253_402_300_800).expect("below a year 10,000");
    let (wrapped, body) = body.split_at(body.len().min(usize::from(numbers[16] % 16)));
    let mut token = vec![0x80];
    token.extend_from_slice(body);
    let blocks = token.len().saturating_sub(73).div_ceil(16);
    token.resize(73 + 16 * blocks, numbers[17]);
    let kinds = [Kind::Json, Kind::Text, Kind::Bytes];
    let tool = format!("lazycred/{}", numbers[18]);
    let record = V2 {
        head: Head {
            generation: number(0) % LAST_GENERATION + 1,
            created: Created::at(seconds).expect("four digits of a year"),
            kind: kinds[usize::from(numbers[17] % 3)],
            tool,
        },
        token: Token::sealed(base64::encode_url_safe(&token)),
        wrapped: if wrapped.is_empty() {
            vec![0]
        } else {
            wrapped.to_vec()
        },
    };
    let change = Change {
        at: usize::from(numbers[19]) << 8 | usize::from(numbers[20]),
        by: numbers[21],
        how: usize::from(numbers[18]),
    };
    (record, change)
}
