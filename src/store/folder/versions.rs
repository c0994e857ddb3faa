//! The versions of a record: files `TIME-HASH` in a folder of its own, and
//! `TIME-HASH.removed` where it was removed.
//!
//! TIME is when it was kept, in nanoseconds, and gives the order; the file's
//! own time is when the record was stored. HASH is the SHA-256 of the bytes,
//! and the version; a removal's is of nothing but its name and time.

use std::time::{SystemTime, UNIX_EPOCH};

use nix::sys::stat::SFlag;

use super::tree::{Folder, Links, failed, if_there, kind, modified};
use super::{FolderStore, Held, Present};
use crate::config::FILE_NAME;
use crate::error::{Error, Result};
use crate::hash::sha256;
use crate::name::Place;
use crate::store::{Lookup, Version};

/// What the name of a removal's file ends with.
const REMOVED: &str = ".removed";

/// The most digits of a time that is read, so that a later one can be counted.
const DIGITS: usize = 30;

/// A version that was kept, or a removal, in the order of keeping.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kept {
    /// When it was kept, in nanoseconds.
    time: u128,
    pub(super) hash: String,
    pub(super) removal: bool,
}

impl Kept {
    fn parse(file_name: &str) -> Option<Self> {
        let (name, removal) = match file_name.strip_suffix(REMOVED) {
            Some(name) => (name, true),
            None => (file_name, false),
        };
        let (time, hash) = name.split_once('-')?;
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_hash = hash.len() == 64 && hash.bytes().all(hex);
        let kept = Self {
            time: time.parse().ok().filter(|_| time.len() <= DIGITS)?,
            hash: is_hash.then(|| hash.to_owned())?,
            removal,
        };
        (kept.file_name() == file_name).then_some(kept)
    }

    fn file_name(&self) -> String {
        let suffix = if self.removal { REMOVED } else { "" };
        format!("{:020}-{}{suffix}", self.time, self.hash)
    }

    fn is_record(&self, hash: &str) -> bool {
        !self.removal && self.hash == hash
    }
}

/// Where the versions of a record are, from the store's own folder: `web/prod`
/// has `versions/web/prod.d`.
fn folder_name(place: &Place) -> String {
    format!("versions/{}.d", place.path.as_str())
}

/// When the next entry is kept: a clock that went back must not put it before
/// an older one.
fn next(kept: &[Kept]) -> u128 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    now.as_nanos()
        .max(kept.last().map_or(0, |kept| kept.time) + 1)
}

impl FolderStore {
    /// The folder of a record's versions, and what is in it, the oldest first.
    pub(super) fn kept(&self, place: &Place) -> Result<Option<(Folder, Vec<Kept>)>> {
        let names = format!("{FILE_NAME}/{}", folder_name(place));
        let open = || match self.root()? {
            Some(root) => if_there(root.along(&names, self.links())),
            None => Ok(None),
        };
        let failed = |error| failed(format!("list the versions of {place}"), error);
        let Some(folder) = open().map_err(failed)? else {
            return Ok(None);
        };
        let kept = entries(&folder).map_err(failed)?;
        Ok(Some((folder, kept)))
    }

    /// A version that was kept, the newest with these bytes.
    pub(super) fn look_at_kept(&self, place: &Place, version: &str) -> Result<Lookup> {
        let Some((folder, kept)) = self.kept(place)? else {
            return Ok(Lookup::Missing);
        };
        let Some(kept) = kept.iter().rfind(|kept| kept.is_record(version)) else {
            return Ok(Lookup::Missing);
        };
        match self.read(place, &folder, &kept.file_name(), self.links())? {
            Some(present) if present.stored.etag == version => Ok(Lookup::Found(present.stored)),
            _ => Err(Error::damaged(
                place,
                format!("the version `{version}` was changed on disk"),
            )),
        }
    }

    /// The newest first. The current one is the newest of those that have the
    /// bytes of FOLDER/NAME; where none has them, FOLDER/NAME comes before all.
    pub(super) fn history(&self, place: &Place) -> Result<Vec<Version>> {
        let mut current = self.current(place)?;
        let mut versions = Vec::new();
        if let Some((folder, kept)) = self.kept(place)? {
            for kept in kept.into_iter().rev() {
                let about = folder.about(kept.file_name(), self.links());
                let about = about
                    .map_err(|error| failed(format!("list the versions of {place}"), error))?;
                let same = current.take_if(|current| kept.is_record(&current.stored.etag));
                versions.push(Version {
                    version: kept.hash,
                    modified: modified(&about),
                    size: about.st_size.unsigned_abs(),
                    deleted: kept.removal,
                    current: same.is_some(),
                });
            }
        }
        if let Some(current) = current {
            let first = Version {
                version: current.stored.etag,
                modified: current.modified,
                size: current.stored.bytes.len() as u64,
                deleted: false,
                current: true,
            };
            versions.insert(0, first);
        }
        Ok(versions)
    }
}

