//! A store in a folder: a record is the file FOLDER/NAME.
//!
//! Versions, the lock and files on the way lie in FOLDER/.lazycred. Reading
//! takes no lock and creates nothing. A write holds the lock, keeps what it
//! replaces as a version, and appears by a rename, so that the record is the
//! old one or the new one whenever the machine stops. The etag and the version
//! of a record are the SHA-256 of its bytes.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use tempfile::Builder;

use super::files::{hash, hash_in, is_absence, make_folders, time_in};
use super::{Condition, Lookup, Outcome, Receipt, Step, Store, Stored};
use crate::config::FILE_NAME;
use crate::error::{Error, Result};
use crate::name::{ObjectPath, Place, SecretName};

/// Records as files.
#[derive(Debug)]
pub(crate) struct FolderStore {
    root: PathBuf,
    /// The largest record, in bytes.
    largest: usize,
}

impl FolderStore {
    pub(crate) fn new(root: PathBuf, largest: usize) -> Self {
        Self { root, largest }
    }

    fn file(&self, place: &Place) -> PathBuf {
        self.root.join(place.path.as_str())
    }

    /// The folder of what is ours and no record.
    fn own(&self) -> PathBuf {
        self.root.join(FILE_NAME)
    }

    /// The folder of a record's versions: `web/prod` has `web/prod.d`.
    fn versions(&self, place: &Place) -> PathBuf {
        self.own()
            .join("versions")
            .join(format!("{}.d", place.path.as_str()))
    }

    fn read(&self, place: &Place, path: &Path) -> Result<Option<Vec<u8>>> {
        let failed = |error| Error::io(format!("read {place}"), error);
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if is_absence(&error) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if file.metadata().map_err(failed)?.is_dir() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        let limit = self.largest as u64;
        file.take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        if bytes.len() > self.largest {
            let message = format!("its record is larger than {limit} bytes");
            return Err(Error::Damaged {
                place: place.clone(),
                message,
                hint: Some("--max-size BYTES allows larger secrets".into()),
            });
        }
        Ok(Some(bytes))
    }

    /// The file names of the versions kept, the oldest first.
    fn kept(&self, place: &Place) -> Result<Vec<OsString>> {
        let failed = |error| Error::io(format!("list the versions of {place}"), error);
        let entries = match fs::read_dir(self.versions(place)) {
            Ok(entries) => entries,
            Err(error) if is_absence(&error) => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            if entry.file_type().map_err(failed)?.is_file() {
                names.push(entry.file_name());
            }
        }
        names.sort();
        Ok(names)
    }

    fn look(&self, place: &Place, version: Option<&str>) -> Result<Lookup> {
        let current = self.read(place, &self.file(place))?.map(stored);
        let Some(version) = version else {
            return Ok(current.map_or(Lookup::Missing, Lookup::Found));
        };
        if let Some(current) = current.filter(|current| current.is_version(version)) {
            return Ok(Lookup::Found(current));
        }
        for name in self.kept(place)?.iter().rev() {
            if hash_in(name) != Some(version) {
                continue;
            }
            let bytes = self.read(place, &self.versions(place).join(name))?;
            let found = bytes.map(stored).filter(|found| found.etag == version);
            return found.map(Lookup::Found).ok_or_else(|| {
                Error::damaged(
                    place,
                    format!("the version `{version}` was changed on disk"),
                )
            });
        }
        Ok(Lookup::Missing)
    }

    fn write(&self, place: &Place, record: &[u8], condition: Condition) -> Result<Outcome> {
        let _lock = self.lock(place)?;
        let path = self.file(place);
        let current = self.read(place, &path)?.map(stored);
        let met = match condition {
            Condition::Absent => current.is_none(),
            Condition::Matches(etag) => {
                current.as_ref().is_some_and(|current| current.etag == etag)
            }
            Condition::Whatever => true,
        };
        if !met {
            return Ok(Outcome::Refused);
        }
        self.refuse_both_file_and_folder(place, &path)?;
        if let Some(current) = &current {
            self.keep(place, current)?;
        }
        let failed = |error| Error::io(format!("write {place}"), error);
        self.put_in_place(&path, record).map_err(failed)?;
        let etag = hash(record);
        Ok(Outcome::Saved(Receipt {
            version: Some(etag.clone()),
            etag,
        }))
    }

    /// Waits for other writers; the lock goes with the file that is given back.
    fn lock(&self, place: &Place) -> Result<File> {
        let failed = |error| Error::io(format!("lock the folder of {place}"), error);
        make_folders(&self.own()).map_err(failed)?;
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o666);
        let file = options.open(self.own().join("lock")).map_err(failed)?;
        file.lock().map_err(failed)?;
        Ok(file)
    }

    fn refuse_both_file_and_folder(&self, place: &Place, path: &Path) -> Result<()> {
        let clash = |other: &str| {
            Error::usage_hint(
                format!("`{}` cannot be stored: `{other}` is there", place.name),
                "a folder cannot hold a secret and, below its name, others; choose another name",
            )
        };
        if path.is_dir() {
            return Err(clash(&format!("{}/", place.name)));
        }
        let name = place.path.as_str();
        for (at, _) in name.match_indices('/') {
            if self.root.join(&name[..at]).is_file() {
                return Err(clash(&name[..at]));
            }
        }
        Ok(())
    }

    /// Keeps a record as a version, unless the newest one is the same.
    fn keep(&self, place: &Place, current: &Stored) -> Result<()> {
        let kept = self.kept(place)?;
        if kept.last().and_then(|name| hash_in(name)) == Some(&current.etag) {
            return Ok(());
        }
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        // A clock that went back must not put a version before an older one.
        let newest = kept.last().and_then(|name| time_in(name)).unwrap_or(0);
        let time = now.as_nanos().max(newest + 1);
        let name = format!("{time:020}-{}", current.etag);
        let failed = |error| Error::io(format!("keep a version of {place}"), error);
        self.put_in_place(&self.versions(place).join(name), &current.bytes)
            .map_err(failed)
    }

    /// Writes a file so that it is whole or not there, and stays.
    fn put_in_place(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = path.parent().unwrap_or(&self.root);
        make_folders(folder)?;
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o666);
        let mut file = Builder::new()
            .prefix("new-")
            .permissions(mode)
            .tempfile_in(self.own())?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        File::open(folder)?.sync_all()
    }
}

