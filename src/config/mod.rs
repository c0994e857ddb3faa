//! Where records are kept, what wraps their data keys, and how AWS is reached.
//!
//! A [`Config`] is complete and valid: whatever made it has checked it. The
//! sources and their order are in `resolve`, the file's form in `file`, and the
//! walk that finds it in `find`. The process's environment is never read here:
//! it comes in as [`Variables`].

mod address;
mod build;
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
use crate::base::Result;

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
pub(crate) const MAX_SIZE: usize = 64 << 20;
/// The largest that the caller may allow: 1 GiB.
pub(crate) const LARGEST: usize = 1 << 30;

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
    /// [`Error::Usage`](crate::Error::Usage) if there is no bucket or no `/`.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::Config;
    /// assert!(Config::new("acme-secrets/prod/").is_ok());
    /// assert!(Config::new("file:/srv/secrets/").is_ok());
    /// assert_eq!(Config::new("acme-secrets").unwrap_err().exit_code(), 2);
    /// ```
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

    /// The largest record, in bytes: base64 of the largest secret, and its wrapping.
    pub(crate) fn max_record(&self) -> usize {
        self.max_size * 4 / 3 + (64 << 10)
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
///
/// # Examples
///
/// ```
/// let config = lazycred::Config::new("acme-secrets/prod/")?
///     .with_read_back(lazycred::ReadBack::Never);
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadBack {
    /// Fetched once more, and compared.
    Once,
    /// The store's word is taken for it.
    Never,
}
