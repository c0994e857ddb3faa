//! Attacks on records of version 2, by whoever may write to the store: each is
//! refused, and without a question to the keyring where none is needed.

use std::time::Duration;

use super::*;
use crate::base::test_random::Generator;

#[test]
fn a_record_opens_where_it_was_stored_and_nowhere_else() {
    let bench = Bench::new(2);
    let record = bench.seal("db", "hunter2", None);
    assert_eq!(bench.open("db", &record).unwrap().as_bytes(), b"hunter2");
    for elsewhere in ["dc", "Db", "db/x", "x/db"] {
        let (message, asked) = bench.refused(elsewhere, &record);
        assert!(
            asked
                && message.contains("its data key was wrapped by another process, or was changed"),
            "{message}"
        );
    }
}

#[test]
fn parts_of_two_records_of_one_name_do_not_fit_together() {
    let bench = Bench::new(2);
    let first = bench.seal("db", "one", None);
    let second = bench.seal("db", "two", Some(&first));
    for names in [
        &["token", "token_sha256"][..],
        &["wrapped_key"],
        &["gen"],
        &["token", "token_sha256", "gen"],
        &["wrapped_key", "gen"],
    ] {
        let (_, asked) = bench.refused("db", &spliced(&first, &second, names));
        assert!(asked, "{names:?}");
    }
    for names in [&["token"][..], &["token_sha256"]] {
        let (message, asked) = bench.refused("db", &spliced(&first, &second, names));
        assert!(
            !asked && message.contains("is not the hash of"),
            "{message}"
        );
    }
}

#[test]
fn every_member_that_is_edited_stops_the_record() {
    let bench = Bench::new(2);
    let record = bench.seal("db", "hunter2", None);
    for (name, value, asked) in [
        ("lazycred", json!(3), false),
        ("gen", json!(2), true),
        ("created", json!("2020-01-01T00:00:00Z"), true),
        ("type", json!("application/json"), true),
        ("tool", json!("lazycred/9.9.9"), true),
        ("token_sha256", json!("0".repeat(64)), false),
        ("wrapped_key", json!("aGk="), true),
        ("token", json!("gAAAAA"), false),
    ] {
        let mut edited = members(&record);
        edited[name] = value;
        assert_eq!(bench.refused("db", &of(&edited)).1, asked, "{name}");
        edited[name] = Value::Null;
        assert!(!bench.refused("db", &of(&edited)).1, "{name}");
        edited.remove(name);
        assert!(!bench.refused("db", &of(&edited)).1, "{name}");
        let text = String::from_utf8(record.bytes.clone()).unwrap();
        let value = &members(&record)[name];
        let twice = format!("{{\"{name}\":{value},{}", &text[1..]);
        assert!(
            !bench.refused("db", &stored(twice.into_bytes())).1,
            "{name}"
        );
    }
}

#[test]
fn another_wrapping_keys_record_is_refused() {
    let record = Bench::new(2).seal("db", "evil", None);
    assert!(Bench::new(2).refused("db", &record).1);
}

#[test]
fn who_kept_a_data_key_can_forge_version_1_but_not_version_2() {
    for (version, forged) in [(1, true), (2, false)] {
        let bench = Bench::new(version);
        let record = bench.seal("db", "hunter2", None);
        let token = fernet::seal(&bench.data_key("db", &record), &"evil".into());
        let mut members = members(&record);
        if version == 1 {
            members["data"] = json!(token);
        } else {
            let hash = Head::new(1, Kind::Text).context("", &Token::of(&token).unwrap());
            members["token_sha256"] = json!(hash["lazycred:token-sha256"]);
            members["token"] = json!(token);
        }
        let opened = bench.open("db", &of(&members));
        assert_eq!(opened.is_ok(), forged, "{version}");
    }
}

#[test]
fn version_1_is_refused_where_version_2_is_the_least_before_the_keyring_is_asked() {
    let mut bench = Bench::new(1);
    let record = bench.seal("db", "old", None);
    assert!(bench.open("db", &record).is_ok());
    bench.sealer.formats.least = 2;
    let (message, asked) = bench.refused("db", &record);
    assert!(
        !asked && message.contains("lazycred 0.2.3 may have written it"),
        "{message}"
    );
}

