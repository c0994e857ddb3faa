//! Replaces a record so that no update is lost and no doubt is hidden.
//!
//! Looks, makes the new record, and has the store write it only if nothing has
//! changed meanwhile. What a refusal or a lost answer leaves open is settled by
//! looking again: records are unique, so equal bytes are our own. Knows no
//! crypto: the new record comes from the caller.

mod remove;

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use rand_core::{OsRng, RngCore};
use tokio::time::{Instant, sleep, timeout_at};

use crate::error::{Error, Operation, Result};
use crate::hash::sha256;
use crate::name::Place;
use crate::store::{Condition, Lookup, Outcome, Receipt, Store, Stored};

/// The first pause after a conflict, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// How often a server may refuse what it says is not there: once or twice it
/// may have been put there and removed by others.
const CONTRADICTIONS: u32 = 3;

/// Why no further try is made.
const TOO_OFTEN: &str = "others kept writing it until the time was over";

/// What must be true for a write to be wanted.
///
/// Shape: [`Precondition::None`] replaces whatever is current.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Precondition {
    /// Nothing: create, or replace what is current.
    #[default]
    None,
    /// There is no secret of this name.
    Absent,
    /// This version is the current one.
    Version(String),
}

/// What is to be done when somebody else wrote meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnConflict {
    /// Make the record again from what is there now.
    Retry,
    /// Leave what is there.
    Fail,
}

/// How a record is written.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) place: &'a Place,
    pub(crate) precondition: &'a Precondition,
    pub(crate) on_conflict: OnConflict,
    pub(crate) read_back: bool,
    pub(crate) deadline: Instant,
}

/// Makes the new record from the current one; `None` leaves what is there.
pub(crate) trait Make: Send + Sync {
    fn make<'a>(&'a self, current: Option<&'a Stored>) -> BoxFuture<'a, Result<Option<Vec<u8>>>>;

    /// Whether the record may be written without anything being known of the
    /// current one.
    fn blindly(&self) -> bool;

    /// Whether there is nothing to write where the current one may not be read.
    fn needs_current(&self) -> bool {
        false
    }
}

/// What a write left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// The version now current, as the store names it.
    pub(crate) version: String,
    /// Whether anything was written.
    pub(crate) changed: bool,
    /// The version that was current before, where it is still kept.
    pub(crate) replaced: Option<String>,
}

/// What a look at the current record comes to.
enum Prepared {
    Ready {
        /// Etag and version of the current record, whose bytes are not needed any more.
        before: Option<(String, Option<String>)>,
        record: Bytes,
    },
    AsItIs(Written),
    /// There may be one, which may not be read.
    Unseen(Error),
}

/// How a settled write ended.
enum Settled {
    Ours(Receipt),
    Theirs,
    /// Refused because something is there, and nothing is.
    Nobodys,
}

