//! What is read back after a write.

use super::*;

#[test]
fn what_is_read_back_is_what_was_written_or_a_later_write() {
    use Read::{AsItIs, Changed, Fails, Forbidden, Missing};
    for (reads, calls) in [
        (&[][..], "read create read:version-1"),
        (&[AsItIs, Forbidden], "read create read:version-1 read"),
        (
            &[AsItIs, Forbidden, Forbidden],
            "read create read:version-1 read",
        ),
    ] {
        let store = Odd::new(reads, &[]);
        assert_eq!(write(&store, &wanted()).unwrap().version, "version-1");
        assert_eq!(store.calls(), calls);
    }
    let success = "the store reported success, but";
    let hint = "`lazycred get db` shows what it stored";
    for (reads, says) in [
        (
            &[AsItIs, Missing][..],
            format!("{success} the record is missing"),
        ),
        (
            &[AsItIs, Changed],
            format!("{success} it returned different bytes than were written"),
        ),
    ] {
        failed(
            write(&Odd::new(reads, &[]), &wanted()),
            "aws",
            &says,
            Some(hint),
        );
    }
    let says = "it was stored, but could not be read back: cannot read: the answer was lost";
    let result = write(&Odd::new(&[AsItIs, Fails], &[]), &wanted());
    failed(result, "aws", says, Some("ask again"));
    let unread = Wanted {
        read_back: false,
        ..wanted()
    };
    let store = Odd::new(&[], &[]);
    assert!(write(&store, &unread).unwrap().changed);
    assert_eq!(store.calls(), "read create");
}

#[test]
fn without_versions_what_is_read_back_may_be_somebody_elses() {
    use Read::{AsItIs, Changed};
    let unversioned = |reads: &[Read]| {
        let mut store = Odd::new(reads, &[]);
        store.versioned = false;
        store
    };
    // The etag of one write with the bytes of another, and then the truth.
    let store = unversioned(&[AsItIs, Changed]);
    assert_eq!(write(&store, &wanted()).unwrap().version, "etag-1");
    assert_eq!(store.calls(), "read create read read");
    let result = write(&unversioned(&[AsItIs, Changed, Changed]), &wanted());
    failed(
        result,
        "aws",
        "it returned different bytes than were written",
        Some("get db"),
    );
    let store = unversioned(&[]);
    assert!(write(&store, &wanted()).is_ok());
    assert_eq!(store.calls(), "read create read");
    // Nothing to write back to compare with, but the finish itself.
    for (before, receipt, expected) in [
        (
            Some("etag-1"),
            "etag-9",
            Some("it still returns the old record"),
        ),
        (Some("etag-7"), "etag-9", None),
        (None, "etag-9", None),
    ] {
        let store = unversioned(&[]).with(THEIRS);
        let wanted = wanted();
        let receipt = Receipt {
            etag: receipt.to_owned(),
            version: None,
        };
        let finished = run(writing(&store, &wanted, "store", async |writer| {
            writer
                .finish(Bytes::from_static(NEW), receipt, before)
                .await
        }));
        match expected {
            Some(says) => failed(finished, "aws", says, Some("get db")),
            None => assert_eq!(finished.unwrap().version, "etag-9"),
        }
    }
}
