//! Seals a secret under a data key, and opens it again.
//!
//! The only module that names Fernet: the crate for what is small, the same
//! tokens without the crate's copies for what is large. It does no I/O: records
//! come from `store`, data keys from `keyring`. A token that fails
//! authentication gives no bytes at all, so nothing unauthenticated reaches a
//! caller.
//!
//! Source: Fernet, <https://github.com/fernet/spec/blob/master/Spec.md>.

mod large;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use fernet::Fernet;
use rand_core::{OsRng, RngCore};
use zeroize::Zeroizing;

use self::large::{HEAD, TAG, VERSION};
use crate::base64::{self, Alphabet};
use crate::secret::Secret;
use crate::wipe;

/// The key of one record: 32 random bytes, as 44 characters of URL-safe base64.
///
/// Shape: it exists only in memory, and is wiped when dropped.
pub struct DataKey(Zeroizing<String>);

impl DataKey {
    /// A fresh one, from the system's randomness.
    #[must_use]
    pub(crate) fn generate() -> Self {
        wipe::begin();
        Self(Zeroizing::new(Fernet::generate_key()))
    }

    /// Reads what a keyring unwrapped, as leniently as Python's Fernet does.
    pub(crate) fn parse(unwrapped: &[u8]) -> Option<Self> {
        wipe::begin();
        let bytes = Zeroizing::new(base64::decode(unwrapped, Alphabet::UrlSafe)?);
        (bytes.len() == 32).then(|| Self(Zeroizing::new(base64::encode_url_safe(&bytes))))
    }

    /// Reads exactly the 44 characters that were wrapped.
    pub(crate) fn parse_exactly(unwrapped: &[u8]) -> Option<Self> {
        Self::parse(unwrapped).filter(|data_key| data_key.as_bytes() == unwrapped)
    }

    /// The 44 characters: what a keyring wraps.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The same as text.
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

/// The fewest bytes that a token has.
const SHORTEST: usize = HEAD + 16 + TAG;

/// The fewest bytes of a secret for which the crate's copies are saved. Where
/// it lies shows in no token.
const LARGE: usize = 64 << 10;

/// Room that a large token is made with, so that its record takes its place.
const SPARE: usize = 4 << 10;

/// Why a token did not open.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum OpenError {
    /// Not base64 by any reading.
    NotBase64,
    /// Fewer bytes than the shortest token has.
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
            Self::TooShort => "the record is damaged: its token is cut short",
            Self::Version => "the record is damaged: its token is not Fernet's version 0x80",
            Self::Forged => {
                "it fails authentication: the token was changed, or sealed under another data key"
            }
        })
    }
}

/// Seals a secret: the result is a canonical Fernet token.
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

/// The same token as it is spelt canonically; `None` for what is none by its form.
pub(crate) fn canonical(token: &str) -> Option<Cow<'_, str>> {
    let token = base64::canonical_url_safe(token)?;
    let length = length(&token);
    let whole = length >= SHORTEST && (length - SHORTEST).is_multiple_of(16);
    (whole && version(&token) == Some(VERSION)).then_some(token)
}

/// How many bytes a canonical token stands for, and the first of them.
fn length(token: &str) -> usize {
    token.trim_end_matches('=').len() * 3 / 4
}

fn version(token: &str) -> Option<u8> {
    let head = base64::decode(token.get(..4)?.as_bytes(), Alphabet::UrlSafe)?;
    head.first().copied()
}

/// Opens a token, its time never looked at.
pub(crate) fn open(data_key: &DataKey, token: &str) -> Result<Secret, OpenError> {
    open_in(data_key, token.as_bytes().to_vec(), 0..token.len())
}

/// The same for a token that lies in `bytes`, whose memory a large secret takes
/// over.
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

/// The length of a canonical token, if it is one by its form.
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
mod tests {
    use super::*;

    const VECTOR_KEY: &str = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
    const VECTOR: &str = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";

    fn data_key(text: &str) -> DataKey {
        DataKey::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn what_was_sealed_is_opened_at_every_length() {
        for length in [0, 1, 15, 16, 17, 31, 32, 1000] {
            let data_key = DataKey::generate();
            let secret = Secret::new(vec![0xa5; length]);
            let token = seal(&data_key, &secret);
            assert_eq!(
                open(&data_key, &token).unwrap().as_bytes(),
                secret.as_bytes()
            );
            assert_eq!(
                open(&DataKey::generate(), &token).unwrap_err(),
                OpenError::Forged
            );
        }
    }

    #[test]
    fn the_specifications_vector_opens_however_it_is_spelt() {
        let spaced = format!(" {}\n{}", &VECTOR[..40], &VECTOR[40..]);
        let standard = VECTOR.replace('-', "+").replace('_', "/");
        let joined = format!("{VECTOR}{VECTOR}");
        for token in [VECTOR, &spaced, &standard, &joined] {
            assert_eq!(
                open(&data_key(VECTOR_KEY), token).unwrap().as_bytes(),
                b"hello"
            );
        }
    }

    #[test]
    fn a_data_key_is_read_as_python_reads_it() {
        let spaced = format!(" {}\n", VECTOR_KEY.replace('-', "+"));
        assert_eq!(data_key(&spaced).as_bytes(), VECTOR_KEY.as_bytes());
        for bad in ["", "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4", "AAAA"] {
            assert!(DataKey::parse(bad.as_bytes()).is_none());
        }
    }

    #[test]
    fn each_damage_is_told_apart() {
        let flipped = VECTOR.replace("hello", "").replace("DA==", "DQ==");
        let other = format!("gQ{}", &VECTOR[2..]);
        for (token, expected) in [
            ("!", OpenError::TooShort),
            ("gAA", OpenError::NotBase64),
            ("gAAA", OpenError::TooShort),
            (&other, OpenError::Version),
            (&flipped, OpenError::Forged),
        ] {
            assert_eq!(
                open(&data_key(VECTOR_KEY), token).unwrap_err(),
                expected,
                "{token}"
            );
        }
    }

    /// Fernet's own invalid tokens. The eighth and the ninth are invalid by
    /// their time alone, which lazycred never looks at, so they are refused
    /// here by the crate's clock rules.
    #[test]
    fn the_specifications_invalid_tokens_are_refused() {
        let fernet = data_key(VECTOR_KEY).fernet();
        let now = 499_162_800;
        for (why, token) in [
            (
                "incorrect mac",
                "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ==",
            ),
            (
                "too short",
                "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA==",
            ),
            (
                "invalid base64",
                "%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==",
            ),
            (
                "payload size not multiple of block size",
                "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyudzUm",
            ),
            (
                "payload padding error",
                "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw==",
            ),
            (
                "far-future timestamp",
                "gAAAAAAdwStRAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAnja1xKYyhd-Y6mSkTOyTGJmw2Xc2a6kBd-iX9b_qXQcw==",
            ),
            (
                "expired",
                "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==",
            ),
            (
                "incorrect IV",
                "gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAkLhFLHpGtDBRLRTZeUfWgHSv49TF2AUEZ1TIvcZjK1zQ==",
            ),
        ] {
            let clocked = fernet.decrypt_at_time(
                token,
                Some(60),
                now + if why == "expired" { 100 } else { 0 },
            );
            assert!(clocked.is_err(), "{why}");
            if !matches!(why, "far-future timestamp" | "expired") {
                assert!(open(&data_key(VECTOR_KEY), token).is_err(), "{why}");
            }
        }
    }
}
