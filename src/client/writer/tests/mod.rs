//! Writes and removals against a store that answers as it is told.

mod odd;
mod read_back;
mod remove;
mod unseen;
mod write;

use std::time::Duration;

use tokio::time::Instant;

use self::odd::{Change, Odd, Read, THEIRS};
use super::*;
use crate::backends::store::Removed;
use crate::base::test_support::{place, run};

/// A record that is not damaged.
const RECORD: &[u8] = br#"{"data": "gAAA", "key": "aGk="}"#;

const NEW: &[u8] = b"new";

/// How a write or a removal is wanted.
#[derive(Clone)]
struct Wanted {
    precondition: Precondition,
    unseen: Unseen,
    read_back: bool,
    time: Duration,
}

/// Replaces what is there, and reads it back.
fn wanted() -> Wanted {
    Wanted {
        precondition: Precondition::None,
        unseen: Unseen::Overwrite,
        read_back: true,
        time: Duration::from_secs(20),
    }
}

fn version(version: &str) -> Precondition {
    Precondition::Version(version.to_owned())
}

fn if_is(precondition: Precondition) -> Wanted {
    Wanted {
        precondition,
        ..wanted()
    }
}

async fn writing<T>(
    store: &Odd,
    wanted: &Wanted,
    action: &'static str,
    work: impl AsyncFnOnce(&Writer<'_>) -> Result<T>,
) -> Result<T> {
    let place = place("odd://", "", "db");
    let writer = Writer {
        store,
        place: &place,
        action,
        precondition: &wanted.precondition,
        unseen: wanted.unseen,
        read_back: wanted.read_back,
        deadline: Instant::now() + wanted.time,
        unanswered: AtomicBool::new(false),
    };
    work(&writer).await
}

/// Writes `new`, whatever is current.
fn write(store: &Odd, wanted: &Wanted) -> Result<Written> {
    let make = |_| async { Ok(Some((NEW.to_vec(), None))) };
    let written = run(writing(store, wanted, "store", async |writer| {
        writer.write(make).await
    }));
    written.map(|(written, source)| {
        assert!(source.is_none());
        written
    })
}

fn remove(store: &Odd, wanted: &Wanted) -> Result<Removed> {
    run(writing(store, wanted, "remove", async |writer| {
        writer.remove().await
    }))
}

/// Asserts that it failed, with this status, sentence and hint.
#[track_caller]
fn failed<T: std::fmt::Debug>(result: Result<T>, kind: &str, says: &str, hint: Option<&str>) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), kind);
    let said = error.to_string();
    assert!(said.contains(says), "{said}");
    let hinted = error.hint();
    match hint {
        None => assert_eq!(hinted, None),
        Some(hint) => assert!(
            hinted.as_deref().unwrap_or_default().contains(hint),
            "{hinted:?}"
        ),
    }
}
