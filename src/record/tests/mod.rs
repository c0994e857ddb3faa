//! Version 2: how it is written, and that no document can be read in two ways.

mod told;

use super::*;
use crate::base::Secret;
use crate::base::test_random::Generator;
use crate::record::fernet::{self, DataKey};

fn token(secret: &[u8]) -> String {
    fernet::seal(&DataKey::generate(), &Secret::from(secret))
}

fn record(token: &str) -> V2<'_> {
    V2 {
        head: Head {
            generation: 7,
            created: Created::parse("2026-08-22T14:03:11Z").unwrap(),
            kind: Kind::Json,
            tool: "lazycred/1.0.0".into(),
        },
        token: Token::of(token).unwrap(),
        wrapped: b"hi".to_vec(),
    }
}

fn random_record<'a>(random: &mut Generator, token: &'a str) -> V2<'a> {
    let length = 1 + random.below(64);
    let printable = |byte: usize| char::from(b' ' + u8::try_from(byte).unwrap());
    let tool: String = (0..length).map(|_| printable(random.below(95))).collect();
    let seconds = i64::try_from(random.below(253_402_300_800)).unwrap();
    let generation = 1 + random.next() % LAST_GENERATION;
    let mut wrapped = random.bytes(300);
    wrapped.push(0);
    V2 {
        head: Head {
            generation,
            created: Created::at(seconds).unwrap(),
            kind: *random.pick(&[Kind::Json, Kind::Text, Kind::Bytes]),
            tool,
        },
        token: Token::of(token).unwrap(),
        wrapped,
    }
}