/// Keeps a record as a version before it is replaced or removed, unless the
/// newest one is the same; and then an entry of what becomes of it: nothing
/// for a record that is new here, which needs none before it is replaced.
pub(super) fn keep(
    held: &Held,
    place: &Place,
    current: Option<&Present>,
    then: Then<'_>,
) -> Result<Option<Entered>> {
    let keep = || {
        let names = folder_name(place);
        let mut kept = match if_there(held.own.along(&names, Links::Refused))? {
            Some(folder) => entries(&folder)?,
            None => Vec::new(),
        };
        if let Some(current) = current {
            let hash = &current.stored.etag;
            if !kept.last().is_some_and(|newest| newest.is_record(hash)) {
                let entry = Kept {
                    time: next(&kept),
                    hash: hash.clone(),
                    removal: false,
                };
                let folder = held.own.make_along(&names)?;
                let file_name = entry.file_name();
                let bytes = &current.stored.bytes;
                let modified = Some(current.modified);
                held.own.put((&folder, &file_name), bytes, modified)?;
                kept.push(entry);
            }
        }
        let time = next(&kept);
        let (entry, bytes) = match then {
            Then::Replaced(bytes) => {
                let hash = sha256(bytes);
                if !kept.iter().any(|kept| kept.is_record(&hash)) {
                    return Ok(None);
                }
                let removal = false;
                (
                    Kept {
                        time,
                        hash,
                        removal,
                    },
                    bytes,
                )
            }
            Then::Removed => {
                let hash = sha256(format!("{}\n{time}", place.path.as_str()).as_bytes());
                let removal = true;
                (
                    Kept {
                        time,
                        hash,
                        removal,
                    },
                    &[][..],
                )
            }
        };
        let folder = held.own.make_along(&names)?;
        let name = entry.file_name();
        held.own.put((&folder, &name), bytes, None)?;
        let version = entry.hash;
        Ok(Some(Entered {
            folder,
            name,
            version,
        }))
    };
    keep().map_err(|error: std::io::Error| match error.kind() {
        std::io::ErrorKind::InvalidFilename => unkept(place),
        _ => failed(format!("keep a version of {place}"), error),
    })
}

/// The error for a name of which nothing can be kept: a writer that did not look
/// made it, or somebody by hand.
pub(super) fn unkept(place: &Place) -> Error {
    Error::usage_hint(
        format!("cannot keep a version of {place}: a part of its name is too long"),
        "copy the file to a shorter name, and remove it by hand",
    )
}

/// What becomes of a record that is kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum Then<'a> {
    Replaced(&'a [u8]),
    Removed,
}

/// An entry for what is about to happen.
#[derive(Debug)]
pub(super) struct Entered {
    folder: Folder,
    name: String,
    pub(super) version: String,
}

impl Entered {
    /// Takes it back, since it did not happen.
    pub(super) fn undo(&self) {
        self.folder.remove(&self.name).ok();
    }
}

/// What a folder of versions has, the oldest first.
fn entries(folder: &Folder) -> std::io::Result<Vec<Kept>> {
    let mut kept = Vec::new();
    for (name, _) in folder.entries()? {
        let Some(entry) = name.to_str().and_then(Kept::parse) else {
            continue;
        };
        let about = folder.about(&name, Links::Refused)?;
        if kind(&about) == SFlag::S_IFREG {
            kept.push(entry);
        }
    }
    kept.sort();
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Condition, Outcome, Removal, Store as _, now};

    fn told(store: &FolderStore, place: &Place) -> Vec<(u64, bool, bool)> {
        let versions = now(store.versions(place)).unwrap();
        let told = versions
            .iter()
            .map(|version| (version.size, version.current, version.deleted));
        told.collect()
    }

    #[test]
    fn bytes_that_were_seen_before_are_an_entry_of_their_own_and_the_newer_is_meant() {
        let folder = crate::tests::folder();
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
            format!("{}-{hash}", "9".repeat(31)),
            format!("{:020}-{hash}.d", 7),
            format!("{:020}-{}", 7, "A".repeat(64)),
            format!("{:020}-", 7),
            "lock".to_owned(),
        ] {
            assert_eq!(Kept::parse(&bad), None, "{bad}");
        }
    }
}
