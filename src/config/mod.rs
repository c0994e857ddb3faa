//! Where records are kept, what wraps their data keys, and how AWS is reached.
//!
//! A [`Config`] is complete and valid: whatever made it has checked it. The
//! sources and their order are in `resolve`, the file's form in `file`, and the
//! walk that finds it in `find`. The process's environment is never read here:
//! it comes in as [`Variables`].

mod address;
mod credentials;
mod explain;
mod file;
mod find;
mod network;
mod origin;
mod refuse;
mod resolve;
pub(crate) mod small_file;
mod user_part;
mod values;
mod variables;
mod wrapping_key;

use std::path::PathBuf;
use std::time::Duration;

pub use address::StoreAddress;
pub use explain::{Sourced, origins, profile};
pub use file::FILE_NAME;
pub use refuse::refuse_control;
pub use resolve::Flags;
pub use variables::Variables;
pub use wrapping_key::WrappingKeyId;

pub(crate) use explain::hours;
pub(crate) use network::{NO_PROXY_URL, Network, proxy_url};
pub(crate) use origin::{Origin, is_loopback};
pub(crate) use refuse::is_region;
pub(crate) use user_part::{UserPart, user_part, without_secrets};
pub(crate) use wrapping_key::arn_parts;

use self::credentials::Credentials;
use crate::base::{Error, Result, Secret};

/// Where records are kept, what wraps their data keys, and how AWS is reached.
///
/// Shape: [`Config::new`] takes `BUCKET/PREFIX` or `file:FOLDER`; all else is
/// optional. AWS credentials come from the SDK's default chain, unless given.
///
/// # Examples
///
/// ```
/// let config = lazycred::Config::new("acme-secrets/prod/")?
///     .with_wrapping_key("acme")?
///     .with_region("eu-west-1");
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) store: StoreAddress,
    /// The folder below which not even reading follows a link: a folder's path
    /// comes from a file in it that nobody named.
    pub(crate) no_links_below: Option<PathBuf>,
    /// Whether a file is used that nobody named, and that is not at home.
    pub(crate) found: bool,
    pub(crate) wrapping_key: Option<WrappingKeyId>,
    pub(crate) region: Option<String>,
    pub(crate) bucket_region: Option<String>,
    /// Sent as `ExpectedBucketOwner`.
    pub(crate) bucket_owner: Option<String>,
    /// Accounts whose wrapping keys are accepted, beside the configured ARN's;
    /// where there is none, it is the caller's own.
    pub(crate) account: Option<String>,
    pub(crate) key_accounts: Vec<String>,
    pub(crate) pin_wrapping_key: bool,
    /// Further wrapping keys that records of version 2 may have.
    pub(crate) more_wrapping_keys: Vec<WrappingKeyId>,
    /// Which versions of records are written and read.
    pub(crate) formats: Formats,
    pub(crate) profile: Option<String>,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) network: Network,
    /// How often S3, KMS and STS are asked before a failure counts.
    pub(crate) attempts: u32,
    /// Where local wrapping keys lie.
    pub(crate) data_home: Option<PathBuf>,
    pub(crate) caching: Caching,
    /// Where the folder lies that records are kept in.
    pub(crate) cache_home: Option<PathBuf>,
    /// The largest secret, in bytes.
    pub(crate) max_size: usize,
    pub(crate) read_back: bool,
    /// How long one call may take.
    pub(crate) timeout: Duration,
}

/// The largest secret unless the caller says otherwise: 64 MiB.
pub const MAX_SIZE: usize = 64 << 20;
/// The largest that the caller may allow: 1 GiB.
pub const LARGEST: usize = 1 << 30;

/// How often a service is asked unless the caller says otherwise.
pub(crate) const ATTEMPTS: u32 = 3;

/// How long one call may take unless the caller says otherwise.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

impl Config {
    /// Records under `BUCKET/PREFIX`, or in the folder of `file:FOLDER`.
    ///
    /// Shape: `acme-secrets/prod/`; the prefix may be empty, its `/` may not be
    /// missing. A name is put behind the prefix with nothing between.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if there is no bucket or no `/`.
    pub fn new(s3_path: &str) -> Result<Self> {
        Ok(Self {
            store: StoreAddress::parse(s3_path)?,
            no_links_below: None,
            found: false,
            wrapping_key: None,
            region: None,
            bucket_region: None,
            bucket_owner: None,
            account: None,
            key_accounts: Vec::new(),
            pin_wrapping_key: false,
            more_wrapping_keys: Vec::new(),
            formats: Formats::default(),
            profile: None,
            credentials: None,
            network: Network::default(),
            attempts: ATTEMPTS,
            data_home: None,
            caching: Caching::Off,
            cache_home: None,
            max_size: MAX_SIZE,
            read_back: true,
            timeout: TIMEOUT,
        })
    }

