use super::*;
use crate::backends::store::{Condition, Outcome, Removal, Store as _, now};

fn told(store: &FolderStore, place: &Place) -> Vec<(u64, bool, bool)> {
    let versions = now(store.versions(place)).unwrap();
    let told = versions
        .iter()
        .map(|version| (version.size, version.current, version.deleted));
    told.collect()
}

#[test]
fn bytes_that_were_seen_before_are_an_entry_of_their_own_and_the_newer_is_meant() {
    let folder = crate::base::test_support::folder();
    let store = FolderStore::new(folder.path().join("secrets"), 1000);
    let place = store.place(&"db".parse().unwrap()).unwrap();
    let write = |bytes: &[u8]| {
        let outcome = now(store.write(&place, bytes, Condition::Whatever)).unwrap();
        assert!(matches!(outcome, Outcome::Saved(_)));
    };
    for bytes in [&b"1"[..], b"22", b"1"] {
        write(bytes);
    }
    let (now_current, before) = ((1, true, false), |size| (size, false, false));
    assert_eq!(told(&store, &place), [now_current, before(2), before(1)]);
    write(b"1");
    assert_eq!(
        told(&store, &place),
        [now_current, before(1), before(2), before(1)]
    );
    let hash = sha256(b"1");
    let removed = now(store.remove(&place, &hash)).unwrap();
    assert!(matches!(removed, Removal::Done(_)));
    write(b"1");
    let listed = told(&store, &place);
    assert_eq!(listed[..3], [now_current, (0, false, true), before(1)]);
    assert_eq!(listed.len(), 6, "nothing is forgotten");
}

#[test]
fn names_of_files_that_are_no_versions_are_passed_over() {
    let hash = "0".repeat(64);
    for good in [
        format!("{:020}-{hash}", 7),
        format!("{:020}-{hash}.removed", 7),
    ] {
        assert_eq!(Kept::parse(&good).unwrap().file_name(), good);
    }
    for bad in [
        format!("7-{hash}"),
        format!("+0000000000000000007-{hash}"),
        format!("{}-{hash}", LATEST + 1),
        format!("0{}-{hash}.removed", LATEST + 1),
        format!("{}-{hash}", u64::MAX),
        format!("{}-{hash}", "9".repeat(20)),
        format!("{}-{hash}", "9".repeat(30)),
        format!("{:020}-{hash}.d", 7),
        format!("{:020}-{}", 7, "A".repeat(64)),
        format!("{:020}-", 7),
        "lock".to_owned(),
    ] {
        assert_eq!(Kept::parse(&bad), None, "{bad}");
    }
}
