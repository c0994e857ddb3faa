//! Records: what is sealed, what it is bound to, and what opens.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::{bindable, bytes, holds, matching};
use crate::backends::store::{Stored, now};
use crate::base::base64::{self, Alphabet};
use crate::base::{ObjectPath, Place, Secret};
use crate::client::Client;
use crate::client::sealer::{Demands, Sealer};
use crate::record::fernet::{self, DataKey};
use crate::record::{Created, Head, Kind, LAST_GENERATION, Record, Token, V1, V2};

fn head() -> impl Strategy<Value = Head> {
    let kind = select(vec![Kind::Json, Kind::Text, Kind::Bytes]);
    let seconds = -62_135_596_800_i64..253_402_300_800;
    (1..=LAST_GENERATION, seconds, kind, matching("[ -~]{1,64}")).prop_map(
        |(generation, seconds, kind, tool)| Head {
            generation,
            created: Created::at(seconds).expect("a year of four digits"),
            kind,
            tool,
        },
    )
}

fn stored(bytes: Vec<u8>) -> Stored {
    Stored::new(bytes, "e", None)
}

fn sealer(version: u8) -> Sealer {
    let mut sealer = Client::in_memory().sealer;
    sealer.formats.write = version;
    sealer
}

fn place(name: &str) -> Place {
    crate::base::test_support::place("s3://acme/", "prod/", name)
}

fn sealed(sealer: &Sealer, name: &str, secret: &[u8]) -> Stored {
    let record = now(sealer.seal(&place(name), &Secret::from(secret), None));
    stored(record.expect("it can be sealed"))
}

fn opened(sealer: &Sealer, name: &str, record: &Stored, least: Option<u64>) -> Option<Vec<u8>> {
    let demands = Demands {
        from: None,
        min_generation: least,
    };
    let secret = now(sealer.open(&place(name), record.clone(), demands)).ok()?;
    Some(secret.as_bytes().to_vec())
}

/// A token, whose content does not matter to its record.
fn token() -> impl Strategy<Value = String> {
    (bytes(40), vec(any::<u8>(), 32)).prop_map(|(secret, data_key)| {
        let data_key = DataKey::parse(base64::encode_url_safe(&data_key).as_bytes());
        fernet::seal(&data_key.expect("32 bytes"), &Secret::new(secret))
    })
}

fn wrapped() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 1..200)
}

#[test]
fn what_is_sealed_opens_as_it_was() {
    let sealers = [sealer(1), sealer(2)];
    holds(&(bytes(300), 0..2_usize), |(secret, at)| {
        let record = sealed(&sealers[at], "db", &secret);
        prop_assert_eq!(opened(&sealers[at], "db", &record, None), Some(secret));
        Ok(())
    });
}

#[test]
fn a_written_record_is_canonical_and_is_read_as_itself() {
    let sealers = [sealer(1), sealer(2)];
    holds(&(bytes(100), 0..2_usize), |(secret, at)| {
        let bytes = sealed(&sealers[at], "db", &secret).bytes;
        let value: Value = serde_json::from_slice(&bytes).expect("JSON");
        let member = |name: &str| value[name].as_str().expect("text").to_owned();
        let (token, wrapped) = match at {
            0 => (member("data"), member("key")),
            _ => (member("token"), member("wrapped_key")),
        };
        if at == 0 {
            let expected = format!(r#"{{"data": "{token}", "key": "{wrapped}"}}"#);
            prop_assert_eq!(&bytes, expected.as_bytes());
        }
        for (text, alphabet, encode) in [
            (
                token,
                Alphabet::UrlSafe,
                base64::encode_url_safe as fn(&[u8]) -> String,
            ),
            (wrapped, Alphabet::Standard, base64::encode),
        ] {
            let raw = base64::decode(text.as_bytes(), alphabet).expect("base64");
            prop_assert_eq!(encode(&raw), text);
        }
        let again = match Record::parse(&bytes).expect("a record") {
            Record::V1(record) => record.into_bytes(),
            Record::V2(record) => record.into_bytes(),
        };
        prop_assert_eq!(again, bytes);
        Ok(())
    });
}

#[test]
fn a_record_of_version_2_is_parsed_and_written_again_to_the_same_bytes() {
    holds(&(head(), token(), wrapped()), |(head, token, wrapped)| {
        let token = Token::of(&token).expect("a token");
        let written = V2 {
            head,
            token,
            wrapped,
        };
        let bytes = written.clone().into_bytes();
        let Ok(Record::V2(read)) = Record::parse(&bytes) else {
            return Err(TestCaseError::fail("it is not read as version 2"));
        };
        prop_assert_eq!(&read, &written);
        prop_assert_eq!(read.into_bytes(), bytes.clone());
        Ok(())
    });
}

/// Nothing unauthenticated is left that could be changed and not be seen.
#[test]
fn a_changed_byte_gives_the_same_record_an_error_or_another_context() {
    let change = (any::<prop::sample::Index>(), any::<u8>(), 0..3_u8);
    holds(
        &(head(), token(), wrapped(), change),
        |(head, token, wrapped, (at, byte, how))| {
            let token = Token::of(&token).expect("a token");
            let written = V2 {
                head,
                token,
                wrapped,
            };
            let mut bytes = written.clone().into_bytes();
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => {
                    bytes.remove(at);
                }
            }
            match Record::parse(&bytes) {
                Ok(Record::V2(read)) if read == written => {}
                Ok(Record::V2(read)) => {
                    let same = read.context("p") == written.context("p");
                    prop_assert!(!same || read.wrapped != written.wrapped);
                }
                Ok(Record::V1(_)) => return Err(TestCaseError::fail("it is read as version 1")),
                Err(_) => {}
            }
            Ok(())
        },
    );
}

