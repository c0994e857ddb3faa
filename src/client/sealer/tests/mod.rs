//! Records without a store: what is made, and what is opened.

mod attacks;
mod writing;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};

use super::*;
use crate::backends::keyring::{MemoryKeyring, Rewrap, Rewrapped};
use crate::backends::store::now;

/// A keyring that counts how often it unwraps, and knows the last data key.
#[derive(Debug)]
struct Counting {
    inner: MemoryKeyring,
    asked: Arc<AtomicUsize>,
}

impl Keyring for Counting {
    fn wrap<'a>(
        &'a self,
        place: &'a Place,
        data_key: &'a DataKey,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Vec<u8>>> {
        self.inner.wrap(place, data_key, context)
    }

    fn unwrap<'a>(
        &'a self,
        place: &'a Place,
        wrapped: &'a [u8],
        context: &'a Context,
        from: Option<&'a WrappingKeyId>,
    ) -> BoxFuture<'a, Result<DataKey>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.inner.unwrap(place, wrapped, context, from)
    }

    fn rewrap<'a>(&'a self, order: Rewrap<'a>) -> BoxFuture<'a, Result<Rewrapped>> {
        self.inner.rewrap(order)
    }
}

struct Bench {
    sealer: Sealer,
    asked: Arc<AtomicUsize>,
}

impl Bench {
    fn new(write: u8) -> Self {
        let asked = Arc::default();
        let keyring = Counting {
            inner: MemoryKeyring::new(),
            asked: Arc::clone(&asked),
        };
        let formats = Formats {
            write,
            ..Formats::default()
        };
        let keyring = Box::new(keyring);
        Self {
            sealer: Sealer {
                keyring,
                formats,
                configured: Configured::default(),
            },
            asked,
        }
    }

    fn seal(&self, name: &str, secret: &str, current: Option<&Stored>) -> Stored {
        stored(now(self.sealer.seal(&place(name), &secret.into(), current)).unwrap())
    }

    fn open_with(&self, name: &str, record: &Stored, demands: Demands) -> Result<Secret> {
        now(self.sealer.open(&place(name), record.clone(), demands))
    }

    fn open(&self, name: &str, record: &Stored) -> Result<Secret> {
        self.open_with(name, record, Demands::default())
    }

    /// The message of a refusal, and whether the keyring was asked.
    fn refused(&self, name: &str, record: &Stored) -> (String, bool) {
        let before = self.asked.load(Ordering::Relaxed);
        let error = self.open(name, record).unwrap_err();
        assert_eq!(error.exit_code(), 4, "{error}");
        let asked = self.asked.load(Ordering::Relaxed) > before;
        (error.to_string(), asked)
    }

    /// The data key that a reader kept.
    fn data_key(&self, name: &str, record: &Stored) -> DataKey {
        let place = place(name);
        let (wrapped, context) = match Record::parse(&record.bytes).unwrap() {
            Record::V1(record) => (record.wrapped, Context::new()),
            Record::V2(record) => {
                let context = record.context(&place.path.identity());
                (record.wrapped, context)
            }
        };
        now(self.sealer.keyring.unwrap(&place, &wrapped, &context, None)).unwrap()
    }
}

fn place(name: &str) -> Place {
    crate::base::test_support::place("s3://acme/", "prod/", name)
}

fn stored(bytes: Vec<u8>) -> Stored {
    Stored {
        bytes,
        etag: "e".into(),
        version: None,
    }
}

fn members(record: &Stored) -> Map<String, Value> {
    serde_json::from_slice(&record.bytes).unwrap()
}

fn of(members: &Map<String, Value>) -> Stored {
    stored(serde_json::to_vec(members).unwrap())
}

/// A record with members of another in the place of its own.
fn spliced(record: &Stored, other: &Stored, names: &[&str]) -> Stored {
    let (mut members, other) = (members(record), self::members(other));
    for name in names {
        members[*name] = other[*name].clone();
    }
    of(&members)
}

fn generation(record: &Stored) -> u64 {
    members(record)["gen"].as_u64().unwrap()
}
