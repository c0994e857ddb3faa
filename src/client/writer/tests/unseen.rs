//! Writes of a record that may not be read.

use super::*;
use crate::base::Error;

const FORBIDDEN: [Read; 1] = [Read::Forbidden];

fn unseen(unseen: Unseen) -> Wanted {
    Wanted { unseen, ..wanted() }
}

#[test]
fn what_depends_on_the_current_record_is_refused_if_it_may_not_be_read() {
    for wanted in [
        unseen(Unseen::Refuse),
        Wanted {
            unseen: Unseen::Create,
            ..if_is(version("version-1"))
        },
    ] {
        let store = Odd::new(&FORBIDDEN, &[]);
        failed(
            write(&store, &wanted),
            "aws",
            "cannot read: not allowed",
            None,
        );
        assert_eq!(store.calls(), "read");
    }
    let store = Odd::new(&FORBIDDEN, &[]);
    let wanted = wanted();
    let kept = run(writing(&store, &wanted, "store", async |writer| {
        writer.write(|_| async { Ok(None) }).await
    }));
    failed(kept, "aws", "cannot read: not allowed", None);
}

#[test]
fn it_is_written_as_if_there_were_none_and_read_back() {
    for one in [Unseen::Create, Unseen::Overwrite] {
        let store = Odd::new(&FORBIDDEN, &[Change::Busy]);
        let written = write(&store, &unseen(one)).unwrap();
        assert_eq!((&*written.version, written.replaced), ("version-1", None));
        assert_eq!(store.calls(), "read create create read:version-1");
    }
}

#[test]
fn one_that_exists_is_overwritten_only_where_that_is_wanted() {
    let store = Odd::new(&FORBIDDEN, &[]).with(RECORD);
    assert_eq!(
        write(&store, &unseen(Unseen::Overwrite)).unwrap().version,
        "version-2"
    );
    assert_eq!(store.calls(), "read create overwrite read:version-2");

    let store = Odd::new(&FORBIDDEN, &[]).with(RECORD);
    let says = "cannot store: cannot read the existing record: not allowed";
    failed(
        write(&store, &unseen(Unseen::Create)),
        "aws",
        says,
        Some("needs s3:GetObject"),
    );
    assert_eq!(store.bytes().as_deref(), Some(RECORD));

    let absent = Wanted {
        unseen: Unseen::Overwrite,
        ..if_is(Precondition::Absent)
    };
    let store = Odd::new(&FORBIDDEN, &[]).with(RECORD);
    let says = "it already exists, and you may not read it";
    failed(write(&store, &absent), "conflict", says, None);
    assert_eq!(store.bytes().as_deref(), Some(RECORD));

    let place = place("odd://", "", "db");
    let store = Odd::new(&[], &[]).with(RECORD);
    let wanted = unseen(Unseen::Create);
    let result = run(writing(&store, &wanted, "store", async |writer| {
        let making = async { Ok(Some((NEW.to_vec(), None))) };
        writer
            .write_unseen(making, Error::damaged(&place, "torn"))
            .await
    }));
    failed(result, "damaged", "torn", None);
}

#[test]
fn whether_it_was_stored_is_in_doubt_if_the_answer_is_lost() {
    for change in [Change::UnclearDone, Change::UnclearLost] {
        let store = Odd::new(&FORBIDDEN, &[change]);
        let says = "the answer was lost; it may still have been stored";
        let result = write(&store, &unseen(Unseen::Overwrite));
        failed(result, "aws", says, Some("check with `lazycred get"));
    }
}

#[test]
fn waiting_for_another_write_ends_with_the_time() {
    let brief = Wanted {
        time: Duration::ZERO,
        ..wanted()
    };
    let store = Odd::new(&FORBIDDEN, &[Change::Busy]);
    failed(write(&store, &brief), "conflict", TOO_OFTEN, None);
    let brief = Wanted {
        time: Duration::from_millis(400),
        ..wanted()
    };
    let store = Odd::new(&FORBIDDEN, &[Change::Busy, Change::Never]);
    let says = "the timeout; the last attempt may still have been stored";
    failed(write(&store, &brief), "conflict", says, None);
}
