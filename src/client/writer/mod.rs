//! Replaces a record without losing updates or hiding uncertainty.
//!
//! Reads the current record, makes the new one, and has the store write it only
//! if nothing has changed. After a refusal or a lost response it reads again:
//! records are unique, so equal bytes are our own. Knows no crypto: the new
//! record comes from the caller.

mod read_back;
mod remove;
mod settle;
mod unseen;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep, timeout_at};

use crate::backends::store::{Condition, Lookup, Receipt, Store, Stored};
use crate::base::version::may_begin_one;
use crate::base::{Error, Operation, Place, Result, jitter};
use crate::client::short_version::whole;
use crate::record::Record;

/// The first pause after a conflict, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// How often a server may refuse to create a record that it says does not exist:
/// once or twice others may have created and removed it.
const CONTRADICTIONS: u32 = 3;

/// Why there is no further attempt.
const TOO_OFTEN: &str = "concurrent writes continued until the timeout";

/// What is not known if the last of them has no response.
const MAY_BE_STORED: &str = "; the last attempt may still have been stored";
const MAY_BE_REMOVED: &str = "; the last attempt may still have been removed";

/// Why an attempt lost.
const OVERTAKEN: &str = "it was changed by a concurrent write";

/// Why a version was not compared by its first characters.
const UNTOLD: &str =
    "give the whole version: whether no other begins so is not known without s3:ListBucketVersions";
const TOO_SHORT: &str = "give at least the first six characters of the version";

/// What must be true for a write to be wanted.
///
/// Shape: [`Precondition::None`] replaces whatever is current.
///
/// # Examples
///
/// ```
/// use lazycred::Precondition;
/// let client = lazycred::blocking::Client::in_memory()?;
/// let first = client.put("db", "hunter2")?;
/// client.put_if("db", "hunter3", &Precondition::Version(first.version))?;
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Precondition {
    /// Nothing: create, or replace what is current.
    #[default]
    None,
    /// There is no secret of this name.
    Absent,
    /// This version is the current one; its first six characters do, if no other
    /// begins so.
    Version(String),
}

impl Precondition {
    /// Refuses a version that is not one record's only, as those that take a
    /// precondition do.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for version `null`, which every write replaces.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::Precondition;
    /// assert!(Precondition::Version("null".into()).check().is_err());
    /// assert!(Precondition::Absent.check().is_ok());
    /// ```
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Version(version) if version == "null" => Err(Error::usage_hint(
                "version `null` is overwritten by every write",
                "use the ETag instead, which identifies one record",
            )),
            _ => Ok(()),
        }
    }
}

/// What to do if the current record may not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unseen {
    /// Fail: the new record is made from the current one.
    Refuse,
    /// Write the record unless one exists.
    Create,
    /// Write the record, and replace any that exists.
    Overwrite,
}

/// How a record is written or removed.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) place: &'a Place,
    /// `store` or `remove`, for messages.
    pub(crate) action: &'static str,
    /// Without one, a write that lost a race is retried.
    pub(crate) precondition: &'a Precondition,
    pub(crate) unseen: Unseen,
    pub(crate) read_back: bool,
    pub(crate) deadline: Instant,
    /// Whether a request that may have been done has no response yet.
    pub(crate) unanswered: AtomicBool,
}

/// A new record, and the record elsewhere that it was made from, if any.
pub(crate) type Made = (Vec<u8>, Option<Stored>);

/// What a write left behind.
///
/// Shape: version `3`, changed, and version `2` replaced.
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// let first = client.put("db", "hunter2")?;
/// let second = client.put("db", "correct horse")?;
/// assert_eq!(second.replaced, Some(first.version));
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// The current version, as the store names it; empty if there is none.
    pub version: String,
    /// Whether anything was written: `false` if all was as wanted already.
    pub changed: bool,
    /// The version that was replaced, if the store keeps it.
    pub replaced: Option<String>,
    /// Whether the replaced record was damaged, so that it cannot be restored.
    pub damaged: bool,
}

/// Whose record is current after a write.
enum Settled {
    Ours(Receipt),
    Theirs,
    /// Refused because one exists, yet none does.
    Nobodys,
}

/// What the first characters of a version begin.
enum Begins {
    Current,
    Another,
    /// The versions may not be listed.
    Untold,
    TooShort,
}

fn is_damaged(stored: &Stored) -> bool {
    Record::parse(&stored.bytes).is_err()
}