    /// The wrapping key: `NAME` or `alias/NAME`, an id, an ARN, or `local:NAME`.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if it is none of these.
    pub fn with_wrapping_key(mut self, key_alias: &str) -> Result<Self> {
        self.wrapping_key = Some(key_alias.parse()?);
        Ok(self)
    }

    /// A further wrapping key that records of version 2 may have.
    ///
    /// # Errors
    ///
    /// As [`Config::with_wrapping_key`].
    pub fn with_further_wrapping_key(mut self, key_alias: &str) -> Result<Self> {
        self.more_wrapping_keys.push(key_alias.parse()?);
        Ok(self)
    }

    /// The version of new records: 1, which lazycred 0.2.3 reads, or 2.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for any other.
    pub fn with_format(mut self, version: u8) -> Result<Self> {
        self.formats.write = known(version)?.max(self.formats.least);
        Ok(self)
    }

    /// The oldest version of records that is read, and the oldest that is written.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for a version that is neither 1 nor 2.
    pub fn with_min_format(mut self, version: u8) -> Result<Self> {
        self.formats.least = known(version)?;
        self.formats.write = self.formats.write.max(version);
        Ok(self)
    }

    /// How old a record of version 2 may be; one that is older is refused.
    #[must_use]
    pub fn with_max_age(mut self, age: Duration) -> Self {
        self.formats.max_age = Some(age);
        self
    }

    /// KMS's region, and the bucket's unless S3 says otherwise.
    #[must_use]
    pub fn with_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The AWS profile that credentials come from.
    #[must_use]
    pub fn with_profile(mut self, profile: impl Into<String>) -> Self {
        self.profile = Some(profile.into());
        self
    }

    /// AWS credentials: an access key's id and secret, and a session token
    /// where they are for a time only. [`Config::with_region`] must be there too.
    ///
    /// With them nothing of AWS's own variables and files is read, so that
    /// requests go to AWS itself.
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

    /// The folder that holds `lazycred/NAME.key` for the wrapping key `local:NAME`.
    #[must_use]
    pub fn with_data_home(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data_home = Some(folder.into());
        self
    }

    /// Keeps records that were read in the folder `lazycred` in another, such as
    /// `~/.cache`: as S3 has them, sealed, and readable by their owner only.
    ///
    /// The next read of the current version asks S3 only whether it has changed,
    /// and KMS for its data key at the same time. Records of a folder are not kept.
    #[must_use]
    pub fn with_cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.caching = Caching::Confirmed;
        self.cache_home = Some(folder.into());
        self
    }

    /// Lets a record that was kept serve where S3 answers 5xx, cannot be reached,
    /// or has not answered in half of the timeout. KMS is still asked, and a
    /// warning tells the record's age.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] without a cache.
    pub fn with_stale_if_error(mut self) -> Result<Self> {
        if self.caching == Caching::Off {
            return Err(Error::usage_hint(
                "--stale-if-error needs the cache, which is off",
                "add \"cache\": true to `.lazycred`",
            ));
        }
        self.caching = Caching::Stale;
        Ok(self)
    }

    /// The largest secret, in bytes, 1 GiB at most; 64 MiB unless set.
    #[must_use]
    pub fn with_max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes.min(LARGEST);
        self
    }

    /// Whether every write is read back once; it is unless set otherwise.
    #[must_use]
    pub fn with_read_back(mut self, read_back: ReadBack) -> Self {
        self.read_back = read_back == ReadBack::Once;
        self
    }

    /// Keeps no records that were read, whatever the configuration says.
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
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The largest record, in bytes: base64 of the largest secret, and its wrapping.
    pub(crate) fn max_record(&self) -> usize {
        self.max_size * 4 / 3 + (64 << 10)
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

/// What becomes of records that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caching {
    /// They are not kept.
    Off,
    /// They are kept, and serve where S3 confirms them.
    Confirmed,
    /// They serve also where S3 cannot be asked.
    Stale,
}

/// Which versions of records are written and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Formats {
    /// What is written where nothing newer is there.
    pub(crate) write: u8,
    /// What is read at least.
    pub(crate) least: u8,
    /// How old a record that says when it was made may be.
    pub(crate) max_age: Option<Duration>,
}

impl Default for Formats {
    fn default() -> Self {
        Self {
            write: 1,
            least: 1,
            max_age: None,
        }
    }
}

/// Whether a write is read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadBack {
    /// Fetched once more, and compared.
    Once,
    /// The store's word is taken for it.
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_serves_unconfirmed_only_if_something_is_kept() {
        let config = Config::new("acme/").unwrap();
        let error = config.clone().with_stale_if_error().unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let cached = config.with_cache("/home/me/.cache");
        assert_eq!(cached.caching, Caching::Confirmed);
        let stale = cached.with_stale_if_error().unwrap();
        assert_eq!(stale.caching, Caching::Stale);
    }
}
