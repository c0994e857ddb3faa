//! Writes of a record that may be read.

use std::sync::Mutex;

use super::*;

#[test]
fn what_was_replaced_is_told_if_the_store_still_has_it() {
    for (versioned, before, replaced, damaged) in [
        (true, None, None, false),
        (true, Some(RECORD), Some("version-1"), false),
        (true, Some(THEIRS), Some("version-1"), true),
        (false, None, None, false),
        (false, Some(THEIRS), None, false),
    ] {
        let mut store = Odd::new(&[], &[]);
        store.versioned = versioned;
        if let Some(before) = before {
            store = store.with(before);
        }
        let number = 1 + usize::from(before.is_some());
        let named = if versioned { "version" } else { "etag" };
        let written = write(&store, &wanted()).unwrap();
        assert_eq!(written.version, format!("{named}-{number}"));
        assert!(written.changed);
        assert_eq!(written.replaced.as_deref(), replaced);
        assert_eq!(written.damaged, damaged);
        assert_eq!(store.bytes().as_deref(), Some(NEW));
    }
}

#[test]
fn a_record_from_before_versions_is_kept_by_its_etag() {
    let mut store = Odd::new(&[], &[]);
    store.versioned = false;
    let mut store = store.with(RECORD);
    store.versioned = true;
    let written = write(&store, &wanted()).unwrap();
    assert_eq!(written.replaced.as_deref(), Some("etag-1"));
}

#[test]
fn what_stays_as_it_is_is_not_written() {
    let keep = |store: &Odd| {
        let make = |_| async { Ok(None) };
        let wanted = wanted();
        run(writing(store, &wanted, "store", async |writer| {
            writer.write(make).await
        }))
    };
    for (versioned, before, version) in [
        (true, Some(RECORD), "version-1"),
        (false, Some(THEIRS), "etag-1"),
        (true, None, ""),
    ] {
        let mut store = Odd::new(&[], &[]);
        store.versioned = versioned;
        if let Some(before) = before {
            store = store.with(before);
        }
        let (written, _) = keep(&store).unwrap();
        let kept = Written {
            version: version.to_owned(),
            changed: false,
            replaced: None,
            damaged: false,
        };
        assert_eq!(written, kept);
        assert_eq!(store.calls(), "read");
    }
}

#[test]
fn a_precondition_that_does_not_hold_stops_the_write() {
    for (before, precondition, says) in [
        (true, Precondition::Absent, "it already exists"),
        (
            true,
            version("version-7"),
            "the current version is `version-1`, not `version-7`",
        ),
        (
            false,
            version("version-1"),
            "the current version should be `version-1`, but there is none",
        ),
    ] {
        let store = Odd::new(&[], &[]);
        let store = if before { store.with(RECORD) } else { store };
        let result = write(&store, &if_is(precondition));
        failed(
            result,
            "conflict",
            &format!("cannot store `db` (odd://db): {says}"),
            None,
        );
        assert_eq!(store.calls(), "read");
    }
    for (before, precondition) in [
        (false, Precondition::Absent),
        (true, version("version-1")),
        (true, version("etag-1")),
        (true, version("\"etag-1\"")),
    ] {
        let store = Odd::new(&[], &[]);
        let store = if before { store.with(RECORD) } else { store };
        assert!(write(&store, &if_is(precondition)).is_ok());
    }
    let mut store = Odd::new(&[], &[]);
    store.versioned = false;
    let says = "the current version is `etag-1`, not `other`";
    failed(
        write(&store.with(RECORD), &if_is(version("other"))),
        "conflict",
        says,
        None,
    );
    assert!(version("null").check().is_err());
    assert!(version("version-1").check().is_ok());
}

#[test]
fn the_first_characters_of_the_current_version_stand_for_it_alone() {
    let not = "the current version is `version-1`, not";
    let all: &[&str] = &["version-1", "older-one"];
    let two: &[&str] = &["version-1", "version-0"];
    let other: &[&str] = &["version-0"];
    for (given, listed, may_list, expected) in [
        ("versio", all, true, None),
        ("version-", all, true, None),
        ("versi", all, true, Some((not, Some(TOO_SHORT)))),
        ("versions", all, true, Some((not, None))),
        ("version-", other, true, Some((not, None))),
        ("version-", &[], true, Some((not, None))),
        ("version-", all, false, Some((not, Some(UNTOLD)))),
    ] {
        let mut store = Odd::new(&[], &[]).with(RECORD);
        (store.listed, store.may_list) = (listed.to_vec(), may_list);
        let result = write(&store, &if_is(version(given)));
        match expected {
            None => assert!(result.is_ok(), "{given}: {result:?}"),
            Some((says, hint)) => failed(result, "conflict", says, hint),
        }
    }
    let mut store = Odd::new(&[], &[]).with(RECORD);
    store.listed = two.to_vec();
    let says = "`version-` matches 2 versions of";
    failed(
        write(&store, &if_is(version("version-"))),
        "usage",
        says,
        Some("give more"),
    );
}