#[test]
fn a_context_has_exactly_seven_pairs_of_which_only_the_path_depends_on_the_request() {
    let request = || (matching("[a-z]{3,8}"), matching("[ -~é]{0,9}"), bindable());
    let path = |(bucket, prefix, name): (String, String, String)| {
        ObjectPath::new(format!("s3://{bucket}/"), format!("{prefix}{name}"))
    };
    holds(
        &(head(), token(), request(), request()),
        |(head, token, one, other)| {
            let token = Token::of(&token).expect("a token");
            let expected = format!("s3://{}/{}{}", one.0, one.1, one.2);
            let [one, other] = [one, other].map(path);
            let context = head.context(&one.identity(), &token);
            let names: Vec<&str> = context.keys().map(String::as_str).collect();
            prop_assert_eq!(
                names.join(" ").replace("lazycred:", ""),
                "created gen path token-sha256 tool type v"
            );
            prop_assert_eq!(&context["lazycred:path"], &expected);
            let mut elsewhere = head.context(&other.identity(), &token);
            elsewhere.insert("lazycred:path".to_owned(), expected);
            prop_assert_eq!(elsewhere, context);
            Ok(())
        },
    );
}

#[test]
fn a_record_of_version_2_opens_at_no_other_name() {
    let sealer = sealer(2);
    holds(
        &(bindable(), bindable(), bytes(40)),
        |(name, other, secret)| {
            prop_assume!(name != other);
            let record = sealed(&sealer, &name, &secret);
            prop_assert_eq!(opened(&sealer, &other, &record, None), None);
            prop_assert_eq!(opened(&sealer, &name, &record, None), Some(secret));
            Ok(())
        },
    );
}

#[test]
fn a_record_opens_from_its_own_generation_down_and_the_next_is_one_higher() {
    let sealer = sealer(2);
    holds(
        &(head(), token(), any::<u64>(), -2..3_i64),
        |(mut head, token, least, near)| {
            head.generation = head.generation.min(LAST_GENERATION - 1);
            let replaced = V2 {
                head: head.clone(),
                token: Token::of(&token).expect("a token"),
                wrapped: vec![0],
            };
            let replaced = stored(replaced.into_bytes());
            let record = now(sealer.seal(&place("db"), &"hunter2".into(), Some(&replaced)));
            let record = stored(record.expect("it can be sealed"));
            let generation = head.generation + 1;
            for least in [least, generation.saturating_add_signed(near)] {
                let opens = opened(&sealer, "db", &record, Some(least)).is_some();
                prop_assert_eq!(opens, least <= generation, "{} {}", least, generation);
            }
            Ok(())
        },
    );
}

#[test]
fn version_1_is_read_the_same_however_its_json_is_written() {
    let space = || matching("[ \t\r\n]{0,3}");
    let unknown = prop_oneof![
        Just(String::new()),
        Just(r#""x": [NaN, {"data": 5}],"#.to_owned()),
        matching("[a-z]{5,8}").prop_map(|name| format!(r#""{name}": 1e999,"#)),
        Just(r#""data": null, "key": "no","#.to_owned()),
    ];
    holds(
        &(token(), wrapped(), space(), unknown, any::<bool>()),
        |(token, wrapped, space, unknown, swapped)| {
            let key = base64::encode(&wrapped);
            let escaped = token.chars().fold(String::new(), |text, c| {
                text + &format!("\\u{:04x}", u32::from(c))
            });
            let (data, key) = (
                format!("\"data\"{space}:\"{escaped}\""),
                format!("\"k\\u0065y\":{space}\"{key}\""),
            );
            let (one, other) = if swapped { (key, data) } else { (data, key) };
            let text = format!("{space}{{{unknown}{one}{space},{other}}}{space}");
            let Ok(Record::V1(read)) = Record::parse(text.as_bytes()) else {
                return Err(TestCaseError::fail(text));
            };
            prop_assert_eq!(
                read,
                V1 {
                    token: token.into(),
                    wrapped
                }
            );
            Ok(())
        },
    );
}
