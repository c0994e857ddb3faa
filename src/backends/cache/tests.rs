//! What a cache keeps, and what it does not trust.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::*;

/// A home with a cache in it.
fn home() -> (TempDir, Cache) {
    let home = crate::base::test_support::folder();
    let cache = of(&home, ["", "us-east-1", ""]);
    (home, cache)
}

fn of(home: &TempDir, store: [&str; 3]) -> Cache {
    Cache::new(home.path(), store.map(str::to_owned).into(), 1000)
}

fn path(name: &str) -> ObjectPath {
    ObjectPath::new("s3://acme/", format!("prod/{name}"))
}

fn stored(bytes: &[u8]) -> Stored {
    named(bytes, "9a0364b9e99bb480dd25e1f0284c8555")
}

fn named(bytes: &[u8], etag: &str) -> Stored {
    Stored::new(bytes.to_vec(), etag, None)
}

fn only_file(home: &TempDir) -> PathBuf {
    let files = fs::read_dir(home.path().join("lazycred")).unwrap();
    let files: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

#[test]
fn a_record_comes_back_as_it_was_kept() {
    let (_home, cache) = home();
    assert!(cache.load(&path("db")).is_none());
    for bytes in [&b"{}"[..], b"", b"a\nb\n", &[0xff; 1000]] {
        cache.keep(&path("db"), &stored(bytes));
        assert_eq!(cache.load(&path("db")).unwrap().stored, stored(bytes));
    }
    cache.forget(&path("db"));
    assert!(cache.load(&path("db")).is_none());
}

#[test]
fn a_record_without_an_etag_or_beyond_the_limit_is_not_relied_on() {
    let (home, cache) = home();
    cache.keep(&path("db"), &named(b"{}", ""));
    assert!(!home.path().join("lazycred").exists());
    // Etags that no request could send.
    for etag in ["a b", "a\r\nb", "\u{e4}"] {
        cache.keep(&path("db"), &named(b"{}", etag));
        assert!(cache.load(&path("db")).is_none());
    }
    cache.keep(&path("db"), &stored(&[b'x'; 1001]));
    assert!(cache.load(&path("db")).is_none());
    fs::write(only_file(&home), vec![b'x'; 1 << 20]).unwrap();
    assert!(cache.load(&path("db")).is_none());
}

#[test]
fn a_file_that_is_cut_or_changed_at_any_byte_is_as_if_it_were_not_there() {
    let (home, cache) = home();
    cache.keep(&path("db"), &stored(br#"{"data": "gAAA", "key": "AQID"}"#));
    let file = only_file(&home);
    let whole = fs::read(&file).unwrap();
    let absent = |bytes: &[u8], what: &str| {
        fs::write(&file, bytes).unwrap();
        assert!(cache.load(&path("db")).is_none(), "{what}");
    };
    for at in 0..whole.len() {
        absent(&whole[..at], &format!("cut at {at}"));
        for bit in [0x01, 0x20, 0x80] {
            let mut changed = whole.clone();
            changed[at] ^= bit;
            absent(&changed, &format!("{bit:#x} at {at}"));
        }
    }
    absent(&[&whole[..], b"\n"].concat(), "one byte more");
    fs::write(&file, &whole).unwrap();
    assert!(cache.load(&path("db")).is_some());
}

#[test]
fn the_record_of_another_path_or_store_is_never_used() {
    let (home, cache) = home();
    cache.keep(&path("db"), &stored(b"{}"));
    let file = only_file(&home);
    let others = [
        (of(&home, ["", "us-east-1", ""]), path("web")),
        (
            of(&home, ["", "us-east-1", ""]),
            ObjectPath::new("s3://other/", "prod/db"),
        ),
        (of(&home, ["", "eu-west-1", ""]), path("db")),
        (
            of(&home, ["http://127.0.0.1:9", "us-east-1", ""]),
            path("db"),
        ),
        (of(&home, ["", "us-east-1", "111122223333"]), path("db")),
        (of(&home, ["us-east-1", "", ""]), path("db")),
    ];
    for (other, path) in others {
        assert!(other.load(&path).is_none());
        let name = other.file_name(&path);
        fs::copy(&file, file.with_file_name(&name)).unwrap();
        assert!(other.load(&path).is_none());
        fs::remove_file(file.with_file_name(name)).unwrap();
    }
    assert!(cache.load(&path("db")).is_some());
}

#[test]
fn a_confirmation_is_the_time_of_the_file_that_was_read() {
    let (home, cache) = home();
    cache.keep(&path("db"), &stored(b"{}"));
    let hours = |hours| SystemTime::now() - Duration::from_hours(hours);
    let set = |time| {
        let file = File::open(only_file(&home)).unwrap();
        file.set_modified(time).unwrap();
    };
    set(hours(5));
    let cached = cache.load(&path("db")).unwrap();
    assert_eq!(cached.age().as_secs() / 3600, 5);
    // Another process has replaced it by a newer one meanwhile.
    cache.keep(&path("db"), &stored(b"[]"));
    set(hours(2));
    cached.confirm();
    assert_eq!(cache.load(&path("db")).unwrap().age().as_secs() / 3600, 2);
    cache.load(&path("db")).unwrap().confirm();
    assert_eq!(cache.load(&path("db")).unwrap().age().as_secs() / 3600, 0);
    set(SystemTime::now() + Duration::from_hours(1));
    assert_eq!(cache.load(&path("db")).unwrap().age(), Duration::ZERO);
}

#[test]
fn a_folder_that_was_left_open_is_closed_to_others() {
    let (home, cache) = home();
    let folder = home.path().join("lazycred");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o775)).unwrap();
    cache.keep(&path("db"), &stored(b"{}"));
    let mode = fs::metadata(&folder).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    assert!(cache.load(&path("db")).is_some());
}
