//! A store in memory, for examples and tests.
//!
//! It behaves like a bucket with versioning: a removal adds a delete marker.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;

use super::{
    Condition, Entry, Lookup, Outcome, PAGE, Pages, Receipt, Removal, Removed, Store, Stored,
    Version,
};
use crate::backends::Pending;
use crate::base::{ObjectPath, Place, Result, SecretName};

/// Every version of every record, newest last; lost when the process ends.
#[derive(Debug, Default)]
pub(crate) struct MemoryStore(Mutex<Records>);

type Records = BTreeMap<String, Vec<Revision>>;

/// A version of a record, or the mark of its removal.
#[derive(Debug)]
struct Revision {
    at: SystemTime,
    record: Option<Vec<u8>>,
}

impl MemoryStore {
    fn records(&self) -> MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A version's number is its position, from 1.
fn stored(versions: &[Revision], number: usize) -> Option<Stored> {
    let kept = versions.get(number.checked_sub(1)?)?;
    let number = number.to_string();
    Some(Stored::new(
        kept.record.clone()?,
        number.clone(),
        Some(number),
    ))
}

/// Adds a version, and returns its number.
fn push(versions: &mut Vec<Revision>, record: Option<Vec<u8>>) -> String {
    versions.push(Revision {
        at: SystemTime::now(),
        record,
    });
    versions.len().to_string()
}

impl Store for MemoryStore {
    fn place(&self, name: &SecretName) -> Result<Place> {
        Ok(Place {
            name: name.clone(),
            path: ObjectPath::new("memory://", name.as_str()),
        })
    }

    fn fetch<'a>(&'a self, place: &'a Place, version: Option<&'a str>) -> Pending<'a, Lookup> {
        let records = self.records();
        let found = records.get(place.path.as_str()).and_then(|versions| {
            let number = version.map_or(Some(versions.len()), |version| version.parse().ok());
            let found = stored(versions, number?)?;
            version
                .is_none_or(|version| version == found.etag())
                .then_some(found)
        });
        let lookup = found.map_or(Lookup::Missing, Lookup::Found);
        Box::pin(async { Ok(lookup) })
    }

    fn holds<'a>(&'a self, place: &'a Place, record: &'a [u8]) -> Pending<'a, bool> {
        let records = self.records();
        let current = records.get(place.path.as_str()).and_then(|all| all.last());
        let holds = current.is_some_and(|current| current.record.as_deref() == Some(record));
        Box::pin(async move { Ok(holds) })
    }

    fn save<'a>(
        &'a self,
        place: &'a Place,
        record: &'a Bytes,
        condition: Condition<'a>,
    ) -> Pending<'a, Outcome> {
        let mut records = self.records();
        let versions = records.entry(place.path.as_str().to_owned()).or_default();
        let current = stored(versions, versions.len());
        let outcome = if condition.is_met(current.as_ref().map(Stored::etag)) {
            let number = push(versions, Some(record.to_vec()));
            Outcome::Saved(Receipt {
                etag: number.clone(),
                version: Some(number),
            })
        } else {
            Outcome::Refused
        };
        Box::pin(async { Ok(outcome) })
    }

    fn delete<'a>(&'a self, place: &'a Place, current: &'a Stored) -> Pending<'a, Removal> {
        let mut records = self.records();
        let removal = match records.get_mut(place.path.as_str()) {
            Some(versions) if stored(versions, versions.len()).as_ref() == Some(current) => {
                Removal::Done(Removed {
                    version: Some(versions.len().to_string()),
                    marker: Some(push(versions, None)),
                    damaged: false,
                })
            }
            _ => Removal::Refused,
        };
        Box::pin(async { Ok(removal) })
    }

    fn list(&self, prefix: &str) -> Box<dyn Pages + '_> {
        Box::new(RecordPages {
            store: self,
            prefix: prefix.to_owned(),
            from: Some(Bound::Included(prefix.to_owned())),
        })
    }

    fn versions<'a>(&'a self, place: &'a Place) -> Pending<'a, Vec<Version>> {
        let records = self.records();
        let versions = records
            .get(place.path.as_str())
            .map_or(&[][..], Vec::as_slice);
        let listed = versions.iter().enumerate().rev();
        let listed = listed.map(|(at, kept)| Version {
            version: (at + 1).to_string(),
            etag: false,
            modified: kept.at,
            size: kept.record.as_ref().map_or(0, |record| record.len() as u64),
            deleted: kept.record.is_none(),
            current: kept.record.is_some() && at + 1 == versions.len(),
        });
        let listed = listed.collect();
        Box::pin(async { Ok(listed) })
    }
}