impl Writer<'_> {
    /// Writes, and looks whether it is there.
    pub(crate) async fn write(&self, make: &dyn Make) -> Result<Written> {
        let mut pause = PAUSE.0;
        let mut contradictions = 0;
        let mut again = false;
        loop {
            let (before, record) = match self.in_time(again, "", self.prepare(make)).await? {
                Prepared::Ready { before, record } => (before, record),
                Prepared::AsItIs(written) => return Ok(written),
                Prepared::Unseen(error) => return self.write_unseen(make, error).await,
            };
            let (before, replaced) = before.unzip();
            let before = before.as_deref();
            let condition = before.map_or(Condition::Absent, Condition::Matches);
            let doubt = "; the last try may have been stored all the same";
            let settle = self.settle(&record, condition, before);
            match self.in_time(again, doubt, settle).await? {
                Settled::Ours(receipt) => {
                    let replaced = replaced.flatten();
                    return self.finish(record, receipt, before, replaced).await;
                }
                Settled::Nobodys if contradictions == CONTRADICTIONS => {
                    return Err(self.contradicted());
                }
                Settled::Nobodys => {
                    contradictions += 1;
                    self.pause(&mut pause).await?;
                }
                Settled::Theirs if self.on_conflict == OnConflict::Fail => {
                    return Err(self.conflict("somebody else wrote it meanwhile"));
                }
                Settled::Theirs => self.pause(&mut pause).await?,
            }
            again = true;
        }
    }

    /// Looks, and makes the new record. Nothing is written yet.
    async fn prepare(&self, make: &dyn Make) -> Result<Prepared> {
        let current = match self.store.fetch(self.place, None).await? {
            Lookup::Found(stored) => Some(stored),
            Lookup::Missing => None,
            Lookup::Forbidden(error) => return Ok(Prepared::Unseen(error)),
        };
        self.check(current.as_ref())?;
        if let Some(record) = make.make(current.as_ref()).await? {
            return Ok(Prepared::Ready {
                before: current.map(|stored| (stored.etag, stored.version)),
                record: record.into(),
            });
        }
        let version = current.map(|stored| stored.version.unwrap_or(stored.etag));
        Ok(Prepared::AsItIs(Written {
            version: version.unwrap_or_default(),
            changed: false,
            replaced: None,
        }))
    }

    /// A step of a further try: that it comes too late is the conflict's doing.
    async fn in_time<T>(
        &self,
        again: bool,
        doubt: &str,
        step: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        if !again {
            return step.await;
        }
        let late = |_| Err(self.conflict(&format!("{TOO_OFTEN}{doubt}")));
        timeout_at(self.deadline, step).await.unwrap_or_else(late)
    }

    fn check(&self, current: Option<&Stored>) -> Result<()> {
        match (self.precondition, current) {
            (Precondition::Absent, Some(_)) => Err(self.conflict("there is one already")),
            (Precondition::Version(version), Some(stored)) if !stored.is_version(version) => {
                let now = stored.version.as_deref().unwrap_or(&stored.etag);
                Err(self.conflict(&format!(
                    "`{version}` is not the current version, `{now}` is"
                )))
            }
            (Precondition::Version(version), None) => Err(self.conflict(&format!(
                "`{version}` is not the current version, there is none"
            ))),
            _ => Ok(()),
        }
    }

    /// Writes, and finds out what became of it where the answer leaves it open.
    async fn settle(
        &self,
        record: &Bytes,
        condition: Condition<'_>,
        before: Option<&str>,
    ) -> Result<Settled> {
        let mut pause = PAUSE.0;
        let doubt = loop {
            match self.store.save(self.place, record, condition).await? {
                Outcome::Saved(receipt) => return Ok(Settled::Ours(receipt)),
                Outcome::Busy => self.pause(&mut pause).await?,
                Outcome::Refused => break None,
                Outcome::Unclear(error) => break Some(error),
            }
        };
        let now = match (self.store.fetch(self.place, None).await, doubt) {
            (Ok(Lookup::Found(stored)), doubt) => (Some(stored), doubt),
            (Ok(Lookup::Missing), doubt) => (None, doubt),
            (Ok(Lookup::Forbidden(error)) | Err(error), None) => return Err(error),
            (Ok(Lookup::Forbidden(_)) | Err(_), Some(doubt)) => {
                return Err(doubt.in_doubt("stored", "get"));
            }
        };
        match now {
            (Some(stored), _) if stored.bytes == **record => Ok(Settled::Ours(Receipt {
                etag: stored.etag,
                version: stored.version,
            })),
            // Nothing has changed, so the write did not happen.
            (now, Some(doubt)) if now.as_ref().map(|s| &*s.etag) == before => Err(doubt),
            (None, None) if condition == Condition::Absent => Ok(Settled::Nobodys),
            _ => Ok(Settled::Theirs),
        }
    }

    /// Writes where the current record may not be read, or is not there and we
    /// may not know that: first as if there were none.
    async fn write_unseen(&self, make: &dyn Make, refusal: Error) -> Result<Written> {
        if matches!(self.precondition, Precondition::Version(_)) || make.needs_current() {
            return Err(refusal);
        }
        if !make.blindly()
            && *self.precondition == Precondition::None
            && self.on_conflict == OnConflict::Fail
        {
            return Err(refusal);
        }
        let Some(record) = make.make(None).await? else {
            return Err(refusal);
        };
        let record = Bytes::from(record);
        let mut condition = Condition::Absent;
        let mut pause = PAUSE.0;
        loop {
            match self.store.save(self.place, &record, condition).await? {
                Outcome::Saved(receipt) => return self.finish(record, receipt, None, None).await,
                Outcome::Busy => self.pause(&mut pause).await?,
                Outcome::Unclear(error) => return Err(error.in_doubt("stored", "get")),
                Outcome::Refused if *self.precondition == Precondition::Absent => {
                    return Err(self.conflict("there is one already, which may not be read"));
                }
                Outcome::Refused if make.blindly() => {
                    tracing::warn!(
                        "{} is there and may not be read, so it is replaced without a look at it",
                        self.place
                    );
                    condition = Condition::Whatever;
                }
                Outcome::Refused => {
                    return Err(match refusal {
                        Error::Aws { operation, place, code, cause, .. } => Error::Aws {
                            operation: Operation::Store,
                            place,
                            code,
                            cause: format!("cannot {operation} the one that is there: {cause}"),
                            hint: Some(
                                "record version 2 counts its writes, so writing needs s3:GetObject; \
                                 the record may have been stored, if an answer was lost"
                                    .into(),
                            ),
                        },
                        other => other,
                    });
                }
            }
        }
    }

    /// Reads back what was written. Its hash stands for it, so that one large
    /// record at a time is held.
    async fn finish(
        &self,
        record: Bytes,
        receipt: Receipt,
        before: Option<&str>,
        replaced: Option<String>,
    ) -> Result<Written> {
        let written = Written {
            version: receipt
                .version
                .clone()
                .unwrap_or_else(|| receipt.etag.clone()),
            changed: true,
            replaced,
        };
        if !self.read_back {
            return Ok(written);
        }
        let hash = sha256(&record);
        drop(record);
        let version = receipt.version.as_deref();
        let mut lookup = self.store.fetch(self.place, version).await;
        if matches!(lookup, Ok(Lookup::Forbidden(_))) && version.is_some() {
            lookup = self.store.fetch(self.place, None).await;
        }
        let other = |now: &Stored| now.etag == receipt.etag && sha256(&now.bytes) != hash;
        // A server may join our etag to what somebody else is storing just now.
        if version.is_none() && matches!(&lookup, Ok(Lookup::Found(now)) if other(now)) {
            lookup = self.store.fetch(self.place, None).await;
        }
        let wrong = |what: &str| Err(self.not_kept(what));
        match lookup {
            Ok(Lookup::Found(now)) if sha256(&now.bytes) == hash => Ok(written),
            Ok(Lookup::Found(now)) if now.etag == receipt.etag => {
                wrong("it gave other bytes back than it was given")
            }
            Ok(Lookup::Found(now)) if before == Some(&now.etag) => {
                wrong("it still has the old record")
            }
            // Somebody wrote after us.
            Ok(Lookup::Found(_)) => Ok(written),
            Ok(Lookup::Missing) => wrong("nothing is there"),
            Ok(Lookup::Forbidden(error)) => {
                tracing::warn!(
                    "{} was stored, but could not be read back: {error}",
                    self.place
                );
                Ok(written)
            }
            Err(error) => {
                let cause = format!("it was stored, but could not be read back: {error}");
                Err(self.failed(Operation::Check, cause, error.hint()))
            }
        }
    }

    async fn pause(&self, pause: &mut Duration) -> Result<()> {
        let most = u32::try_from(pause.as_micros()).unwrap_or(u32::MAX);
        let jitter = Duration::from_micros(u64::from(OsRng.next_u32() % most.max(1)));
        if Instant::now() + jitter >= self.deadline {
            return Err(self.conflict(TOO_OFTEN));
        }
        sleep(jitter).await;
        *pause = (*pause * 2).min(PAUSE.1);
        Ok(())
    }

    fn conflict(&self, message: &str) -> Error {
        Error::Conflict {
            action: "store",
            place: self.place.clone(),
            message: message.to_owned(),
        }
    }

    fn contradicted(&self) -> Error {
        let cause =
            "the server refuses it because there is one already, and says that there is none";
        let hint = format!(
            "it takes a removed object for one that is there; where it keeps versions, delete the mark of the removal that `lazycred history {}` shows",
            self.place.name.argument()
        );
        self.failed(Operation::Store, cause.into(), Some(hint))
    }

    fn not_kept(&self, what: &str) -> Error {
        let cause = format!("the store said that it was written, but {what}");
        self.failed(
            Operation::Store,
            cause,
            Some(
                "the server does not keep S3's promises; `lazycred get` shows what is there".into(),
            ),
        )
    }

    fn failed(&self, operation: Operation, cause: String, hint: Option<String>) -> Error {
        Error::Aws {
            operation,
            place: Some(self.place.clone()),
            code: None,
            cause,
            hint,
        }
    }
}
