//! What holds for every record, name and document: each property for 10,000 cases.
//!
//! `LAZYCRED_TEST_LONG=1` takes ten times as many, which are others on every run.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};
use serde_json::{Map, Value};

use crate::backends::store::{Stored, now};
use crate::base::base64::{self, Alphabet};
use crate::base::{ObjectPath, Place, Reference, Secret, SecretName, is_hidden, pointer};
use crate::client::Client;
use crate::client::sealer::{Demands, Sealer};
use crate::plaintext::export::{self, Export, Step};
use crate::plaintext::flatten::flatten;
use crate::plaintext::rules::{Arrays, Case, Null, Rules};
use crate::plaintext::vars::Var;
use crate::plaintext::{dotenv, json, pick, set_field};
use crate::record::fernet::{self, DataKey};
use crate::record::{Created, Head, Kind, LAST_GENERATION, Record, Token, V1, V2, is_bindable};

/// The cases of each property.
const CASES: u32 = 10_000;

/// Checks a property for [`CASES`] cases, and shows the simplest that breaks it.
#[track_caller]
fn holds<S: Strategy>(cases: &S, property: impl Fn(S::Value) -> TestCaseResult)
where
    S::Value: Debug,
{
    let is_long = std::env::var_os("LAZYCRED_TEST_LONG").is_some_and(|value| value == "1");
    let mut config = Config::with_cases(CASES * if is_long { 10 } else { 1 });
    config.failure_persistence = None;
    config.max_shrink_iters = 2000;
    config.max_global_rejects = 100 * CASES;
    let mut runner = if is_long {
        TestRunner::new(config)
    } else {
        let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        TestRunner::new_with_rng(config, seed)
    };
    let held = Cell::new(0);
    let outcome = runner.run(cases, |case| {
        property(case)?;
        held.set(held.get() + 1);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(held.get() >= CASES, "{} cases", held.get());
}

/// There are at least twelve.
#[test]
fn twelve_properties_or_more_are_checked() {
    let calls = include_str!("properties.rs")
        .matches("\n    holds(")
        .count();
    assert!(calls >= 12, "{calls}");
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..=most)
}

/// Texts, often of characters that some format quotes.
fn text() -> impl Strategy<Value = String> {
    let special = select(
        "'\"\\$`#=: \t\n\r!{}[]%&*-~é\u{2028}\u{1f511}\u{85}\u{0}aB0_"
            .chars()
            .collect::<Vec<_>>(),
    );
    prop_oneof![
        3 => vec(special, 0..12).prop_map(|chars| chars.into_iter().collect::<String>()),
        1 => any::<String>(),
    ]
}

/// Names that a record of version 2 may have.
fn bindable() -> impl Strategy<Value = String> {
    let segment = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,5}";
    vec(segment, 1..4).prop_map(|segments| segments.join("/"))
}

fn head() -> impl Strategy<Value = Head> {
    let kind = select(vec![Kind::Json, Kind::Text, Kind::Bytes]);
    let seconds = -62_135_596_800_i64..253_402_300_800;
    (1..=LAST_GENERATION, seconds, kind, "[ -~]{1,64}").prop_map(
        |(generation, seconds, kind, tool)| Head {
            generation,
            created: Created::at(seconds).expect("a year of four digits"),
            kind,
            tool,
        },
    )
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

fn place(name: &str) -> Place {
    crate::base::test_support::place("s3://acme/", "prod/", name)
}

fn sealer(version: u8) -> Sealer {
    let mut sealer = Client::in_memory().sealer;
    sealer.formats.write = version;
    sealer
}

fn stored(bytes: Vec<u8>) -> Stored {
    Stored::new(bytes, "e", None)
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

/// JSON objects with names that are likely to collide as variables.
fn object() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~é]{0,8}".prop_map(Value::from),
    ];
    let name = || prop_oneof![3 => "[aAbB1_.-]{1,3}", 1 => "[ -~é/~]{1,6}"];
    let value = scalar.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            2 => btree_map(name(), inner.clone(), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
            1 => vec(inner, 0..3).prop_map(Value::from),
        ]
    });
    let name = prop_oneof![3 => "[aAbB1_.-]{1,3}", 1 => "[ -~é/~]{1,6}"];
    btree_map(name, value, 0..5).prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// What a field is set to.