/// The names from one on; `None` at the end.
#[derive(Debug)]
struct RecordPages<'a> {
    store: &'a MemoryStore,
    prefix: String,
    from: Option<Bound<String>>,
}

impl Pages for RecordPages<'_> {
    fn next(&mut self) -> Pending<'_, Option<Vec<Entry>>> {
        let page = self.from.take().map(|from| {
            let records = self.store.records();
            let mut page = Vec::new();
            for (path, versions) in records.range((from, Bound::Unbounded)) {
                if !path.starts_with(&self.prefix) {
                    break;
                }
                if page.len() == PAGE {
                    let last: &Entry = &page[PAGE - 1];
                    self.from = Some(Bound::Excluded(last.name.as_str().to_owned()));
                    break;
                }
                page.extend(entry(path, versions));
            }
            page
        });
        Box::pin(async { Ok(page) })
    }
}

/// The current record of a path; `None` if it was removed.
fn entry(path: &str, versions: &[Revision]) -> Option<Entry> {
    let kept = versions.last()?;
    Some(Entry {
        name: path.parse().ok()?,
        size: kept.record.as_ref()?.len() as u64,
        modified: kept.at,
        etag: Some(versions.len().to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backends::store::now;

    fn put(store: &MemoryStore, name: &str, record: &'static [u8]) -> Place {
        let place = store.place(&name.parse().unwrap()).unwrap();
        let saved = now(store.save(&place, &Bytes::from_static(record), Condition::Whatever));
        assert!(matches!(saved.unwrap(), Outcome::Saved(_)));
        place
    }

    #[test]
    fn a_removed_record_is_not_listed_and_has_its_versions() {
        let store = MemoryStore::default();
        let place = put(&store, "db", b"one");
        put(&store, "db", b"two");
        let stored = stored(&store.records()["db"], 2).unwrap();
        let Removal::Done(removed) = now(store.delete(&place, &stored)).unwrap() else {
            panic!("refused");
        };
        assert_eq!(removed.version.as_deref(), Some("2"));
        let again = now(store.delete(&place, &stored)).unwrap();
        assert!(matches!(again, Removal::Refused));
        let versions = now(store.versions(&place)).unwrap();
        let told = versions
            .iter()
            .map(|v| (v.version.as_str(), v.size, v.deleted, v.current));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                ("3", 0, true, false),
                ("2", 3, false, false),
                ("1", 3, false, false)
            ]
        );
        assert_eq!(now(store.list("").next()).unwrap().unwrap(), []);
        let old = now(store.fetch(&place, Some("2"))).unwrap();
        assert!(matches!(old, Lookup::Found(found) if found.bytes == b"two"));
    }

    #[test]
    fn a_list_comes_in_pages_of_a_thousand_and_in_byte_order() {
        let store = MemoryStore::default();
        for number in 0..2001 {
            put(&store, &format!("n/{number:04}"), b"x");
        }
        put(&store, "m", b"x");
        put(&store, "o", b"x");
        let mut pages = store.list("n/");
        let mut sizes = Vec::new();
        let mut names = Vec::new();
        while let Some(page) = now(pages.next()).unwrap() {
            sizes.push(page.len());
            names.extend(page.into_iter().map(|entry| entry.name));
        }
        assert_eq!(sizes, [1000, 1000, 1]);
        assert!(names.is_sorted());
    }
}
