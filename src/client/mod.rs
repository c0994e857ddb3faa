//! The pipeline: fetch → unwrap → open in `Client::read`, and seal → wrap →
//! save in `Client::write`.
//!
//! A client joins one store and one keyring. It never prints: besides its
//! results it only emits `tracing` events of the target `lazycred`.

pub mod blocking;
pub(crate) mod cached;
mod connect;
pub(crate) mod copies;
mod deadline;
pub(crate) mod fields;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod load;
#[cfg(test)]
mod properties;
pub(crate) mod put;
pub(crate) mod rewrap;
pub(crate) mod sealer;
pub mod setup;
mod short_version;
pub(crate) mod versions;
pub(crate) mod writer;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::Instant;

use crate::backends::aws::Throttles;
use crate::backends::store::{Store, Stored};
use crate::base::{Error, Place, Result, Secret, SecretName, parse};
use crate::client::cached::Repeats;
use crate::client::rewrap::Order;
use crate::client::sealer::{Demands, Sealer};
use crate::client::short_version::{Old, of_version};
use crate::client::writer::{Made, Precondition, Unseen, Writer, Written};

/// Reads and stores secrets.
///
/// Every method must be called within a tokio runtime that has I/O and time
/// enabled; [`crate::client::blocking::Client`] brings its own.
///
/// # Examples
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let client = lazycred::Client::in_memory();
/// client.put("web/prod", r#"{"db": {"host": "db.internal"}}"#).await?;
///
/// let variables = client.load(["web/prod"]).await?;
/// assert_eq!(variables.get("DB_HOST").map(|value| value.as_bytes()), Some(&b"db.internal"[..]));
/// # Ok::<(), lazycred::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Client {
    pub(crate) store: Box<dyn Store>,
    pub(crate) sealer: Sealer,
    /// How long a call may take.
    pub(crate) timeout: Duration,
    /// The largest secret, in bytes.
    pub(crate) max_size: usize,
    pub(crate) read_back: bool,
    /// Cached records, if they are cached.
    pub(crate) repeats: Option<Repeats>,
    throttles: Throttles,
}

/// How many secrets are fetched concurrently.
pub(crate) const AT_ONCE: usize = 32;

/// Makes a new secret from the current one; `None` keeps that.
type Update<'a> = &'a (dyn Fn(Option<Secret>) -> Result<Option<Secret>> + Send + Sync);