fn value() -> impl Strategy<Value = Value> {
    let values = r#"[null, 1, -0.5, "", "a\"b", [], [1, "x"], {}, {"a": {"b": null}}]"#;
    let values: Vec<Value> = serde_json::from_str(values).expect("JSON");
    select(values)
}

/// Variables with different names.
fn variables() -> impl Strategy<Value = Vec<Var>> {
    // No variable holds a NUL.
    let value = text().prop_map(|text| text.replace('\0', "0"));
    btree_map("[A-Z_][A-Z0-9_]{0,6}", value, 0..4).prop_map(|values| {
        let variable = |(name, value): (String, String)| Var {
            name: name.parse().expect("a variable's name"),
            value: Some(value.as_str().into()),
            reference: "db".to_owned(),
            path: String::new(),
            named: false,
        };
        values.into_iter().map(variable).collect()
    })
}

/// The variables in a format, and their values; `None` where it cannot have one of them.
fn exported(format: Export, variables: &[Var]) -> Option<(Secret, BTreeMap<String, String>)> {
    let first: SecretName = "db".parse().expect("a name");
    let text = export::write(format, variables, (Step::Variables, ""), &first).ok()?;
    let value = |variable: &Var| {
        let value = variable.value.as_ref().map(crate::base::test_support::text);
        (variable.name.to_string(), value.unwrap_or_default())
    };
    Some((text, variables.iter().map(value).collect()))
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
    let request = || ("[a-z]{3,8}", "[ -~é]{0,9}", bindable());
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
    let space = || "[ \t\r\n]{0,3}";
    let unknown = prop_oneof![
        Just(String::new()),
        Just(r#""x": [NaN, {"data": 5}],"#.to_owned()),
        "[a-z]{5,8}".prop_map(|name| format!(r#""{name}": 1e999,"#)),
        Just(r#""data": null, "key": "no","#.to_owned()),
    ];
    holds(
        &(token(), wrapped(), space(), unknown, any::<bool>()),
        |(token, wrapped, space, unknown, swapped)| {
            let key = base64::encode(&wrapped);
            let escaped: String = token
                .chars()
                .map(|c| format!("\\u{:04x}", u32::from(c)))
                .collect();
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

#[test]
fn base64_is_read_in_any_spelling_and_written_in_one() {
    let noise = "[ \n\r\t%!é\u{0}]{0,3}";
    holds(
        &(
            bytes(60),
            noise,
            any::<prop::sample::Index>(),
            any::<bool>(),
        ),
        |(raw, noise, at, safe)| {
            let (alphabet, text) = if safe {
                (Alphabet::UrlSafe, base64::encode_url_safe(&raw))
            } else {
                (Alphabet::Standard, base64::encode(&raw))
            };
            let at = at.index(text.len() + 1);
            let spelt = format!("{}{noise}{}", &text[..at], &text[at..]);
            prop_assert_eq!(
                base64::decode(spelt.as_bytes(), alphabet),
                Some(raw.clone())
            );
            if safe {
                let canonical = base64::canonical_url_safe(&spelt);
                prop_assert_eq!(canonical.as_deref(), Some(&*text));
                let standard = base64::encode(&raw);
                let canonical = base64::canonical_url_safe(&standard);
                prop_assert_eq!(canonical.as_deref(), Some(&*text));
            }
            Ok(())
        },
    );
}

#[test]
fn a_time_has_one_spelling_that_sorts_as_the_time_does() {
    let seconds = || -62_135_596_800_i64..253_402_300_800;
    holds(&(seconds(), seconds()), |(one, other)| {
        let [first, second] =
            [one, other].map(|seconds| Created::at(seconds).expect("a year of four digits"));
        prop_assert_eq!(Created::parse(&first.to_string()), Some(first.clone()));
        prop_assert_eq!(first.to_string().cmp(&second.to_string()), one.cmp(&other));
        let age = u64::try_from(other.saturating_sub(one)).unwrap_or(0);
        prop_assert_eq!(first.age(&second).as_secs(), age);
        Ok(())
    });
}

#[test]
fn a_name_can_be_bound_only_if_it_is_spelt_as_the_format_says() {
    let name = prop_oneof![bindable(), "[a./-]{0,6}", text(), "[a-z]{505,515}"];
    holds(&name, |name| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-');
        let segments = |name: &str| {
            !name
                .split('/')
                .any(|segment| ["", ".", ".."].contains(&segment))
        };
        let expected = name.chars().count() <= 512 && name.chars().all(plain) && segments(&name);
        prop_assert_eq!(is_bindable(&name), expected);
        Ok(())
    });
}

#[test]
fn a_name_is_one_word_of_a_shell_and_one_reference() {
    holds(&text(), |text| {
        let Ok(name) = text.parse::<SecretName>() else {
            prop_assert!(text.is_empty() || text.contains('\0'));
            return Ok(());
        };
        prop_assert_eq!(name.as_str(), &text);
        // What a terminal would hide is in quotes that the crate does not know.
        let hidden = text.contains(is_hidden);
        let words = (!hidden).then(|| shell_words::split(&name.argument()).expect("words"));
        let expected = if text.starts_with('-') {
            vec!["--", &text]
        } else {
            vec![&*text]
        };
        prop_assert!(
            words.as_ref().is_none_or(|words| *words == expected),
            "{:?}",
            words
        );
        let mut typed = String::new();
        for c in text.chars() {
            match c {
                '#' | '@' | '%' | '=' | '+' => typed.push_str(&format!("%{:02X}", u32::from(c))),
                c => typed.push(c),
            }
        }
        let reference: Reference = typed.parse().expect("a reference");
        prop_assert_eq!((reference.name, reference.version), (name, None));
        Ok(())
    });
}

/// How many variables a value becomes.
fn leaves(value: &Value, nulls: bool, indexed: bool) -> usize {
    match value {
        Value::Object(members) => members
            .values()
            .map(|value| leaves(value, nulls, indexed))
            .sum(),
        Value::Array(items) if indexed => items
            .iter()
            .map(|value| leaves(value, nulls, indexed))
            .sum(),
        Value::Null => usize::from(nulls),
        _ => 1,
    }
}

#[test]
fn each_leaf_becomes_a_variable_of_its_own_or_there_is_an_error() {
    let rules =
        (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(keep, index, empty)| Rules {
            case: if keep { Case::Keep } else { Case::Upper },
            arrays: if index { Arrays::Index } else { Arrays::Json },
            null: if empty { Null::Empty } else { Null::Omit },
            ..Rules::default()
        });
    let (flat, refused) = (Cell::new(0), Cell::new(0));
    holds(&(object(), rules), |(object, rules)| {
        let text = object.to_string();
        let document = json::document(text.as_bytes()).expect("JSON");
        let Ok(made) = flatten(document, &rules, None, "") else {
            refused.set(refused.get() + 1);
            return Ok(());
        };
        let names: BTreeSet<&str> = made
            .leaves
            .iter()
            .map(|leaf| leaf.variable.as_str())
            .collect();
        let paths: BTreeSet<&str> = made.leaves.iter().map(|leaf| &*leaf.path).collect();
        let expected = leaves(
            &object,
            rules.null == Null::Empty,
            rules.arrays == Arrays::Index,
        );
        prop_assert_eq!([names.len(), paths.len(), made.leaves.len()], [expected; 3]);
        flat.set(flat.get() + 1);
        Ok(())
    });
    assert!(
        flat.get() > 5000 && refused.get() > 200,
        "{flat:?} {refused:?}"
    );
}

#[test]
fn a_field_that_is_set_is_read_back_and_no_other_changes() {
    let steps = vec(prop_oneof!["[aAbB1_.-]{1,3}", "[ -~é/~]{1,6}"], 1..4);
    let set = Cell::new(0);
    holds(&(object(), steps, value()), |(object, steps, value)| {
        let before = Secret::from(object.to_string().as_str());
        let Ok(after) = set_field::set(&before, &steps, value.to_string().as_bytes()) else {
            return Ok(());
        };
        set.set(set.get() + 1);
        // What RFC 6901 says of the same document.
        let mut expected = object;
        let mut at = &mut expected;
        for step in &steps {
            at = match at {
                // An element was appended, which has no name to be read by.
                Value::Array(items) => match step.parse::<usize>() {
                    Ok(index) if index < items.len() => &mut items[index],
                    _ => return Ok(()),
                },
                Value::Object(members) => members
                    .entry(step)
                    .or_insert_with(|| Value::Object(Map::new())),
                _ => return Err(TestCaseError::fail("a field of what has none")),
            };
        }
        *at = value.clone();
        let whole: Value = serde_json::from_slice(after.as_bytes()).expect("JSON");
        prop_assert_eq!(whole, expected);
        let document = json::document(after.as_bytes()).expect("JSON");
        let (found, path) = pick::pick(document, &steps).expect("the field");
        prop_assert_eq!(
            &serde_json::from_str::<Value>(found.get()).expect("JSON"),
            &value
        );
        let expected = steps
            .iter()
            .fold(String::new(), |path, step| pointer(&path, step));
        prop_assert_eq!(path, expected);
        Ok(())
    });
    assert!(set.get() > 2000, "{set:?}");
}

#[test]
fn a_new_field_that_is_removed_again_leaves_the_document_as_it_was() {
    holds(
        &(object(), "[xyz][ -~é]{0,5}", value()),
        |(object, name, value)| {
            prop_assume!(object.get(&name).is_none());
            let (before, steps) = (Secret::from(object.to_string().as_str()), [name]);
            let with = set_field::set(&before, &steps, value.to_string().as_bytes()).expect("set");
            let without = set_field::unset(&with, &steps).expect("unset");
            prop_assert_eq!(without.as_bytes(), before.as_bytes());
            Ok(())
        },
    );
}

#[test]
fn dotenv_is_read_back_as_it_was_exported() {
    let read = Cell::new(0);
    holds(&variables(), |variables| {
        let Some((text, expected)) = exported(Export::Dotenv, &variables) else {
            return Ok(());
        };
        let pairs = dotenv::parse(text.as_bytes());
        let pairs = pairs.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let found: BTreeMap<String, String> = pairs
            .iter()
            .map(|pair| {
                (
                    pair.name.clone(),
                    crate::base::test_support::text(&pair.value),
                )
            })
            .collect();
        prop_assert_eq!(found, expected);
        read.set(read.get() + 1);
        Ok(())
    });
    assert!(read.get() > 1000, "{read:?}");
}

#[test]
fn json_yaml_and_a_shell_read_back_what_was_exported() {
    holds(&variables(), |variables| {
        if let Some((text, expected)) = exported(Export::Json, &variables) {
            let found: BTreeMap<String, String> =
                serde_json::from_slice(text.as_bytes()).expect("JSON");
            prop_assert_eq!(found, expected);
        }
        if let Some((text, expected)) = exported(Export::Shell, &variables) {
            let words = shell_words::split(&crate::base::test_support::text(&text)).expect("words");
            let found: BTreeMap<String, String> = words
                .iter()
                .filter_map(|word| word.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            prop_assert_eq!(found, expected);
        }
        if let Some((text, expected)) = exported(Export::Yaml, &variables) {
            use saphyr::LoadableYamlNode as _;
            let text = crate::base::test_support::text(&text);
            let documents = saphyr::Yaml::load_from_str(&text).expect("YAML");
            let mapping = documents[0].as_mapping().expect("a mapping");
            let found: BTreeMap<String, String> = mapping
                .iter()
                .filter_map(|(name, value)| {
                    Some((name.as_str()?.to_owned(), value.as_str()?.to_owned()))
                })
                .collect();
            prop_assert_eq!(found, expected);
        }
        Ok(())
    });
}
