//! Stores in which somebody else is at work.

use bytes::Bytes;
use futures_util::future::BoxFuture;

use super::*;
use crate::backends::store::{Pages, Removal, Store, Version};

/// A store in which something happens to `a` or `b` once `b` is written.
#[derive(Debug)]
struct Meddled {
    inner: Box<dyn Store>,
    with: Meddling,
    done: std::sync::atomic::AtomicBool,
}

#[derive(Debug, PartialEq)]
enum Meddling {
    /// Nobody may read `b` any more.
    Forbid,
    /// Somebody stores `a` again.
    Rewrite,
}

impl Store for Meddled {
    fn place(&self, name: &SecretName) -> Result<Place> {
        self.inner.place(name)
    }

    fn fetch<'a>(
        &'a self,
        place: &'a Place,
        version: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Lookup>> {
        let done = self.done.load(std::sync::atomic::Ordering::Relaxed);
        if done && self.with == Meddling::Forbid && place.name.as_str() == "b" {
            return Box::pin(async { Ok(Lookup::Forbidden(Error::usage("forbidden"))) });
        }
        self.inner.fetch(place, version)
    }

    fn save<'a>(
        &'a self,
        place: &'a Place,
        record: &'a Bytes,
        condition: Condition<'a>,
    ) -> BoxFuture<'a, Result<Outcome>> {
        if place.name.as_str() != "b" {
            return self.inner.save(place, record, condition);
        }
        self.done.store(true, std::sync::atomic::Ordering::Relaxed);
        Box::pin(async move {
            if self.with == Meddling::Rewrite {
                static THEIRS: Bytes = Bytes::from_static(b"theirs");
                let other = self.inner.place(&name("a"))?;
                let saved = self.inner.save(&other, &THEIRS, Condition::Whatever);
                assert!(matches!(saved.await?, Outcome::Saved(_)));
            }
            self.inner.save(place, record, condition).await
        })
    }

    fn delete<'a>(
        &'a self,
        place: &'a Place,
        current: &'a Stored,
    ) -> BoxFuture<'a, Result<Removal>> {
        self.inner.delete(place, current)
    }

    fn list(&self, prefix: &str) -> Box<dyn Pages + '_> {
        self.inner.list(prefix)
    }

    fn versions<'a>(&'a self, place: &'a Place) -> BoxFuture<'a, Result<Vec<Version>>> {
        self.inner.versions(place)
    }
}

#[test]
fn a_rename_that_cannot_be_seen_through_leaves_the_secret_under_its_old_name() {
    for (with, expected) in [(Meddling::Forbid, 1), (Meddling::Rewrite, 6)] {
        let mut client = client(2);
        put(&client, "a", "one");
        let inner = std::mem::replace(&mut client.store, Client::in_memory().store);
        client.store = Box::new(Meddled {
            inner,
            with,
            done: false.into(),
        });
        let renamed = run(client.rename(&name("a"), &name("b"), Replace::Never));
        assert_eq!(status(renamed), expected);
        assert!(run(client.fetch(&client.place("a").unwrap(), None)).is_ok());
    }
}
