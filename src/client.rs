//! The pipeline: fetch, unwrap, open, shape; and the way back.
//!
//! A client joins one store and one keyring. It never prints, and reads the
//! environment only in [`Client::from_env`]. What it has to say besides its
//! result are `tracing` events of the target `lazycred`.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{Instant, timeout_at};

use crate::aws::Aws;
use crate::config::{Config, Formats, StoreAddress, Variables};
use crate::error::{Error, Result};
use crate::keyring::{self, Keyring, MemoryKeyring};
use crate::name::{Place, SecretName};
use crate::repeat::Repeats;
use crate::rewrap::Configured;
use crate::seal::{Changed, Fresh, Sealer};
use crate::secret::Secret;
use crate::store::{Bucket, FolderStore, MemoryStore, S3Store, Store};
use crate::write::{Make, OnConflict, Precondition, Writer, Written};

/// Reads and stores secrets.
///
/// Every method must be called within a tokio runtime that has I/O and time
/// enabled; [`crate::blocking::Client`] brings its own.
///
/// # Examples
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let client = lazycred::Client::in_memory();
/// let name = "web/prod".parse()?;
/// client.put(&name, &r#"{"db": {"host": "db.internal"}}"#.into()).await?;
///
/// let variables = client.load(&["web/prod".parse()?]).await?;
/// assert_eq!(variables.get("DB_HOST").map(|value| value.as_bytes()), Some(&b"db.internal"[..]));
/// # Ok::<(), lazycred::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Client {
    pub(crate) store: Box<dyn Store>,
    pub(crate) sealer: Sealer,
    pub(crate) limits: Limits,
    /// Records at hand, where some are kept.
    pub(crate) repeats: Option<Repeats>,
}

/// How many secrets are fetched at once.
pub(crate) const AT_ONCE: usize = 32;

/// What a call may take and hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) timeout: Duration,
    pub(crate) max_size: usize,
    pub(crate) read_back: bool,
}

impl Limits {
    /// Refuses a secret that was read and is larger than the caller wants to hold.
    pub(crate) fn admit(&self, place: &Place, secret: Secret) -> Result<Secret> {
        if secret.len() <= self.max_size {
            return Ok(secret);
        }
        Err(Error::Damaged {
            place: place.clone(),
            message: format!("it has {} bytes, more than {}", secret.len(), self.max_size),
            hint: Some("--max-size BYTES allows larger secrets".into()),
        })
    }

    /// Refuses a secret that is too large to be stored.
    pub(crate) fn hold(&self, name: &SecretName, bytes: usize) -> Result<()> {
        if bytes <= self.max_size {
            return Ok(());
        }
        Err(Error::usage_hint(
            format!(
                "`{name}` would have {bytes} bytes, more than {}",
                self.max_size
            ),
            "--max-size BYTES allows larger secrets; whoever reads it needs it too",
        ))
    }
}

