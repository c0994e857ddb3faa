//! Someone replaces folders by links while the store works in them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::*;

/// How often each is tried: some hundred tries hit the race.
const TRIES: usize = 400;

/// Alternates between a link and a folder at a path, until told to stop.
fn swap(at: &Path, to: &Path, stop: &AtomicBool) {
    let (link, folder) = (at.with_extension("link"), at.with_extension("folder"));
    while !stop.load(Ordering::Relaxed) {
        symlink(to, &link).ok();
        fs::rename(at, &folder).ok();
        fs::rename(&link, at).ok();
        thread::yield_now();
        fs::rename(at, &link).ok();
        fs::rename(&folder, at).ok();
        fs::remove_file(&link).ok();
    }
}

#[test]
fn a_folder_that_is_changed_for_a_link_meanwhile_leads_nowhere() {
    for swapped in ["s", "s/web", "s/.lazycred", "s/.lazycred/versions"] {
        let outside = crate::base::test_support::folder();
        fs::write(outside.path().join("db"), b"theirs").unwrap();
        fs::create_dir(outside.path().join("web")).unwrap();
        let folder = crate::base::test_support::folder();
        let store = FolderStore::new(folder.path().join("s"), 1000)
            .without_links_below(Some(folder.path()));
        let place = place(&store, "web/db");
        saved(&store, &place, b"ours", Condition::Absent);
        saved(&store, &place, b"ours too", Condition::Whatever);
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| swap(&folder.path().join(swapped), outside.path(), &stop));
            for number in 0..TRIES {
                let bytes = number.to_string();
                let written = now(store.write(&place, bytes.as_bytes(), Condition::Whatever));
                // It is refused, or goes to the right place.
                written.ok();
                if let Ok(Lookup::Found(found)) = store.look(&place, None) {
                    assert_ne!(found.bytes, b"theirs", "{swapped}");
                    now(store.remove(&place, found.etag())).ok();
                }
            }
            stop.store(true, Ordering::Relaxed);
        });
        let left = fs::read(outside.path().join("db")).unwrap();
        assert_eq!(left, b"theirs", "{swapped}");
        let there = fs::read_dir(outside.path()).unwrap().count();
        let below = fs::read_dir(outside.path().join("web")).unwrap().count();
        assert_eq!((there, below), (2, 0), "{swapped}");
    }
}
