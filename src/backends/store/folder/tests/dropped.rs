//! Writes whose caller stops waiting, and locks that a child has inherited.

use std::time::Duration;

use tokio::time::timeout;

use super::*;
use crate::base::test_support::run;

const SOON: Duration = Duration::from_millis(20);

/// The names of the store's own files.
fn own_files(store: &FolderStore) -> Vec<String> {
    let own = fs::read_dir(store.root.join(".lazycred")).unwrap();
    let mut names: Vec<String> = own
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_lock_ends_with_its_write_though_a_forked_child_still_has_it_open() {
    let (_folder, store) = store();
    let place = place(&store, "db");
    let held = now(store.hold(&place)).unwrap();
    // As a child has it: another descriptor of the same open file.
    let inherited = held.lock.try_clone().unwrap();
    drop(held);
    saved(&store, &place, b"one", Condition::Absent);
    drop(inherited);
    // A child that drops what it inherited leaves its parent's lock.
    let mut held = now(store.hold(&place)).unwrap();
    let inherited = held.lock.try_clone().unwrap();
    held.holder = 0;
    drop(held);
    run(async {
        let write = store.write(&place, b"two", Condition::Whatever);
        assert!(timeout(SOON, write).await.is_err());
    });
    drop(inherited);
    saved(&store, &place, b"two", Condition::Whatever);
}

#[test]
fn a_write_or_a_removal_that_is_dropped_while_it_waits_has_changed_nothing() {
    let (_folder, store) = store();
    let place = place(&store, "db");
    let etag = saved(&store, &place, b"one", Condition::Absent);
    let before = own_files(&store);
    let held = now(store.hold(&place)).unwrap();
    run(async {
        let write = store.write(&place, b"two", Condition::Whatever);
        assert!(timeout(SOON, write).await.is_err());
        assert!(timeout(SOON, store.remove(&place, &etag)).await.is_err());
    });
    drop(held);
    assert_eq!(found(&store, &place, None).bytes, b"one");
    assert_eq!(own_files(&store), before);
    // Neither of them has the lock.
    saved(&store, &place, b"two", Condition::Matches(&etag));
    assert_eq!(found(&store, &place, None).bytes, b"two");
}