#[test]
fn the_parts_of_one_version_do_not_open_as_the_other() {
    let mut bench = Bench::new(2);
    let record = members(&bench.seal("db", "hunter2", None));
    let downgraded = json!({"data": record["token"], "key": record["wrapped_key"]});
    let downgraded = stored(downgraded.to_string().into_bytes());
    assert!(bench.refused("db", &downgraded).1);
    bench.sealer.formats.write = 1;
    let old = members(&bench.seal("db", "hunter2", None));
    let mut dressed_up = record;
    let token = Token::of(old["data"].as_str().unwrap()).unwrap();
    let context = Head::new(1, Kind::Text).context("", &token);
    dressed_up["token_sha256"] = json!(context["lazycred:token-sha256"]);
    dressed_up["token"] = old["data"].clone();
    dressed_up["wrapped_key"] = old["key"].clone();
    assert!(bench.refused("db", &of(&dressed_up)).1);
}

#[test]
fn an_old_record_is_noticed_by_its_generation_or_its_age_only() {
    let mut bench = Bench::new(2);
    let old = bench.seal("db", "one", None);
    let new = bench.seal("db", "two", Some(&old));
    assert_eq!((generation(&old), generation(&new)), (1, 2));
    assert!(bench.open("db", &old).is_ok());
    let at_least = |generation| Demands {
        min_generation: Some(generation),
        ..Demands::default()
    };
    assert!(bench.open_with("db", &new, at_least(2)).is_ok());
    let asked = bench.asked.load(Ordering::Relaxed);
    let error = bench.open_with("db", &old, at_least(2)).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("it has generation 1, and at least 2 is asked for"),
        "{error}"
    );
    assert_eq!(error.exit_code(), 4);
    assert_eq!(bench.asked.load(Ordering::Relaxed), asked);

    bench.sealer.formats.max_age = Some(Duration::from_hours(2160));
    assert!(bench.open("db", &new).is_ok());
    let aged = aged(&bench, "db", "2020-01-01T00:00:00Z");
    let (message, asked) = bench.refused("db", &aged);
    assert!(
        !asked && message.ends_with("longer ago than `max_age` (90d) allows"),
        "{message}"
    );
    let future = self::aged(&bench, "db", "2999-01-01T00:00:00Z");
    assert!(bench.open("db", &future).is_ok());
}

/// An authentic record of another time.
fn aged(bench: &Bench, name: &str, created: &str) -> Stored {
    let place = place(name);
    let data_key = DataKey::generate();
    let token = fernet::seal(&data_key, &"aged".into());
    let token = Token::of(&token).unwrap();
    let head = Head {
        created: Created::parse(created).unwrap(),
        ..Head::new(1, Kind::Text)
    };
    let context = head.context(&place.path.identity(), &token);
    let wrapped = now(bench.sealer.keyring.wrap(&place, &data_key, &context)).unwrap();
    stored(
        V2 {
            head,
            token,
            wrapped,
        }
        .into_bytes(),
    )
}

#[test]
fn a_version_1_record_has_no_generation_to_ask_for() {
    let bench = Bench::new(1);
    let record = bench.seal("db", "one", None);
    let demands = Demands {
        min_generation: Some(1),
        ..Demands::default()
    };
    let error = bench.open_with("db", &record, demands).unwrap_err();
    assert!(
        error.to_string().contains("counts no generations"),
        "{error}"
    );
    assert_eq!(
        (error.exit_code(), bench.asked.load(Ordering::Relaxed)),
        (4, 0)
    );
}

#[test]
fn no_changed_byte_gives_another_secret() {
    let mut random = Generator::new(5);
    let bench = Bench::new(2);
    let record = bench.seal("db", "the secret itself", None);
    for _ in 0..3000 {
        let mut changed = record.clone();
        let at = random.below(changed.bytes.len());
        changed.bytes[at] = *random.pick(b"0123456789abcdefABCDEF \"\\,:{}=-_/+");
        if let Ok(secret) = bench.open("db", &changed) {
            assert_eq!(secret.as_bytes(), b"the secret itself");
        }
    }
}