/// The source of a new record.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// A new secret.
    Secret(&'a Secret),
    /// The current secret.
    Current(Update<'a>),
    /// The current record, with its data key rewrapped.
    InPlace(Order<'a>),
    /// A record elsewhere or an old version, with its data key rewrapped.
    Record {
        place: &'a Place,
        version: Option<&'a Old<'a>>,
        order: Order<'a>,
    },
}

impl Client {
    /// Where the record of a name is stored.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if the store cannot keep anything under this name.
    ///
    /// # Examples
    ///
    /// ```
    /// let place = lazycred::Client::in_memory().place("web/prod")?;
    /// assert_eq!(place.path.to_string(), "memory://web/prod");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn place(&self, name: impl TryInto<SecretName, Error: Into<Error>>) -> Result<Place> {
        self.store.place(&parse(name)?)
    }

    /// How long a call may take.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::Client::in_memory();
    /// assert_eq!(client.timeout().as_secs(), 30);
    /// ```
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// How many responses of AWS have throttled this client so far.
    ///
    /// Throttled requests are repeated for as long as a call may take. A program
    /// that makes many calls at once should make fewer when this number grows.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::Client::in_memory();
    /// assert_eq!(client.throttled(), 0);
    /// ```
    #[must_use]
    pub fn throttled(&self) -> usize {
        self.throttles.count()
    }

    /// Closes connections whose buffers hold data keys, if there are any; the
    /// next call opens new ones.
    ///
    /// For a program that runs on long after its last call.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", "hunter2")?;
    /// client.block_on(async |client| client.close_connections().await);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn close_connections(&self) {
        self.sealer.keyring.hang_up();
        // The runtime drops their tasks in its next turn.
        yield_now().await;
    }

    /// Fetches a record, unwraps its data key and opens its secret, until a
    /// deadline. Uses the cache for the current version.
    pub(crate) async fn read(
        &self,
        place: &Place,
        version: Option<&str>,
        demands: Demands<'_>,
        deadline: Instant,
    ) -> Result<Secret> {
        let (store, sealer) = (&*self.store, &self.sealer);
        let read = async {
            if let (Some(repeats), None) = (&self.repeats, version) {
                return repeats.read(store, sealer, place, demands, deadline).await;
            }
            let stored = self.fetch(place, version).await?;
            sealer.open(place, stored, demands).await
        };
        let action = format!("read {place}");
        let secret = deadline::until(deadline, self.timeout, &action, read).await?;
        self.admit(place, secret)
    }

    /// Seals a secret, wraps its data key, and saves the record: once with a
    /// precondition, otherwise until no concurrent write interferes.
    ///
    /// Also returns the record elsewhere that the new one was made from.
    pub(crate) async fn write(
        &self,
        place: &Place,
        precondition: &Precondition,
        source: Source<'_>,
    ) -> Result<(Written, Option<Stored>)> {
        let unseen = match source {
            // Version 1 has no generations.
            Source::Secret(_) if self.sealer.formats.write == 1 => Unseen::Overwrite,
            Source::Secret(_) | Source::Record { .. } => Unseen::Create,
            Source::Current(_) | Source::InPlace(_) => Unseen::Refuse,
        };
        let writer = self.writer(place, "store", precondition, unseen);
        let make = |current| self.make(place, source, current);
        let action = format!("store {place}");
        let written = self.within(&action, writer.write(make)).await;
        let written = writer.told(written);
        self.forget(place);
        written
    }

    /// The record that replaces the current one; `None` keeps that.
    async fn make(
        &self,
        place: &Place,
        source: Source<'_>,
        current: Option<Stored>,
    ) -> Result<Option<Made>> {
        let (sealer, now) = (&self.sealer, current.as_ref());
        let bytes = match source {
            Source::Secret(secret) => Some(sealer.seal(place, secret, now).await?),
            Source::Current(change) => {
                let before = match current.clone() {
                    None => None,
                    Some(stored) => Some(sealer.open(place, stored, Demands::default()).await?),
                };
                let before = before.map(|secret| self.admit(place, secret));
                match change(before.transpose()?)? {
                    None => None,
                    Some(secret) => {
                        self.check_size(&place.name, secret.len())?;
                        Some(sealer.seal(place, &secret, now).await?)
                    }
                }
            }
            Source::InPlace(order) => {
                let stored = now.ok_or_else(|| Error::Missing {
                    place: place.clone(),
                    version: None,
                })?;
                sealer.rewrap(place, stored, now, order).await?
            }
            Source::Record {
                place: other,
                version,
                order,
            } => {
                let stored = match version {
                    Some(old) => self.fetch_old(other, old).await?,
                    None => self.fetch(other, None).await?,
                };
                let bytes = sealer.rewrap(other, &stored, now, order).await;
                let bytes = bytes.map_err(|error| match version {
                    Some(old) => of_version(error, old.given),
                    None => error,
                })?;
                return Ok(bytes.map(|bytes| (bytes, Some(stored))));
            }
        };
        Ok(bytes.map(|bytes| (bytes, None)))
    }

    /// A writer whose time starts now.
    pub(crate) fn writer<'a>(
        &'a self,
        place: &'a Place,
        action: &'static str,
        precondition: &'a Precondition,
        unseen: Unseen,
    ) -> Writer<'a> {
        Writer {
            store: &*self.store,
            place,
            action,
            precondition,
            unseen,
            read_back: self.read_back,
            deadline: self.deadline(),
            unanswered: AtomicBool::new(false),
        }
    }

    /// Refuses a secret that was read and is larger than the caller allows.
    pub(crate) fn admit(&self, place: &Place, secret: Secret) -> Result<Secret> {
        if secret.len() <= self.max_size {
            return Ok(secret);
        }
        let message = format!("it has {} bytes, more than {}", secret.len(), self.max_size);
        Err(Error::damaged(place, message).hinted("--max-size BYTES allows larger secrets"))
    }

    /// Refuses a secret that is too large to be stored.
    pub(crate) fn check_size(&self, name: &SecretName, bytes: usize) -> Result<()> {
        if bytes <= self.max_size {
            return Ok(());
        }
        Err(Error::usage_hint(
            format!(
                "`{name}` would have {bytes} bytes, more than {}",
                self.max_size
            ),
            "--max-size BYTES allows larger secrets; readers need the same option",
        ))
    }

    /// Opens the connections for this many records, while their requests are
    /// being prepared.
    pub(crate) async fn dial_ahead(&self, records: usize) {
        let connections = records.min(AT_ONCE);
        self.store.dial_ahead(connections);
        self.sealer.keyring.dial_ahead(connections);
        // The first packets leave before this thread is busy with requests.
        yield_now().await;
    }

    /// Drops the cached record after a write: it may no longer be current.
    pub(crate) fn forget(&self, place: &Place) {
        if let Some(repeats) = &self.repeats {
            repeats.cache.forget(&place.path);
        }
    }

    /// Limits work to the time that one call may take.
    pub(crate) async fn within<T>(
        &self,
        action: &str,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        deadline::within(self.timeout, action, work).await
    }

    /// When a call that starts now times out.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.timeout
    }
}

#[cfg(test)]
mod tests;
