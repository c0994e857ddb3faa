//! Where records are kept, what wraps their data keys, and how AWS is reached.
//!
//! A [`Config`] is complete and valid. Its sources and their order are in
//! `resolve`, the file's format in `file`, and the search for it in `find`. The
//! process's environment is never read here, but passed in as [`Variables`].

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
mod variables;
mod wrapping_key;

use std::path::PathBuf;
use std::time::Duration;

pub use resolve::Flags;
pub use variables::Variables;
pub use wrapping_key::WrappingKeyId;

pub(crate) use address::StoreAddress;
pub(crate) use explain::{hours, origins, profile};
pub(crate) use file::FILE_NAME;
pub(crate) use network::{NO_PROXY_URL, Network, proxy_url};
pub(crate) use origin::{Origin, is_loopback};
pub(crate) use refuse::{is_region, refuse_control};
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
    /// The folder below which even reading follows no link, because a file found in
    /// it by searching names the store.
    pub(crate) no_links_below: Option<PathBuf>,
    /// Whether a file was found by searching, outside the home folder.
    pub(crate) found: bool,
    pub(crate) wrapping_key: Option<WrappingKeyId>,
    pub(crate) region: Option<String>,
    pub(crate) bucket_region: Option<String>,
    /// Sent as `ExpectedBucketOwner`.
    pub(crate) bucket_owner: Option<String>,
    /// The account whose wrapping keys are accepted, besides the configured ARN's;
    /// the caller's own if there is neither.
    pub(crate) account: Option<String>,
    pub(crate) key_accounts: Vec<String>,
    pub(crate) pin_wrapping_key: bool,
    /// Further wrapping keys that version 2 records may have.
    pub(crate) more_wrapping_keys: Vec<WrappingKeyId>,
    /// Which record versions are written and read.
    pub(crate) formats: Formats,
    pub(crate) profile: Option<String>,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) network: Network,
    /// How often a request to S3, KMS or STS is attempted.
    pub(crate) attempts: u32,
    /// The folder of local wrapping keys.
    pub(crate) data_home: Option<PathBuf>,
    pub(crate) caching: Caching,
    /// The parent of the cache folder.
    pub(crate) cache_home: Option<PathBuf>,
    /// The largest secret, in bytes.
    pub(crate) max_size: usize,
    pub(crate) read_back: bool,
    /// How long one call may take.
    pub(crate) timeout: Duration,
}

/// The largest secret unless the caller says otherwise: 64 MiB.
pub(crate) const MAX_SIZE: usize = 64 << 20;
/// The largest that the caller may allow: 1 GiB.
pub(crate) const LARGEST: usize = 1 << 30;

/// How often a request is attempted unless the caller says otherwise.
pub(crate) const ATTEMPTS: u32 = 3;

/// How long one call may take unless the caller says otherwise.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

impl Config {
    /// Records under `BUCKET/PREFIX`, or in the folder of `file:FOLDER`.
    ///
    /// Shape: `acme-secrets/prod/`; the prefix may be empty, but the `/` is required.
    /// Names are appended to the prefix with nothing in between.
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

    /// A further wrapping key that version 2 records may have.
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

    /// The oldest record version that is read or written.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for a version that is neither 1 nor 2.
    pub fn with_min_format(mut self, version: u8) -> Result<Self> {
        self.formats.least = known(version)?;
        self.formats.write = self.formats.write.max(version);
        Ok(self)
    }

    /// The maximum age of a version 2 record; an older one is refused.
    #[must_use]
    pub fn with_max_age(mut self, age: Duration) -> Self {
        self.formats.max_age = Some(age);
        self
    }

    /// The region of KMS, and of the bucket unless S3 says otherwise.
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

    /// AWS credentials: an access key's id and secret, and for temporary ones, a
    /// session token. They require [`Config::with_region`].
    ///
    /// With them, AWS's own variables and files are not read, so that requests go
    /// to AWS itself.
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

    /// Whether every write is read back once, which is the default.
    #[must_use]
    pub fn with_read_back(mut self, read_back: ReadBack) -> Self {
        self.read_back = read_back == ReadBack::Once;
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

/// How records are cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caching {
    /// They are not cached.
    Off,
    /// They are cached, and used if S3 confirms them.
    Confirmed,
    /// They are also used if S3 is unavailable.
    Stale,
}

/// Which record versions are written and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Formats {
    /// The version of new records.
    pub(crate) write: u8,
    /// The oldest version that is read.
    pub(crate) least: u8,
    /// The maximum age of a version 2 record.
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
    /// It is fetched once more, and compared.
    Once,
    /// The store's confirmation is trusted.
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
