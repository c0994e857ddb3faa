//! Which version is written over what, and under which names.

use super::*;
use crate::base::test_random::Generator;

#[test]
fn a_new_secret_is_never_of_an_older_version_than_the_one_it_replaces() {
    let (one, two) = (Bench::new(1), Bench::new(2));
    let version = |record: &Stored| Record::parse(&record.bytes).unwrap().version();
    let old = one.seal("db", "x", None);
    let new = two.seal("db", "x", None);
    assert_eq!((version(&old), version(&new)), (1, 2));
    assert_eq!(version(&one.seal("db", "y", Some(&old))), 1);
    assert_eq!(version(&one.seal("db", "y", Some(&new))), 2);
    let upgraded = two.seal("db", "y", Some(&old));
    assert_eq!((version(&upgraded), generation(&upgraded)), (2, 1));
    assert_eq!(generation(&two.seal("db", "z", Some(&upgraded))), 2);

    let damaged = stored([b"{\"x\":0,", &new.bytes[1..]].concat());
    let sealed = now(one.sealer.seal(&place("db"), &"y".into(), Some(&damaged)));
    assert_eq!(sealed.unwrap_err().exit_code(), 4);
    let broken = stored(br#"{"data": "x", "key": null}"#.to_vec());
    assert_eq!(version(&one.seal("db", "y", Some(&broken))), 1);
}

#[test]
fn a_newer_format_and_the_last_generation_are_not_replaced() {
    let bench = Bench::new(2);
    let newer = stored(br#"{"lazycred": 3}"#.to_vec());
    let mut last = members(&bench.seal("db", "x", None));
    last["gen"] = json!(LAST_GENERATION);
    for (current, words) in [
        (newer, "written by a newer lazycred (format 3)"),
        (
            of(&last),
            "generation 9007199254740991 is the last that there is",
        ),
    ] {
        let sealed = now(bench.sealer.seal(&place("db"), &"y".into(), Some(&current)));
        let error = sealed.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.exit_code(), 4);
    }
}

#[test]
fn a_name_that_cannot_be_bound_is_refused_in_writing_and_in_reading() {
    let (one, two) = (Bench::new(1), Bench::new(2));
    let record = two.seal("db", "x", None);
    for name in ["a b", "a//b", "é", &"n".repeat(513)] {
        let sealed = now(two.sealer.seal(&place(name), &"x".into(), None));
        assert_eq!(sealed.unwrap_err().exit_code(), 2, "{name}");
        assert_eq!(
            two.open(name, &record).unwrap_err().exit_code(),
            2,
            "{name}"
        );
        let free = one.seal(name, "x", None);
        assert!(one.open(name, &free).is_ok(), "{name}");
    }
    assert_eq!(two.asked.load(Ordering::Relaxed), 0);
}

#[test]
fn whatever_is_sealed_opens_as_it_was_in_both_versions() {
    let mut random = Generator::new(4);
    for version in [1, 2] {
        let bench = Bench::new(version);
        let mut current = None;
        for _ in 0..300 {
            let secret = Secret::new(random.bytes(200));
            let record =
                stored(now(bench.sealer.seal(&place("db"), &secret, current.as_ref())).unwrap());
            assert_eq!(
                bench.open("db", &record).unwrap().as_bytes(),
                secret.as_bytes()
            );
            if let Some(current) = &current {
                assert_ne!(
                    bench.data_key("db", current).as_bytes(),
                    bench.data_key("db", &record).as_bytes()
                );
            }
            current = Some(record);
        }
    }
}