impl Writer<'_> {
    /// Writes, and reads back. Also returns the record elsewhere that the new
    /// one was made from.
    ///
    /// `make` makes the new record from the current one; `None` keeps that.
    pub(crate) async fn write<F>(
        &self,
        make: impl Fn(Option<Stored>) -> F,
    ) -> Result<(Written, Option<Stored>)>
    where
        F: Future<Output = Result<Option<Made>>>,
    {
        let mut pause = PAUSE.0;
        let mut contradictions = 0;
        let mut again = false;
        loop {
            let look = self.store.fetch(self.place, None);
            let current = match self.in_time(again, "", look).await? {
                Lookup::Found(stored) => Some(stored),
                Lookup::Missing => None,
                Lookup::Forbidden(error) => return self.write_unseen(make(None), error).await,
            };
            let check = self.check(current.as_ref());
            self.in_time(again, "", check).await?;
            let seen = |stored: &Stored| {
                let version = stored.version().map(str::to_owned);
                (stored.etag().to_owned(), version)
            };
            let (before, replaced) = current.as_ref().map(seen).unzip();
            let damaged = current.as_ref().is_some_and(is_damaged);
            let Some((record, source)) = self.in_time(again, "", make(current)).await? else {
                let written = Written {
                    version: replaced.flatten().or(before).unwrap_or_default(),
                    changed: false,
                    replaced: None,
                    damaged: false,
                };
                return Ok((written, None));
            };
            let record = Bytes::from(record);
            let before = before.as_deref();
            let condition = before.map_or(Condition::Absent, Condition::Matches);
            let settle = self.settle(&record, condition, before);
            match self.in_time(again, MAY_BE_STORED, settle).await? {
                Settled::Ours(receipt) => {
                    // Where this record has a version, one without is kept by its etag.
                    let etag = receipt.version.as_ref().and(before);
                    let replaced = replaced.flatten().or(etag.map(str::to_owned));
                    let damaged = damaged && replaced.is_some();
                    let written = self.finish(record, receipt, before).await?;
                    return Ok((
                        Written {
                            replaced,
                            damaged,
                            ..written
                        },
                        source,
                    ));
                }
                Settled::Nobodys if contradictions == CONTRADICTIONS => {
                    return Err(self.contradicted());
                }
                Settled::Nobodys => {
                    contradictions += 1;
                    again = self.pause(&mut pause).await?;
                }
                Settled::Theirs if *self.precondition != Precondition::None => {
                    return Err(self.conflict(OVERTAKEN));
                }
                Settled::Theirs => again = self.pause(&mut pause).await?,
            }
        }
    }

    /// A step of an attempt: if a retry runs out of time, it is a conflict.
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

    async fn check(&self, current: Option<&Stored>) -> Result<()> {
        match (self.precondition, current) {
            (Precondition::Absent, Some(_)) => Err(self.conflict("it already exists")),
            (Precondition::Version(version), Some(stored)) if !stored.is_version(version) => {
                let now = stored.label();
                let hint = match self.begins(version, stored).await? {
                    Begins::Current => return Ok(()),
                    Begins::Another => None,
                    Begins::Untold => Some(UNTOLD),
                    Begins::TooShort => Some(TOO_SHORT),
                };
                let conflict =
                    self.conflict(&format!("the current version is `{now}`, not `{version}`"));
                Err(match hint {
                    Some(hint) => conflict.hinted(hint),
                    None => conflict,
                })
            }
            (Precondition::Version(version), None) => Err(self.conflict(&format!(
                "the current version should be `{version}`, but there is none"
            ))),
            _ => Ok(()),
        }
    }

    /// What a text that is not the current version begins.
    async fn begins(&self, text: &str, current: &Stored) -> Result<Begins> {
        let now = current.version();
        let Some(now) = now.filter(|now| now.starts_with(text)) else {
            return Ok(Begins::Another);
        };
        if !may_begin_one(text) {
            return Ok(Begins::TooShort);
        }
        match whole(self.store, self.place, text).await {
            Ok(whole) if whole == now => Ok(Begins::Current),
            Ok(_) | Err(Error::Missing { .. }) => Ok(Begins::Another),
            Err(Error::NoVersion { .. }) => Ok(Begins::Untold),
            Err(error) => Err(error),
        }
    }

    /// Sends a change: until its response is understood it may have been made.
    async fn sent<T>(&self, request: impl Future<Output = Result<T>>) -> Result<T> {
        self.unanswered.store(true, Ordering::Relaxed);
        request.await
    }

    /// Has an error say so where time ran out for that.
    pub(crate) fn told<T>(&self, result: Result<T>) -> Result<T> {
        let (done, command) = match self.action {
            "remove" => ("removed", "history"),
            _ => ("stored", "get"),
        };
        result.map_err(|error| match error {
            Error::TimedOut { .. } if self.unanswered.load(Ordering::Relaxed) => {
                error.in_doubt(done, command, self.place)
            }
            error => error,
        })
    }

    /// Nothing was done. Waits for a random time, and doubles the next one's limit;
    /// `true`, for [`Writer::in_time`].
    async fn pause(&self, pause: &mut Duration) -> Result<bool> {
        self.unanswered.store(false, Ordering::Relaxed);
        let random = jitter(*pause);
        if Instant::now() + random >= self.deadline {
            return Err(self.conflict(TOO_OFTEN));
        }
        sleep(random).await;
        *pause = (*pause * 2).min(PAUSE.1);
        Ok(true)
    }

    fn conflict(&self, message: &str) -> Error {
        Error::Conflict {
            action: self.action,
            place: self.place.clone(),
            message: message.to_owned(),
            hint: None,
        }
    }

    fn contradicted(&self) -> Error {
        let cause = "the server says that it already exists, and then that it does not";
        let hint = format!(
            "it treats a removed object as existing; if it keeps versions, delete the delete marker that `lazycred history {}` shows",
            self.place.name.argument()
        );
        Error::aws(Operation::Store, Some(self.place), cause).hinted(hint)
    }
}

#[cfg(test)]
mod tests;