impl Client {
    /// The client that the command line would have here: `.lazycred`, the
    /// variables and AWS's own configuration.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if there is no configuration, or if it is not valid.
    pub async fn from_env() -> Result<Self> {
        // In a folder that is gone, paths are relative to it all the same.
        let here = match std::env::current_dir() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => PathBuf::new(),
            here => here.map_err(|error| Error::io("find the working directory", error))?,
        };
        let variables = Variables::new(std::env::vars_os(), here);
        Self::new(Config::from_variables(&variables)?).await
    }

    /// A client for a configuration. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if the configuration lacks what its store or its
    /// wrapping key needs: a region, or a folder for local wrapping keys.
    pub async fn new(config: Config) -> Result<Self> {
        let limits = Limits {
            timeout: config.timeout,
            max_size: config.max_size,
            read_back: config.read_back,
        };
        let local = config.wrapping_key.as_ref().and_then(|id| id.local_name());
        let in_s3 = matches!(config.store, StoreAddress::S3 { .. });
        let aws = match (in_s3, local) {
            (false, Some(_)) => None,
            _ => Some(Aws::load(&config).await?),
        };
        let keyring: Box<dyn Keyring> = match (local, &aws) {
            (Some(name), _) => Box::new(keyring::of_file(name, &config)?),
            (None, Some(aws)) => Box::new(keyring::of_kms(aws.clone(), &config)?),
            (None, None) => unreachable!("what is not local is in AWS"),
        };
        let sealer = Sealer {
            keyring,
            formats: config.formats,
            configured: Configured::of(&config),
        };
        let largest = config.max_record();
        let repeats = aws.as_ref().and_then(|aws| Repeats::of(&config, aws));
        let store: Box<dyn Store> = match (config.store, aws) {
            (StoreAddress::Folder(folder), _) => {
                let base = config.no_links_below.as_deref();
                Box::new(FolderStore::new(folder, largest).without_links_below(base))
            }
            (StoreAddress::S3 { bucket, prefix }, Some(aws)) => {
                let owner = config.bucket_owner;
                Box::new(S3Store::new(
                    Bucket {
                        name: bucket,
                        prefix,
                        owner,
                    },
                    aws,
                    largest,
                ))
            }
            (StoreAddress::S3 { .. }, None) => unreachable!("S3 is in AWS"),
        };
        Ok(Self {
            store,
            sealer,
            limits,
            repeats,
        })
    }

    /// A client whose secrets and wrapping key are gone with it: for examples
    /// and tests.
    #[must_use]
    pub fn in_memory() -> Self {
        Self {
            store: Box::new(MemoryStore::default()),
            sealer: Sealer {
                keyring: Box::new(MemoryKeyring::new()),
                formats: Formats::default(),
                configured: Configured::default(),
            },
            limits: Limits {
                timeout: crate::config::TIMEOUT,
                max_size: crate::config::MAX_SIZE,
                read_back: true,
            },
            repeats: None,
        }
    }

    /// Where the record of a name lies.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if the store cannot keep anything under this name.
    pub fn place(&self, name: &SecretName) -> Result<Place> {
        self.store.place(name)
    }

    /// Stores a secret, and gives the version that it has now.
    ///
    /// Creates it, or replaces the current version; a write by somebody else
    /// at the same time is waited for, not overwritten unseen.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if it is too large or no wrapping key is configured,
    /// [`Error::Aws`], [`Error::Io`], [`Error::Conflict`] or [`Error::TimedOut`].
    pub async fn put(&self, name: &SecretName, secret: &Secret) -> Result<String> {
        self.put_if(name, secret, &Precondition::None).await
    }

    /// Stores a secret if something is true of the name.
    ///
    /// # Errors
    ///
    /// As [`Client::put`]; [`Error::Conflict`] if it is not true.
    pub async fn put_if(
        &self,
        name: &SecretName,
        secret: &Secret,
        precondition: &Precondition,
    ) -> Result<String> {
        let written = self.put_written(name, secret, precondition).await?;
        Ok(written.version)
    }

    /// The same, and what the write replaced.
    pub(crate) async fn put_written(
        &self,
        name: &SecretName,
        secret: &Secret,
        precondition: &Precondition,
    ) -> Result<Written> {
        self.limits.hold(name, secret.len())?;
        let place = self.store.place(name)?;
        let make = Fresh {
            sealer: &self.sealer,
            place: &place,
            secret,
        };
        self.dial_ahead(1).await;
        self.write(&place, precondition, &make).await
    }

    /// Stores what a function makes of the current secret, and gives the
    /// version that it has now; `None` if the function left it as it is.
    ///
    /// **Shape**: the function gets `None` where there is no secret yet. After
    /// a write by somebody else it is called again, with what is there then.
    ///
    /// # Errors
    ///
    /// As [`Client::get`] and [`Client::put`], and whatever the function gives.
    pub async fn update(
        &self,
        name: &SecretName,
        change: impl Fn(Option<Secret>) -> Result<Option<Secret>> + Send + Sync,
    ) -> Result<Option<String>> {
        let written = self.update_written(name, change).await?;
        Ok(written.changed.then_some(written.version))
    }

    /// The same, and what the write replaced.
    pub(crate) async fn update_written(
        &self,
        name: &SecretName,
        change: impl Fn(Option<Secret>) -> Result<Option<Secret>> + Send + Sync,
    ) -> Result<Written> {
        let place = self.store.place(name)?;
        let change = |before: Option<Secret>| {
            let admit = |secret| self.limits.admit(&place, secret);
            let after = change(before.map(admit).transpose()?)?;
            if let Some(secret) = &after {
                self.limits.hold(name, secret.len())?;
            }
            Ok(after)
        };
        let make = Changed {
            sealer: &self.sealer,
            place: &place,
            change,
        };
        self.dial_ahead(1).await;
        self.write(&place, &Precondition::None, &make).await
    }

    /// Opens the connections that so many records need, while everything else
    /// that comes before their requests is done.
    pub(crate) async fn dial_ahead(&self, records: usize) {
        let connections = records.min(AT_ONCE);
        self.store.dial_ahead(connections);
        self.sealer.keyring.dial_ahead(connections);
        // The first packets leave before this thread is busy with requests.
        yield_now().await;
    }

    /// Closes connections whose buffers hold data keys.
    pub(crate) async fn hang_up(&self) {
        self.sealer.keyring.hang_up();
        // The runtime drops their tasks in its next turn.
        yield_now().await;
    }

    /// Writes a record: with a precondition once, else until it is done.
    pub(crate) async fn write(
        &self,
        place: &Place,
        precondition: &Precondition,
        make: &dyn Make,
    ) -> Result<Written> {
        let on_conflict = match precondition {
            Precondition::None => OnConflict::Retry,
            _ => OnConflict::Fail,
        };
        let writer = self.writer(place, precondition, on_conflict);
        let action = format!("store {place}");
        let written = self.within(&action, writer.write(make)).await;
        self.forget(place);
        written
    }

    /// How a record is written, from now on.
    pub(crate) fn writer<'a>(
        &'a self,
        place: &'a Place,
        precondition: &'a Precondition,
        on_conflict: OnConflict,
    ) -> Writer<'a> {
        Writer {
            store: &*self.store,
            place,
            precondition,
            on_conflict,
            read_back: self.limits.read_back,
            deadline: self.deadline(),
        }
    }

    /// Does something unless it takes longer than one call may.
    pub(crate) async fn within<T>(
        &self,
        action: &str,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.until(self.deadline(), action, work).await
    }

    /// When a call that starts now must be over.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.limits.timeout
    }

    /// Does something unless it takes too long.
    pub(crate) async fn until<T>(
        &self,
        deadline: Instant,
        action: &str,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let seconds = self.limits.timeout.as_secs_f64();
        timeout_at(deadline, work).await.unwrap_or_else(|_| {
            Err(Error::TimedOut {
                action: action.to_owned(),
                seconds,
            })
        })
    }
}
