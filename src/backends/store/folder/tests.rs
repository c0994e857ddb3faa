//! A folder of records, from the outside.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::backends::store::{Entry, now};

mod dropped;
mod swapped;

fn store() -> (tempfile::TempDir, FolderStore) {
    let folder = crate::base::test_support::folder();
    let store = FolderStore::new(folder.path().join("secrets"), 1000);
    (folder, store)
}

fn place(store: &FolderStore, name: &str) -> Place {
    store.place(&name.parse().unwrap()).unwrap()
}

fn file(store: &FolderStore, place: &Place) -> PathBuf {
    store.root.join(place.path.as_str())
}

fn kept(store: &FolderStore, place: &Place) -> usize {
    let kept = store.kept(place).unwrap();
    kept.map_or(0, |(_, kept)| kept.len())
}

/// Writes a record, and returns its `ETag`.
fn saved(store: &FolderStore, place: &Place, record: &[u8], condition: Condition) -> String {
    match now(store.write(place, record, condition)).unwrap() {
        Outcome::Saved(receipt) => receipt.etag,
        other => panic!("{other:?}"),
    }
}

fn missing(store: &FolderStore, place: &Place, version: Option<&str>) -> bool {
    matches!(store.look(place, version).unwrap(), Lookup::Missing)
}

/// How many bytes are hashed for some work.
fn hashed<T>(work: impl FnOnce() -> T) -> (usize, T) {
    use crate::base::hash::HASHED;
    let before = HASHED.get();
    let done = work();
    (HASHED.get() - before, done)
}

/// The record of a version, or the current one.
fn found(store: &FolderStore, place: &Place, version: Option<&str>) -> Stored {
    let found = store.look(place, version).unwrap().found(place, None);
    found.unwrap()
}

#[test]
fn what_is_replaced_is_kept_as_a_version_once() {
    let (_folder, store) = store();
    let place = place(&store, "web/prod");
    let first = saved(&store, &place, b"one", Condition::Absent);
    assert_eq!(kept(&store, &place), 0);
    saved(&store, &place, b"two", Condition::Matches(&first));
    fs::write(file(&store, &place), b"one").unwrap();
    saved(&store, &place, b"three", Condition::Whatever);
    assert_eq!(kept(&store, &place), 1);
    assert_eq!(found(&store, &place, Some(&first)).bytes, b"one");
    assert!(missing(&store, &place, Some("nope")));
}

#[test]
fn a_condition_that_is_not_met_changes_nothing() {
    let (_folder, store) = store();
    let place = place(&store, "db");
    let refused = |condition| {
        let outcome = now(store.write(&place, b"x", condition)).unwrap();
        matches!(outcome, Outcome::Refused)
    };
    assert!(refused(Condition::Matches("0")));
    saved(&store, &place, b"one", Condition::Absent);
    assert!(refused(Condition::Absent) && refused(Condition::Matches("0")));
    assert_eq!(fs::read(file(&store, &place)).unwrap(), b"one");
}