#[test]
fn members_are_written_in_one_order_without_a_space() {
    let token = token(b"x");
    let text = String::from_utf8(record(&token).into_bytes()).unwrap();
    let (head, hash) = text.split_at(115);
    assert_eq!(
        head,
        r#"{"lazycred":2,"gen":7,"created":"2026-08-22T14:03:11Z","type":"application/json","tool":"lazycred/1.0.0","token_sha"#
    );
    let tail = format!(r#"","wrapped_key":"aGk=","token":"{token}"}}"#);
    assert!(hash.starts_with(r#"256":""#) && hash.ends_with(&tail));
    assert_eq!(hash.len(), 6 + 64 + tail.len());
}

#[test]
fn a_context_is_seven_pairs_with_the_path_that_was_fetched() {
    let token = token(b"x");
    let context = record(&token).context("s3://b/p/db");
    let pairs: Vec<(&str, &str)> = context
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let hash = context["lazycred:token-sha256"].clone();
    assert_eq!(hash.len(), 64);
    assert_eq!(
        pairs,
        [
            ("lazycred:created", "2026-08-22T14:03:11Z"),
            ("lazycred:gen", "7"),
            ("lazycred:path", "s3://b/p/db"),
            ("lazycred:token-sha256", &*hash),
            ("lazycred:tool", "lazycred/1.0.0"),
            ("lazycred:type", "application/json"),
            ("lazycred:v", "2"),
        ]
    );
}

#[test]
fn the_type_depends_on_the_whole_secret() {
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    for (secret, kind) in [
        (&b"{}"[..], Kind::Json),
        (b" [1e999, \"\\ud800\"]\r\n", Kind::Json),
        (b"null", Kind::Json),
        (b"5", Kind::Json),
        (&deep, Kind::Json),
        (b"", Kind::Text),
        (b"hunter2", Kind::Text),
        (b"{} {}", Kind::Text),
        (b"{\"a\":1,}", Kind::Text),
        ("\u{feff}{}".as_bytes(), Kind::Text),
        ("é\0".as_bytes(), Kind::Text),
        (b"\"\xff\"", Kind::Bytes),
        (b"\xff", Kind::Bytes),
    ] {
        assert_eq!(Kind::of(secret), kind);
    }
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let mut random = Generator::new(1);
    for _ in 0..2000 {
        let token = token(&random.bytes(100));
        let written = random_record(&mut random, &token);
        let bytes = written.clone().into_bytes();
        let read = Record::parse(&bytes).unwrap();
        let Record::V2(read) = read else {
            panic!("{read:?}")
        };
        assert_eq!(read, written);
        assert_eq!(read.context("p").len(), 7);
        assert_eq!(read.into_bytes(), bytes);
    }
}

/// A context covers every member, so a changed record is bound differently.
#[test]
fn a_changed_byte_gives_the_same_record_an_error_or_another_context() {
    let mut random = Generator::new(2);
    let mut read_otherwise = 0;
    for _ in 0..20_000 {
        let token = token(b"secret");
        let written = random_record(&mut random, &token);
        let mut bytes = written.clone().into_bytes();
        let at = random.below(bytes.len());
        match random.below(3) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes.insert(at, *random.pick(b"0aA \"\\,:{}=\n")),
            _ => {
                bytes.remove(at);
            }
        }
        match Record::parse(&bytes) {
            Ok(Record::V2(read)) if read == written => {}
            Ok(Record::V2(read)) => {
                read_otherwise += 1;
                let same_context = read.context("p") == written.context("p");
                assert!(!same_context || read.wrapped != written.wrapped);
            }
            Ok(Record::V1(_)) => panic!("version 2 was read as version 1"),
            Err(_) => {}
        }
    }
    assert!(read_otherwise > 100, "{read_otherwise}");
}

#[test]
fn no_text_makes_the_reader_panic_or_take_long() {
    let mut random = Generator::new(3);
    let words = br#"{ } [ ] , : " \u0 null 2 "data" "key" "lazycred" "gen""#;
    let mut words: Vec<&[u8]> = words.split(|byte| *byte == b' ').collect();
    words.extend([&b"\xff"[..], b" "]);
    for _ in 0..20_000 {
        let count = random.below(30);
        let text: Vec<u8> = (0..count)
            .flat_map(|_| random.pick(&words).to_vec())
            .collect();
        assert!(!matches!(Record::parse(&text), Ok(Record::V2(_))));
    }
    let deep = [&b"{\"x\":"[..], &b"[".repeat(1_000_000)].concat();
    assert!(Record::parse(&deep).is_err());
    let many = [&b"{"[..], &b"\"x\":0,".repeat(100_000), b"\"x\":0}"].concat();
    assert_eq!(
        Record::parse(&many),
        Err(RecordError::Member { name: "data" })
    );
}

/// A message quotes little of a record's own text, and on one line.
#[test]
fn a_message_about_a_damaged_record_stays_short() {
    let long = "\\n".repeat(1000);
    let text = format!(r#"{{"lazycred": 2, "{long}": 0}}"#);
    let error = Record::parse(text.as_bytes()).unwrap_err().to_string();
    assert!(error.len() < 200 && !error.contains('\n'), "{error}");
    let text = format!(r#"{{"lazycred": {}}}"#, "9".repeat(1000));
    let error = Record::parse(text.as_bytes()).unwrap_err().to_string();
    assert!(error.len() < 200, "{error}");
    assert!(error.contains("a newer lazycred (format 999"), "{error}");
}

#[test]
fn the_members_determine_the_version() {
    let newer = |version: &str| {
        let version = version.into();
        Err(RecordError::Newer { version })
    };
    let no_version = || Err(RecordError::NoVersion);
    let version = |text: &str| Record::parse(text.as_bytes()).map(|record| record.version());
    for (text, expected) in [
        (r#"{"data": "gAAA", "key": "aGk="}"#, Ok(1)),
        (r#"{"data": "gAAA", "key": "aGk=", "lazycred": 2}"#, Ok(1)),
        (r#"{"lazycred": 3, "gen": 1}"#, newer("3")),
        (r#"{"lazycred": 18446744073709551616}"#, newer("184467…")),
        (r#"{"lazycred": 2, "lazycred": 3}"#, newer("3")),
        (r#"{"lazycred": 1}"#, no_version()),
        (r#"{"lazycred": 0}"#, no_version()),
        (r#"{"lazycred": 2.0}"#, no_version()),
        (r#"{"lazycred": "2"}"#, no_version()),
        (r#"{"lazycred": null}"#, no_version()),
        ("null", Err(RecordError::Null)),
        ("", Err(RecordError::NotJson { line: 1, column: 0 })),
    ] {
        assert_eq!(version(text), expected, "{text}");
    }
}