impl Store for FolderStore {
    fn place(&self, name: &SecretName) -> Result<Place> {
        let text = name.as_str();
        let refused = |why: &str| {
            Err(Error::usage_hint(
                format!("`{name}` is no name for a secret in a folder: {why}"),
                "its parts between `/` must be file names",
            ))
        };
        for part in text.split('/') {
            match part {
                "" => return refused("a part of it is empty"),
                "." | ".." => return refused("a part of it is `.` or `..`"),
                _ => {}
            }
        }
        if text.split('/').next() == Some(FILE_NAME) {
            return refused("`.lazycred` is where the store keeps its own files");
        }
        let path = ObjectPath::new(format!("file://{}/", self.root.display()), text);
        Ok(Place {
            name: name.clone(),
            path,
        })
    }

    fn fetch<'a>(&'a self, place: &'a Place, version: Option<&'a str>) -> Step<'a, Result<Lookup>> {
        Box::pin(async move { self.look(place, version) })
    }

    fn save<'a>(
        &'a self,
        place: &'a Place,
        record: &'a [u8],
        condition: Condition<'a>,
    ) -> Step<'a, Result<Outcome>> {
        Box::pin(async move { self.write(place, record, condition) })
    }
}

fn stored(bytes: Vec<u8>) -> Stored {
    let etag = hash(&bytes);
    Stored {
        version: Some(etag.clone()),
        etag,
        bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, FolderStore) {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderStore::new(folder.path().join("secrets"), 1000);
        (folder, store)
    }

    fn place(store: &FolderStore, name: &str) -> Place {
        store.place(&name.parse().unwrap()).unwrap()
    }

    fn saved(outcome: Outcome) -> String {
        match outcome {
            Outcome::Saved(receipt) => receipt.etag,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_that_are_no_file_names_are_refused() {
        let (_folder, store) = store();
        for name in [
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "a/../b",
            "./a",
            ".lazycred",
            ".lazycred/x",
        ] {
            let error = store.place(&name.parse().unwrap()).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{name}");
        }
        for name in ["a", "a/b", "a/.lazycred", "...", "a b", "é"] {
            assert!(store.place(&name.parse().unwrap()).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_is_replaced_is_kept_as_a_version_once() {
        let (_folder, store) = store();
        let place = place(&store, "web/prod");
        let first = saved(store.write(&place, b"one", Condition::Absent).unwrap());
        assert!(store.kept(&place).unwrap().is_empty());
        saved(
            store
                .write(&place, b"two", Condition::Matches(&first))
                .unwrap(),
        );
        fs::write(store.file(&place), b"one").unwrap();
        saved(store.write(&place, b"three", Condition::Whatever).unwrap());
        assert_eq!(store.kept(&place).unwrap().len(), 1);
        let found = store
            .look(&place, Some(&first))
            .unwrap()
            .found(&place, None)
            .unwrap();
        assert_eq!(found.bytes, b"one");
        assert!(matches!(
            store.look(&place, Some("nope")).unwrap(),
            Lookup::Missing
        ));
    }

    #[test]
    fn a_condition_that_is_not_met_changes_nothing() {
        let (_folder, store) = store();
        let place = place(&store, "db");
        let refused = |condition| {
            matches!(
                store.write(&place, b"x", condition).unwrap(),
                Outcome::Refused
            )
        };
        assert!(refused(Condition::Matches("0")));
        saved(store.write(&place, b"one", Condition::Absent).unwrap());
        assert!(refused(Condition::Absent) && refused(Condition::Matches("0")));
        assert_eq!(fs::read(store.file(&place)).unwrap(), b"one");
    }

    #[test]
    fn a_secret_and_a_folder_of_its_name_cannot_both_be() {
        let (_folder, store) = store();
        saved(
            store
                .write(&place(&store, "a"), b"x", Condition::Absent)
                .unwrap(),
        );
        saved(
            store
                .write(&place(&store, "b/c"), b"x", Condition::Absent)
                .unwrap(),
        );
        for name in ["a/b", "b"] {
            let place = place(&store, name);
            assert!(matches!(store.look(&place, None).unwrap(), Lookup::Missing));
            assert_eq!(
                store
                    .write(&place, b"x", Condition::Absent)
                    .unwrap_err()
                    .exit_code(),
                2
            );
        }
    }

    #[test]
    fn reading_creates_nothing() {
        let (folder, store) = store();
        let place = place(&store, "db");
        assert!(matches!(store.look(&place, None).unwrap(), Lookup::Missing));
        assert!(matches!(
            store.look(&place, Some("v")).unwrap(),
            Lookup::Missing
        ));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
