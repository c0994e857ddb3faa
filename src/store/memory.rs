//! A store in this process's memory, for examples and tests.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Condition, Lookup, Outcome, Receipt, Step, Store, Stored};
use crate::error::Result;
use crate::name::{ObjectPath, Place, SecretName};

/// Every version of every record, the newest last; gone with the process.
#[derive(Debug, Default)]
pub(crate) struct MemoryStore(Mutex<HashMap<String, Vec<Vec<u8>>>>);

impl MemoryStore {
    fn records(&self) -> MutexGuard<'_, HashMap<String, Vec<Vec<u8>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A version's number is its place in the line, from 1.
fn stored(versions: &[Vec<u8>], number: usize) -> Option<Stored> {
    let bytes = versions.get(number.checked_sub(1)?)?;
    Some(Stored {
        bytes: bytes.clone(),
        etag: number.to_string(),
        version: Some(number.to_string()),
    })
}

impl Store for MemoryStore {
    fn place(&self, name: &SecretName) -> Result<Place> {
        Ok(Place {
            name: name.clone(),
            path: ObjectPath::new("memory://", name.as_str()),
        })
    }

    fn fetch<'a>(&'a self, place: &'a Place, version: Option<&'a str>) -> Step<'a, Result<Lookup>> {
        let records = self.records();
        let found = records.get(place.path.as_str()).and_then(|versions| {
            let number = version.map_or(Some(versions.len()), |version| version.parse().ok());
            stored(versions, number?)
        });
        let lookup = found.map_or(Lookup::Missing, Lookup::Found);
        Box::pin(async { Ok(lookup) })
    }

    fn save<'a>(
        &'a self,
        place: &'a Place,
        record: &'a [u8],
        condition: Condition<'a>,
    ) -> Step<'a, Result<Outcome>> {
        let mut records = self.records();
        let versions = records.entry(place.path.as_str().to_owned()).or_default();
        let current = stored(versions, versions.len()).map(|stored| stored.etag);
        let met = match condition {
            Condition::Absent => current.is_none(),
            Condition::Matches(etag) => current.as_deref() == Some(etag),
            Condition::Whatever => true,
        };
        let outcome = if met {
            versions.push(record.to_vec());
            let number = versions.len().to_string();
            Outcome::Saved(Receipt {
                etag: number.clone(),
                version: Some(number),
            })
        } else {
            Outcome::Refused
        };
        Box::pin(async { Ok(outcome) })
    }
}
