//! Makes clients: for a configuration, for this process, or in memory.

use std::io;
use std::path::PathBuf;

use super::Client;
use crate::backends::aws::{Aws, Throttles};
use crate::backends::keyring::{self, Keyring, MemoryKeyring};
use crate::backends::store::{Bucket, FolderStore, MemoryStore, S3Store, Store};
use crate::base::{Error, Result};
use crate::client::cached::Repeats;
use crate::client::sealer::{Configured, Sealer};
use crate::config::{Config, Formats, StoreAddress, Variables};

impl Variables {
    /// Those of this process, and its working directory.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the working directory cannot be found.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use lazycred::{Config, Variables};
    /// let config = Config::from_variables(&Variables::from_env()?)?;
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn from_env() -> Result<Self> {
        // In a removed folder, relative paths stay relative.
        let here = match std::env::current_dir() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => PathBuf::new(),
            here => here.map_err(|error| Error::io("find the working directory", error))?,
        };
        Ok(Self::new(std::env::vars_os(), here))
    }
}

impl Client {
    /// The client that the command line would have here: `.lazycred`, the
    /// variables and AWS's own configuration.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if there is no configuration, or if it is not valid.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example() -> lazycred::Result<()> {
    /// let client = lazycred::Client::from_env().await?;
    /// let token = client.get("api-token").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn from_env() -> Result<Self> {
        Self::new(Config::from_variables(&Variables::from_env()?)?).await
    }

    /// A client for a configuration. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if the configuration lacks what its store or its
    /// wrapping key needs: a region, or a folder for local wrapping keys.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use lazycred::{Client, Config};
    ///
    /// # async fn example() -> lazycred::Result<()> {
    /// let config = Config::new("acme-secrets/prod/")?
    ///     .with_wrapping_key("acme")?
    ///     .with_region("eu-west-1");
    /// let client = Client::new(config).await?;
    /// client.put("web/prod", r#"{"token": "hunter2"}"#).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn new(config: Config) -> Result<Self> {
        let local = config.wrapping_key.as_ref().and_then(|id| id.local_name());
        let in_s3 = matches!(config.store, StoreAddress::S3 { .. });
        let aws = match (in_s3, local) {
            (false, Some(_)) => None,
            _ => Some(Aws::load(&config).await?),
        };
        let keyring: Box<dyn Keyring> = match (local, &aws) {
            (Some(name), _) => Box::new(keyring::of_file(name, &config)?),
            (None, Some(aws)) => Box::new(keyring::of_kms(aws.clone(), &config)?),
            (None, None) => unreachable!("a wrapping key that is not local is in AWS"),
        };
        let sealer = Sealer {
            keyring,
            formats: config.formats,
            configured: Configured::of(&config),
        };
        let largest = config.max_record();
        let repeats = aws.as_ref().and_then(|aws| Repeats::of(&config, aws));
        let throttles = aws.as_ref().map(|aws| aws.throttles().clone());
        let store: Box<dyn Store> = match (config.store, aws) {
            (StoreAddress::Folder(folder), _) => {
                let base = config.no_links_below.as_deref();
                Box::new(FolderStore::new(folder, largest).without_links_below(base))
            }
            (StoreAddress::S3 { bucket, prefix }, Some(aws)) => {
                let (owner, sse) = (config.bucket_owner, config.sse);
                Box::new(S3Store::new(
                    Bucket {
                        name: bucket,
                        prefix,
                        owner,
                        sse,
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
            timeout: config.timeout,
            max_size: config.max_size,
            read_back: config.read_back,
            repeats,
            throttles: throttles.unwrap_or_default(),
        })
    }

    /// A client whose secrets and wrapping key end with it: for examples and tests.
    ///
    /// # Examples
    ///
    /// ```
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(async {
    /// let client = lazycred::Client::in_memory();
    /// client.put("db", "hunter2").await?;
    /// assert_eq!(client.get("db").await?.as_bytes(), b"hunter2");
    /// # Ok::<(), lazycred::Error>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn in_memory() -> Self {
        Self {
            store: Box::new(MemoryStore::default()),
            sealer: Sealer {
                keyring: Box::new(MemoryKeyring::new()),
                formats: Formats::default(),
                configured: Configured::default(),
            },
            timeout: crate::config::TIMEOUT,
            max_size: crate::config::MAX_SIZE,
            read_back: true,
            repeats: None,
            throttles: Throttles::default(),
        }
    }
}
