//! Where records are kept, what wraps their data keys, and how AWS is reached.
//!
//! A [`Config`] is complete and valid. Its sources and their order are in
//! `resolve`, the file's format in `file`, its members in `settings`, the one of its
//! `environments` that is chosen, and the walk that finds it in `find`. The
//! process's environment is never read here, but passed in as [`Variables`].

mod access_point;
mod address;
mod build;
mod credentials;
mod draft;
mod environments;
mod explain;
mod file;
mod find;
mod flags;
mod given;
mod in_place;
mod insert;
mod limits;
mod member;
mod network;
mod origin;
mod present;
mod refuse;
mod region;
mod resolve;
mod settings;
pub(crate) mod small_file;
mod sse;
mod user_part;
mod values;
mod variables;
mod wrapping_key;

use std::path::PathBuf;
use std::time::Duration;

pub use address::StoreAddress;
pub use draft::Draft;
pub use environments::environment;
pub use explain::{Sourced, environments, origins, profile};
pub use file::FILE_NAME;
pub use flags::Flags;
pub use in_place::InPlace;
pub(crate) use limits::{ATTEMPTS, TIMEOUT};
pub use limits::{LARGEST, MAX_SIZE};
pub use present::Present;
pub use refuse::{refuse_control, refuse_no_region};
pub use variables::Variables;
pub use wrapping_key::WrappingKeyId;

pub(crate) use access_point::AccessPoint;
pub(crate) use explain::hours;
pub(crate) use network::{NO_PROXY_URL, Network, proxy_url};
pub(crate) use origin::{Origin, is_loopback, origin_of};
pub(crate) use region::is_region;
pub(crate) use sse::Sse;
pub(crate) use user_part::{UserPart, user_part, without_secrets};
pub(crate) use wrapping_key::{arn_parts, is_local_name};

use self::credentials::Credentials;
use crate::base::Result;

/// Where records are kept, what wraps their data keys, and how AWS is reached.
///
/// Shape: [`Config::new`] takes `BUCKET/PREFIX/` or `file:FOLDER`; all else is
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
    /// The folder below which even reading follows no link, because a file that the
    /// walk found in it names the store.
    pub(crate) no_links_below: Option<PathBuf>,
    /// Whether the walk found a file, outside the home folder.
    pub(crate) by_walk: bool,
    /// The file that was found, as messages name it.
    pub(crate) file: Option<String>,
    /// The chosen environment of the file.
    pub(crate) environment: Option<String>,
    pub(crate) wrapping_key: Option<WrappingKeyId>,
    pub(crate) region: Option<String>,
    pub(crate) bucket_region: Option<String>,
    /// Sent as `ExpectedBucketOwner`.
    pub(crate) bucket_owner: Option<String>,
    /// How S3 is told to encrypt what is stored.
    pub(crate) sse: Option<Sse>,
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

impl Config {
    /// Records under `BUCKET/PREFIX/`, or in the folder of `file:FOLDER`.
    ///
    /// Shape: `acme-secrets/prod/`; the prefix may be empty, but the `/` is required.
    /// An access point's ARN may stand for the bucket.
    /// Names are appended to the prefix with nothing in between.
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
            by_walk: false,
            file: None,
            environment: None,
            wrapping_key: None,
            region: None,
            bucket_region: None,
            bucket_owner: None,
            sse: None,
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
    /// It is fetched once more, and compared.
    Once,
    /// The store's confirmation is trusted.
    Never,
}
