//! The settings that a configuration may add to where its records are kept.

use std::path::PathBuf;
use std::time::Duration;

use super::credentials::Credentials;
use super::sse::{ALLOWED, Sse};
use super::{Caching, Config, LARGEST, ReadBack};
use crate::base::{Error, OneLine, Result, Secret};

impl Config {
    /// The wrapping key: `NAME` or `alias/NAME`, an id, an ARN, or `local:NAME`.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if it is none of these.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?.with_wrapping_key("alias/acme")?;
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn with_wrapping_key(mut self, key_alias: &str) -> Result<Self> {
        self.wrapping_key = Some(key_alias.parse()?);
        Ok(self)
    }

    /// A further wrapping key that version 2 records may have.
    ///
    /// # Errors
    ///
    /// As [`Config::with_wrapping_key`].
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?
    ///     .with_wrapping_key("acme-2027")?
    ///     .with_further_wrapping_key("acme-2026")?;
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn with_further_wrapping_key(mut self, key_alias: &str) -> Result<Self> {
        self.more_wrapping_keys.push(key_alias.parse()?);
        Ok(self)
    }

    /// The version of new records: 1, which lazycred 0.2.3 reads, or 2.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for any other.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?.with_format(2)?;
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn with_format(mut self, version: u8) -> Result<Self> {
        self.formats.write = known(version)?.max(self.formats.least);
        Ok(self)
    }

    /// The oldest record version that is read or written.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for a version that is neither 1 nor 2.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?.with_min_format(2)?;
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn with_min_format(mut self, version: u8) -> Result<Self> {
        self.formats.least = known(version)?;
        self.formats.write = self.formats.write.max(version);
        Ok(self)
    }

    /// The maximum age of a version 2 record; an older one is refused.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?
    ///     .with_min_format(2)?
    ///     .with_max_age(std::time::Duration::from_secs(90 * 86_400));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn with_max_age(mut self, age: Duration) -> Self {
        self.formats.max_age = Some(age);
        self
    }

    /// The region of KMS, and of the bucket unless S3 says otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?.with_region("eu-west-1");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn with_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// How S3 is told to encrypt what is stored, for a bucket whose policy demands
    /// that: `AES256`, `aws:kms`, or `aws:kms:KEY` with a KMS key's id, `alias/NAME` or
    /// ARN.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if it is none of these.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?.with_sse("aws:kms")?;
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn with_sse(mut self, sse: &str) -> Result<Self> {
        let parsed = Sse::parse(sse);
        let wrong = || {
            let sse = OneLine(sse);
            Error::usage(format!("`sse` is `{sse}`, but must be {ALLOWED}"))
        };
        self.sse = Some(parsed.ok_or_else(wrong)?);
        Ok(self)
    }

    /// The AWS profile that credentials come from.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?.with_profile("production");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn with_profile(mut self, profile: impl Into<String>) -> Self {
        self.profile = Some(profile.into());
        self
    }

    /// AWS credentials: an access key's id and secret, and for temporary ones, a
    /// session token. They require [`Config::with_region`].
    ///
    /// With them, AWS's own variables and files are not read, so that requests go
    /// to AWS itself.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?
    ///     .with_region("eu-west-1")
    ///     .with_credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/EXAMPLEKEY", None);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn with_credentials(
        mut self,
        id: impl Into<String>,
        secret: impl Into<Secret>,
        session: Option<Secret>,
    ) -> Self {
        self.credentials = Some(Credentials {
            id: id.into(),
            secret: secret.into(),
            session,
        });
        self
    }

    /// The folder that contains `lazycred/NAME.key` for the wrapping key `local:NAME`.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("file:/srv/secrets/")?
    ///     .with_wrapping_key("local:dev")?
    ///     .with_data_home("/home/me/.local/share");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn with_data_home(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data_home = Some(folder.into());
        self
    }

    /// Caches records in the folder `lazycred` in another, such as `~/.cache`:
    /// sealed, as S3 has them, and readable only by their owner.
    ///
    /// The next read of the current version only asks S3 whether it has changed,
    /// and KMS for its data key at the same time. A folder's records are not cached.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?.with_cache("/home/me/.cache");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn with_cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.caching = Caching::Confirmed;
        self.cache_home = Some(folder.into());
        self
    }

    /// Uses a cached record if S3 returns a 5xx status, is unreachable, or has not
    /// responded in half of the timeout. KMS is still asked, and a warning tells
    /// the record's age.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] without a cache.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?
    ///     .with_cache("/home/me/.cache")
    ///     .with_stale_if_error()?;
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn with_stale_if_error(mut self) -> Result<Self> {
        if self.caching == Caching::Off {
            return Err(Error::usage_hint(
                "--stale-if-error needs the cache, which is off",
                format!("add \"cache\": true to {}", self.where_to_add()),
            ));
        }
        self.caching = Caching::Stale;
        Ok(self)
    }

    /// The largest secret, in bytes, 1 GiB at most; 64 MiB unless set.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?.with_max_size(1 << 20);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn with_max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes.min(LARGEST);
        self
    }

    /// Whether every write is read back once, which is the default.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?
    ///     .with_read_back(lazycred::ReadBack::Never);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn with_read_back(mut self, read_back: ReadBack) -> Self {
        self.read_back = read_back == ReadBack::Once;
        self
    }

    /// Turns the cache off, whatever the configuration says.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?
    ///     .with_cache("/var/cache")
    ///     .without_cache();
    /// assert!(config.with_stale_if_error().is_err());
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn without_cache(mut self) -> Self {
        self.caching = Caching::Off;
        self
    }

    /// How long one call may take, retries included; 30 seconds unless set.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?
    ///     .with_timeout(std::time::Duration::from_secs(5));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

fn known(version: u8) -> Result<u8> {
    match version {
        1 | 2 => Ok(version),
        other => Err(Error::usage(format!(
            "unknown record version {other}: use 1 or 2"
        ))),
    }
}