#[test]
fn what_is_busy_refused_or_lost_is_settled_by_what_is_there() {
    use Change::{Busy, DoneRefused, UnclearDone};
    for (changes, calls) in [
        (
            &[Busy, Busy][..],
            "read create create create read:version-1",
        ),
        (&[DoneRefused], "read create read read:version-1"),
        (&[UnclearDone], "read create read read:version-1"),
    ] {
        let store = Odd::new(&[], changes);
        let written = write(&store, &wanted()).unwrap();
        assert_eq!((&*written.version, written.changed), ("version-1", true));
        assert_eq!(store.calls(), calls);
    }
    let store = Odd::new(&[], &[Change::UnclearLost]).with(RECORD);
    failed(
        write(&store, &wanted()),
        "aws",
        "cannot store: the answer was lost",
        None,
    );
    assert_eq!(store.bytes().as_deref(), Some(RECORD));
    for read in [Read::Fails, Read::Forbidden] {
        let reads = [Read::AsItIs, read];
        let store = Odd::new(&reads, &[UnclearDone]);
        let says = "the answer was lost; it may still have been stored";
        failed(
            write(&store, &wanted()),
            "aws",
            says,
            Some("check with `lazycred get"),
        );
        let store = Odd::new(&reads, &[Change::Refused]);
        let says = if read == Read::Fails {
            "the answer was lost"
        } else {
            "not allowed"
        };
        failed(
            write(&store, &wanted()),
            "aws",
            says,
            (read == Read::Fails).then_some("ask again"),
        );
    }
}

#[test]
fn a_write_that_is_overtaken_starts_again_from_what_is_there_then() {
    for change in [Change::Overtaken, Change::UnclearOvertaken] {
        let store = Odd::new(&[], &[change, change]).with(RECORD);
        let seen = Mutex::new(Vec::new());
        let make = |current: Option<Stored>| {
            seen.lock()
                .unwrap()
                .push(current.map(|stored| stored.bytes));
            async { Ok(Some((NEW.to_vec(), None))) }
        };
        let wanted = wanted();
        let written = run(writing(&store, &wanted, "store", async |writer| {
            writer.write(make).await
        }));
        let (written, _) = written.unwrap();
        assert_eq!(written.replaced.as_deref(), Some("version-3"));
        let seen = seen.into_inner().unwrap();
        let before = [RECORD, THEIRS, THEIRS].map(|bytes| Some(bytes.to_vec()));
        assert_eq!(seen, before);
    }
    for precondition in [version("version-1"), Precondition::Absent] {
        let store = Odd::new(&[], &[Change::Overtaken]);
        let store = if precondition == Precondition::Absent {
            store
        } else {
            store.with(RECORD)
        };
        failed(
            write(&store, &if_is(precondition)),
            "conflict",
            OVERTAKEN,
            None,
        );
        assert_eq!(store.bytes().as_deref(), Some(THEIRS));
    }
}

#[test]
fn a_server_that_contradicts_itself_is_asked_four_times() {
    let refused = [Change::Refused; 4];
    let store = Odd::new(&[], &refused);
    let says = "the server says that it already exists, and then that it does not";
    failed(
        write(&store, &wanted()),
        "aws",
        says,
        Some("lazycred history db"),
    );
    assert_eq!(store.calls().matches("create").count(), 4);
    let store = Odd::new(&[], &refused[..3]);
    assert_eq!(write(&store, &wanted()).unwrap().version, "version-1");
    // One that did exist was removed by somebody.
    let store = Odd::new(&[Read::AsItIs, Read::Missing], &[Change::Refused]).with(RECORD);
    assert!(write(&store, &wanted()).is_ok());
    assert_eq!(
        store.calls(),
        "read replace:etag-1 read read replace:etag-1 read:version-2"
    );
}

#[test]
fn only_an_attempt_that_is_repeated_ends_with_the_time_and_is_a_conflict() {
    let brief = Wanted {
        time: Duration::ZERO,
        ..wanted()
    };
    let store = Odd::new(&[], &[]);
    assert!(write(&store, &brief).is_ok());
    for changes in [
        &[Change::Overtaken][..],
        &[Change::Busy],
        &[Change::Refused],
    ] {
        let result = write(&Odd::new(&[], changes), &brief);
        failed(result, "conflict", TOO_OFTEN, None);
    }
    let brief = Wanted {
        time: Duration::from_millis(400),
        ..wanted()
    };
    let reads = [Read::AsItIs, Read::AsItIs, Read::Never];
    let result = write(&Odd::new(&reads, &[Change::Overtaken]), &brief);
    let whole = format!("cannot store `db` (odd://db): {TOO_OFTEN}");
    assert_eq!(result.unwrap_err().to_string(), whole);
    let whole = format!("{whole}; the last attempt may still have been stored");
    for change in [Change::Overtaken, Change::Busy] {
        let result = write(&Odd::new(&[], &[change, Change::Never]), &brief);
        assert_eq!(result.unwrap_err().to_string(), whole);
    }
}

#[test]
fn a_pause_is_twice_as_long_each_time_up_to_a_second() {
    let wanted = wanted();
    let store = Odd::new(&[], &[]);
    for (pause, next) in [(20, 40), (50, 100), (600, 1000), (1000, 1000)] {
        let mut pause = Duration::from_millis(pause);
        let most = pause;
        let started = Instant::now();
        run(writing(&store, &wanted, "store", async |writer| {
            writer.pause(&mut pause).await
        }))
        .unwrap();
        assert_eq!(pause, Duration::from_millis(next));
        assert!(started.elapsed() < most + Duration::from_secs(5));
    }
}
