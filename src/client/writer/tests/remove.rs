//! Removals.

use super::*;

#[test]
fn what_is_removed_says_which_version_remains_and_whether_it_is_damaged() {
    for (before, damaged) in [(RECORD, false), (THEIRS, true)] {
        let store = Odd::new(&[], &[]).with(before);
        let removed = remove(&store, &wanted()).unwrap();
        assert_eq!(removed.version.as_deref(), Some("version-1"));
        assert_eq!(removed.marker.as_deref(), Some("marker"));
        assert_eq!(removed.damaged, damaged);
        assert_eq!(store.bytes(), None);
    }
    let hint = Some("`lazycred list` shows the names");
    failed(
        remove(&Odd::new(&[], &[]), &wanted()),
        "missing",
        "no secret named `db`",
        hint,
    );
    failed(
        remove(&Odd::new(&[Read::Forbidden], &[]), &wanted()),
        "aws",
        "not allowed",
        None,
    );
}

#[test]
fn a_precondition_holds_for_a_removal_too() {
    let store = Odd::new(&[], &[]).with(RECORD);
    let says = "cannot remove `db` (odd://db): the current version is `version-1`, not `other`";
    failed(
        remove(&store, &if_is(version("other"))),
        "conflict",
        says,
        None,
    );
    assert_eq!(store.calls(), "read");
    assert!(remove(&store, &if_is(version("version-1"))).is_ok());
}

#[test]
fn what_is_busy_refused_or_lost_is_settled_by_what_is_still_there() {
    use Change::{
        Busy, DoneRefused, Overtaken, Refused, UnclearDone, UnclearLost, UnclearOvertaken,
    };
    for (change, calls, marker) in [
        (Busy, "read remove:etag-1 remove:etag-1", Some("marker")),
        (DoneRefused, "read remove:etag-1 read", None),
        (UnclearDone, "read remove:etag-1 read", None),
    ] {
        let store = Odd::new(&[], &[change]).with(RECORD);
        let removed = remove(&store, &wanted()).unwrap();
        assert_eq!(removed.version.as_deref(), Some("version-1"));
        assert_eq!(removed.marker.as_deref(), marker);
        assert_eq!(store.calls(), calls);
    }
    for (change, kind, says) in [
        (Refused, "conflict", OVERTAKEN),
        (Overtaken, "conflict", OVERTAKEN),
        (UnclearOvertaken, "conflict", OVERTAKEN),
        (UnclearLost, "aws", "cannot remove: the answer was lost"),
    ] {
        let store = Odd::new(&[], &[change]).with(RECORD);
        failed(remove(&store, &wanted()), kind, says, None);
        assert!(store.bytes().is_some());
    }
    for (read, says, hint) in [
        (
            Read::Fails,
            "cannot read: the answer was lost",
            Some("ask again"),
        ),
        (Read::Forbidden, "cannot read: not allowed", None),
    ] {
        let reads = [Read::AsItIs, read];
        let store = Odd::new(&reads, &[Refused]).with(RECORD);
        failed(remove(&store, &wanted()), "aws", says, hint);
        let store = Odd::new(&reads, &[UnclearDone]).with(RECORD);
        let says = "the answer was lost; it may still have been removed";
        failed(
            remove(&store, &wanted()),
            "aws",
            says,
            Some("check with `lazycred history"),
        );
    }
}

#[test]
fn waiting_for_another_removal_ends_with_the_time() {
    let brief = Wanted {
        time: Duration::ZERO,
        ..wanted()
    };
    let store = Odd::new(&[], &[Change::Busy]).with(RECORD);
    failed(remove(&store, &brief), "conflict", TOO_OFTEN, None);
    let brief = Wanted {
        time: Duration::from_millis(400),
        ..wanted()
    };
    let store = Odd::new(&[], &[Change::Busy, Change::Never]).with(RECORD);
    let says = "the timeout; the last attempt may still have been removed";
    failed(remove(&store, &brief), "conflict", says, None);
}
