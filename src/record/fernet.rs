//! Seals a secret under a data key, and opens it again.
//!
//! The only module that knows Fernet. Small secrets go through the `fernet` crate;
//! `large` makes and opens the same tokens without the crate's copies. No I/O.
//! Callers get no byte of a token that fails authentication.
//!
//! Source: Fernet, <https://github.com/fernet/spec/blob/master/Spec.md>.

mod blocks;
mod large;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use fernet::Fernet;
use rand_core::{OsRng, RngCore};
use zeroize::Zeroizing;

use large::{HEAD, TAG, VERSION};

use crate::base::base64::{self, Alphabet};
use crate::base::{Secret, wipe};

/// The data key of one record: 32 random bytes, as 44 characters of URL-safe base64.
///
/// Exists only in memory, and is wiped when dropped.
pub struct DataKey(Zeroizing<String>);

impl DataKey {
    /// A new one, from the system's random generator.
    #[must_use]
    pub(crate) fn generate() -> Self {
        wipe::begin();
        Self(Zeroizing::new(Fernet::generate_key()))
    }

    /// Parses an unwrapped data key as leniently as Python's Fernet.
    pub(crate) fn parse(unwrapped: &[u8]) -> Option<Self> {
        wipe::begin();
        let bytes = Zeroizing::new(base64::decode(unwrapped, Alphabet::UrlSafe)?);
        (bytes.len() == 32).then(|| Self(Zeroizing::new(base64::encode_url_safe(&bytes))))
    }

    /// Parses an unwrapped data key; accepts only its 44 canonical characters.
    pub(crate) fn parse_exactly(unwrapped: &[u8]) -> Option<Self> {
        Self::parse(unwrapped).filter(|data_key| data_key.as_bytes() == unwrapped)
    }

    /// The 44 characters that a keyring wraps.
    #[must_use]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Like [`DataKey::as_bytes`], as text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn fernet(&self) -> Fernet {
        Fernet::new(&self.0).expect("a data key is 32 bytes of URL-safe base64")
    }

    fn bytes(&self) -> large::DataKeyBytes {
        let mut bytes = large::DataKeyBytes::default();
        let decoded = base64::decode(self.as_bytes(), Alphabet::UrlSafe).map(Zeroizing::new);
        bytes.copy_from_slice(&decoded.expect("a data key is URL-safe base64"));
        bytes
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(..)")
    }
}

/// The size of the shortest token: one block of padding.
const SHORTEST: usize = HEAD + 16 + TAG;

/// The size from which a secret goes through `large`. Its tokens are the same, so
/// this can change.
const LARGE: usize = 64 << 10;

/// Spare capacity of a large token, so that its record fits in the same buffer.
const SPARE: usize = 4 << 10;

/// Why a token does not open.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum OpenError {
    /// Not base64, even in a lenient spelling.
    NotBase64,
    /// Shorter than the shortest token.
    TooShort,
    /// Another version of Fernet.
    Version,
    /// Changed since it was sealed, or sealed under another data key.
    Forged,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotBase64 => "the record is damaged: its token is not base64",
            Self::TooShort => "the record is damaged: its token is truncated",
            Self::Version => "the record is damaged: its token is not Fernet version 0x80",
            Self::Forged => {
                "it fails authentication: its token was changed, or sealed under another data key"
            }
        })
    }
}

/// Seals a secret in a canonical Fernet token.
#[must_use]
pub(crate) fn seal(data_key: &DataKey, secret: &Secret) -> String {
    let secret = secret.as_bytes();
    if secret.len() < LARGE {
        return data_key.fernet().encrypt(secret);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let mut iv = [0; 16];
    OsRng.fill_bytes(&mut iv);
    large::seal(
        &data_key.bytes(),
        secret,
        now.unwrap_or_default().as_secs(),
        iv,
        SPARE,
    )
}

/// The canonical spelling of a token; `None` if it does not have the form of one.
pub(crate) fn canonical(token: &str) -> Option<Cow<'_, str>> {
    let token = base64::canonical_url_safe(token)?;
    let length = length(&token);
    let whole = length >= SHORTEST && (length - SHORTEST).is_multiple_of(16);
    (whole && version(&token) == Some(VERSION)).then_some(token)
}

/// The decoded length of a canonical token.
fn length(token: &str) -> usize {
    token.trim_end_matches('=').len() * 3 / 4
}

/// The version byte of a token.
fn version(token: &str) -> Option<u8> {
    let head = base64::decode(token.get(..4)?.as_bytes(), Alphabet::UrlSafe)?;
    head.first().copied()
}

/// Opens a token of any age.
pub(crate) fn open(data_key: &DataKey, token: &str) -> Result<Secret, OpenError> {
    open_in(data_key, token.as_bytes().to_vec(), 0..token.len())
}

/// Opens the token inside `bytes`; a large secret takes over their memory.
pub(crate) fn open_in(
    data_key: &DataKey,
    bytes: Vec<u8>,
    token: Range<usize>,
) -> Result<Secret, OpenError> {
    let text = std::str::from_utf8(&bytes[token.clone()]).map_err(|_| OpenError::NotBase64)?;
    match base64::canonical_url_safe(text).ok_or(OpenError::NotBase64)? {
        Cow::Borrowed(text) if check(text)? < SHORTEST + LARGE => open_small(data_key, text),
        Cow::Borrowed(_) => large::open(&data_key.bytes(), bytes, token).ok_or(OpenError::Forged),
        Cow::Owned(text) => {
            drop(bytes);
            let whole = 0..text.len();
            open_in(data_key, text.into_bytes(), whole)
        }
    }
}

/// Checks the form of a canonical token, and returns its decoded length.
fn check(token: &str) -> Result<usize, OpenError> {
    match length(token) {
        short if short < SHORTEST => Err(OpenError::TooShort),
        _ if version(token) != Some(VERSION) => Err(OpenError::Version),
        length => Ok(length),
    }
}

fn open_small(data_key: &DataKey, token: &str) -> Result<Secret, OpenError> {
    // The crate adds 60 s of clock skew to the time it is given.
    data_key
        .fernet()
        .decrypt_at_time(token, None, u64::MAX - 60)
        .map(Secret::new)
        .map_err(|_| OpenError::Forged)
}

#[cfg(test)]
mod tests;
