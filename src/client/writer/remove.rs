//! Removes a record, if it is still the one that was seen.

use super::{PAUSE, Writer};
use crate::backends::store::{Lookup, Removal, Removed, Stored};
use crate::base::Result;
use crate::record::Record;

impl Writer<'_> {
    /// Looks, and has the store remove what was seen.
    pub(crate) async fn remove(&self) -> Result<Removed> {
        let current = self.store.fetch(self.place, None).await?;
        let current = current.found(self.place, None)?;
        self.check(Some(&current))?;
        let settled = self.settle_removal(&current).await?;
        let removed = settled.ok_or_else(|| self.overtaken())?;
        let damaged = Record::parse(&current.bytes).is_err();
        Ok(Removed { damaged, ..removed })
    }

    /// Removes, and finds out what became of it where the answer leaves it
    /// open: a record that is gone is removed, by whomever. `None` if somebody
    /// else wrote another meanwhile.
    async fn settle_removal(&self, current: &Stored) -> Result<Option<Removed>> {
        let mut pause = PAUSE.0;
        let doubt = loop {
            match self.store.delete(self.place, current).await? {
                Removal::Done(removed) => return Ok(Some(removed)),
                Removal::Busy => self.pause(&mut pause).await?,
                Removal::Refused => break None,
                Removal::Unclear(error) => break Some(error),
            }
        };
        match (self.store.fetch(self.place, None).await, doubt) {
            (Ok(Lookup::Missing), _) => Ok(Some(Removed {
                version: current.version.clone(),
                ..Removed::default()
            })),
            // Nothing has changed, so the removal did not happen.
            (Ok(Lookup::Found(now)), Some(doubt)) if now.etag == current.etag => Err(doubt),
            (Ok(Lookup::Found(_)), _) => Ok(None),
            (Ok(Lookup::Forbidden(error)) | Err(error), None) => Err(error),
            (Ok(Lookup::Forbidden(_)) | Err(_), Some(doubt)) => {
                Err(doubt.in_doubt("removed", "history"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;
    use std::time::Duration;

    use bytes::Bytes;
    use futures_util::future::BoxFuture;
    use tokio::time::Instant;

    use super::*;
    use crate::backends::store::{Condition, MemoryStore, Outcome, Pages, Store, Version, now};
    use crate::base::{Error, Place, SecretName};
    use crate::client::writer::{Precondition, Unseen};

    /// What goes wrong with one removal.
    #[derive(Debug, Clone, Copy)]
    enum Fault {
        None,
        /// Somebody is writing just now.
        Busy,
        /// Somebody has written before it.
        Overtaken,
        /// It is done, and the answer is lost.
        Lost,
        /// It is not done, and the answer is lost.
        Failed,
    }

    #[derive(Debug)]
    struct Faulty {
        store: MemoryStore,
        faults: Mutex<VecDeque<Fault>>,
    }

    fn lost() -> Removal {
        Removal::Unclear(Error::usage("the answer is lost"))
    }

    impl Store for Faulty {
        fn place(&self, name: &SecretName) -> Result<Place> {
            self.store.place(name)
        }

        fn fetch<'a>(
            &'a self,
            place: &'a Place,
            version: Option<&'a str>,
        ) -> BoxFuture<'a, Result<Lookup>> {
            self.store.fetch(place, version)
        }

        fn save<'a>(
            &'a self,
            place: &'a Place,
            record: &'a Bytes,
            condition: Condition<'a>,
        ) -> BoxFuture<'a, Result<Outcome>> {
            self.store.save(place, record, condition)
        }

        fn delete<'a>(
            &'a self,
            place: &'a Place,
            current: &'a Stored,
        ) -> BoxFuture<'a, Result<Removal>> {
            let fault = self.faults.lock().unwrap().pop_front().unwrap();
            Box::pin(async move {
                match fault {
                    Fault::None => self.store.delete(place, current).await,
                    Fault::Busy => Ok(Removal::Busy),
                    Fault::Overtaken => {
                        self.store
                            .save(place, &Bytes::from_static(b"theirs"), Condition::Whatever)
                            .await?;
                        self.store.delete(place, current).await
                    }
                    Fault::Lost => {
                        self.store.delete(place, current).await?;
                        Ok(lost())
                    }
                    Fault::Failed => Ok(lost()),
                }
            })
        }

        fn list(&self, prefix: &str) -> Box<dyn Pages + '_> {
            self.store.list(prefix)
        }

        fn versions<'a>(&'a self, place: &'a Place) -> BoxFuture<'a, Result<Vec<Version>>> {
            self.store.versions(place)
        }
    }

    /// Removes the record `ours`; the answer, and what is there after it.
    fn removed(
        faults: &[Fault],
        precondition: &Precondition,
    ) -> (Result<Removed>, Option<Vec<u8>>) {
        let store = Faulty {
            store: MemoryStore::default(),
            faults: Mutex::new(faults.iter().copied().collect()),
        };
        let place = store.place(&"db".parse().unwrap()).unwrap();
        now(store.save(&place, &Bytes::from_static(b"ours"), Condition::Absent)).unwrap();
        let writer = Writer {
            store: &store,
            place: &place,
            action: "remove",
            precondition,
            unseen: Unseen::Refuse,
            read_back: true,
            deadline: Instant::now() + Duration::from_secs(30),
        };
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().build().unwrap();
        let answer = runtime.block_on(writer.remove());
        assert!(store.faults.lock().unwrap().is_empty());
        match now(store.fetch(&place, None)).unwrap() {
            Lookup::Found(stored) => (answer, Some(stored.bytes)),
            _ => (answer, None),
        }
    }

    #[test]
    fn a_removal_ends_as_it_was_or_says_that_it_did_not() {
        use Fault::{Busy, Failed, Lost, None as Fine, Overtaken};
        let theirs = Some(b"theirs".to_vec());
        for (faults, status, left) in [
            (&[Fine][..], 0, None),
            (&[Busy, Busy, Fine], 0, None),
            (&[Lost], 0, None),
            (&[Failed], 2, Some(b"ours".to_vec())),
            (&[Overtaken], 6, theirs),
        ] {
            let (answer, there) = removed(faults, &Precondition::None);
            assert_eq!(answer.as_ref().map_or_else(Error::exit_code, |_| 0), status);
            assert_eq!(there, left, "{faults:?}");
            if let Ok(removed) = answer {
                assert_eq!(removed.version.as_deref(), Some("1"));
            }
        }
    }

    #[test]
    fn only_the_version_that_was_named_is_removed() {
        let version = |version: &str| Precondition::Version(version.into());
        let (answer, there) = removed(&[], &version("2"));
        assert_eq!(
            answer.unwrap_err().to_string(),
            "cannot remove `db` (memory://db): `2` is not the current version, `1` is"
        );
        assert!(there.is_some());
        let (answer, there) = removed(&[Fault::None], &version("1"));
        assert!(answer.is_ok() && there.is_none());
    }
}