#[test]
fn reading_creates_nothing() {
    let (folder, store) = store();
    let place = place(&store, "db");
    assert!(missing(&store, &place, None));
    assert!(missing(&store, &place, Some("v")));
    assert_eq!(now(store.versions(&place)).unwrap(), []);
    assert_eq!(names(&store, ""), [""; 0]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Writes records of one byte, as if by hand.
fn fill(store: &FolderStore, names: &[&str]) {
    for name in names {
        let path = store.root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"x").unwrap();
    }
}

fn entries(store: &FolderStore, prefix: &str) -> Vec<Entry> {
    let mut pages = store.list(prefix);
    let mut entries = Vec::new();
    while let Some(page) = now(pages.next()).unwrap() {
        entries.extend(page);
    }
    entries
}

fn names(store: &FolderStore, prefix: &str) -> Vec<String> {
    let entries = entries(store, prefix);
    entries
        .iter()
        .map(|entry| entry.name.as_str().to_owned())
        .collect()
}

#[test]
fn names_are_listed_in_byte_order_of_the_whole_name() {
    let (_folder, store) = store();
    let sorted = "Z a!b a-b/c a.b a/b a/b.c/d a/b0 a0 b/.lazycred é".split(' ');
    let sorted: Vec<&str> = sorted.collect();
    let mut shuffled = sorted.clone();
    shuffled.reverse();
    fill(&store, &shuffled);
    let own = ["lock", "versions/a/b.d/1", "new-x"].map(|name| format!(".lazycred/{name}"));
    fill(&store, &own.each_ref().map(String::as_str));
    assert!(sorted.is_sorted());
    assert_eq!(names(&store, ""), sorted);
}

#[test]
fn a_prefix_is_the_beginning_of_a_name_and_leads_nowhere_else() {
    let (folder, store) = store();
    fill(&store, &["web", "web-2/prod", "web.d/prod", "wec"]);
    fs::write(folder.path().join("outside"), b"x").unwrap();
    for (prefix, expected) in [
        ("w", &["web", "web-2/prod", "web.d/prod", "wec"][..]),
        ("web", &["web", "web-2/prod", "web.d/prod"]),
        ("web-2/", &["web-2/prod"]),
        ("web-2/pr", &["web-2/prod"]),
        ("web/", &[]),
        ("../", &[]),
        ("/", &[]),
        (".lazycred/", &[]),
        ("web-2/../", &[]),
    ] {
        assert_eq!(names(&store, prefix), expected, "{prefix}");
    }
}

#[test]
fn a_link_to_a_file_is_listed_and_one_to_a_folder_is_not_followed() {
    let (folder, store) = store();
    fill(&store, &["real/a"]);
    symlink(store.root.join("real/a"), store.root.join("linked")).unwrap();
    symlink(&store.root, store.root.join("loop")).unwrap();
    symlink(folder.path().join("nothing"), store.root.join("dangling")).unwrap();
    assert_eq!(names(&store, ""), ["linked", "real/a"]);
    assert_eq!(entries(&store, "linked")[0].size, 1);
}

#[test]
fn a_long_list_comes_in_pages_of_a_thousand() {
    let (_folder, store) = store();
    let all: Vec<String> = (0..2001)
        .map(|number| format!("{}/{number}", number % 7))
        .collect();
    fill(&store, &all.iter().map(String::as_str).collect::<Vec<_>>());
    let mut pages = store.list("");
    let mut sizes = Vec::new();
    while let Some(page) = now(pages.next()).unwrap() {
        sizes.push(page.len());
    }
    assert_eq!(sizes, [1000, 1000, 1]);
    let mut sorted = all.clone();
    sorted.sort();
    assert_eq!(names(&store, ""), sorted);
}

fn removed(store: &FolderStore, place: &Place) -> Removed {
    match now(store.delete(place, &found(store, place, None))).unwrap() {
        Removal::Done(removed) => removed,
        other => panic!("{other:?}"),
    }
}

/// Each version as its bytes and whether it is current.
fn history(store: &FolderStore, place: &Place) -> Vec<(Vec<u8>, bool)> {
    let versions = now(store.versions(place)).unwrap();
    let version = |kept: &Version| {
        let record = found(store, place, Some(&kept.version));
        (record.bytes, kept.current)
    };
    versions.iter().map(version).collect()
}

#[test]
fn what_is_removed_is_kept_and_empty_folders_go_with_it() {
    let (_folder, store) = store();
    let (one, other) = (place(&store, "a/b/c"), place(&store, "a/x"));
    saved(&store, &one, b"1", Condition::Absent);
    saved(&store, &other, b"2", Condition::Absent);
    let undo = removed(&store, &one).version.unwrap();
    assert!(!store.root.join("a/b").exists() && store.root.join("a/x").exists());
    let listed = now(store.versions(&one)).unwrap();
    let told = listed.iter().map(|version| (version.deleted, version.size));
    assert_eq!(told.collect::<Vec<_>>(), [(true, 0), (false, 1)]);
    assert!(listed.iter().all(|version| !version.current));
    assert_eq!(listed[1].version, undo);
    assert!(missing(&store, &one, Some(&listed[0].version)));
    assert_eq!(found(&store, &one, Some(&undo)).bytes, b"1");
    removed(&store, &other);
    assert!(!store.root.join("a").exists() && store.root.exists());
    assert_eq!(names(&store, ""), [""; 0]);
    saved(&store, &place(&store, "a"), b"3", Condition::Absent);
    assert!(missing(&store, &one, None));
}

#[test]
fn a_record_that_changed_meanwhile_is_not_removed() {
    let (_folder, store) = store();
    let place = place(&store, "db");
    saved(&store, &place, b"1", Condition::Absent);
    let seen = found(&store, &place, None);
    saved(&store, &place, b"2", Condition::Whatever);
    let refused = now(store.delete(&place, &seen)).unwrap();
    assert!(matches!(refused, Removal::Refused));
    assert_eq!(found(&store, &place, None).bytes, b"2");
    let seen = found(&store, &place, None);
    removed(&store, &place);
    let refused = now(store.delete(&place, &seen)).unwrap();
    assert!(matches!(refused, Removal::Refused));
}

#[test]
fn the_current_version_is_the_one_whose_bytes_the_file_has() {
    let (_folder, store) = store();
    let place = place(&store, "db");
    let b = |text: &str| text.as_bytes().to_vec();
    assert_eq!(history(&store, &place), []);
    for record in ["one", "two", "three"] {
        saved(&store, &place, record.as_bytes(), Condition::Whatever);
    }
    assert_eq!(
        history(&store, &place),
        [(b("three"), true), (b("two"), false), (b("one"), false)]
    );
    fs::write(file(&store, &place), b"one").unwrap();
    assert_eq!(
        history(&store, &place),
        [(b("two"), false), (b("one"), true)]
    );
    fs::write(file(&store, &place), b"by hand").unwrap();
    assert_eq!(
        history(&store, &place),
        [(b("by hand"), true), (b("two"), false), (b("one"), false)]
    );
}

#[test]
fn a_version_has_the_time_at_which_it_was_stored() {
    let (_folder, store) = store();
    let place = place(&store, "db");
    saved(&store, &place, b"one", Condition::Absent);
    let then = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let opened = fs::File::open(file(&store, &place)).unwrap();
    opened.set_modified(then).unwrap();
    saved(&store, &place, b"three", Condition::Whatever);
    let versions = now(store.versions(&place)).unwrap();
    assert!(versions[0].modified > then);
    assert_eq!((versions[1].modified, versions[1].size), (then, 3));
}

#[test]
fn a_record_is_hashed_once_to_store_it_and_not_at_all_to_compare_or_read_it() {
    let folder = crate::base::test_support::folder();
    let store = FolderStore::new(folder.path().join("s"), 1 << 20);
    let place = place(&store, "web/prod");
    // More than two pieces, and not a whole number of them.
    for size in [200_001, 0, 65_536] {
        let record = vec![b'x'; size];
        let (count, etag) = hashed(|| saved(&store, &place, &record, Condition::Whatever));
        // That which it replaces is hashed, too.
        assert!(count <= size + 200_001, "{size}: {count}");
        let (count, holds) = hashed(|| now(store.holds(&place, &record)).unwrap());
        assert_eq!((count, holds), (0, true), "{size}");
        let (count, current) = hashed(|| found(&store, &place, None));
        assert_eq!((count, current.bytes.len()), (0, size));
        let (count, same) = hashed(|| current.etag() == etag && current.is_version(&etag));
        assert_eq!((count, same), (size, true));
    }
    let fresh = self::place(&store, "fresh");
    let (count, _) = hashed(|| saved(&store, &fresh, &[7; 1000], Condition::Absent));
    assert_eq!(count, 1000);
}

#[test]
fn what_is_not_exactly_what_was_written_is_not_held() {
    let (_folder, store) = store();
    let place = place(&store, "web/prod");
    let record = vec![b'x'; 900];
    assert!(!now(store.holds(&place, &record)).unwrap());
    saved(&store, &place, &record, Condition::Absent);
    assert!(now(store.holds(&place, &record)).unwrap());
    let mut changed = record.clone();
    changed[899] = b'y';
    let longer = [&record[..], b"x"].concat();
    for other in [&changed[..], &longer, &record[..899], b""] {
        assert!(!now(store.holds(&place, other)).unwrap(), "{}", other.len());
        fs::write(file(&store, &place), other).unwrap();
        assert!(
            !now(store.holds(&place, &record)).unwrap(),
            "{}",
            other.len()
        );
        fs::write(file(&store, &place), &record).unwrap();
    }
    fs::remove_file(file(&store, &place)).unwrap();
    assert!(!now(store.holds(&place, &record)).unwrap());
    fs::create_dir(file(&store, &place)).unwrap();
    assert!(!now(store.holds(&place, &record)).unwrap());
}
