//! Secret bytes, which never print and are wiped when dropped.
//!
//! Every plaintext and every value of a variable is a [`Secret`] from the moment it is
//! decrypted. The type has no `Display`, and its `Debug` shows nothing, so that no
//! message, log line or panic can contain one by accident.

use std::fmt;

use zeroize::Zeroizing;

use crate::base::wipe;

/// Bytes that never print and are wiped when dropped.
///
/// Shape: any byte string, the empty one included.
///
/// # Examples
///
/// ```
/// let secret = lazycred::Secret::from("hunter2");
/// assert_eq!(secret.as_bytes(), b"hunter2");
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// ```
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes ownership of bytes without copying them.
    ///
    /// # Examples
    ///
    /// ```
    /// let secret = lazycred::Secret::new(vec![0x30, 0x82]);
    /// assert_eq!(secret.as_bytes(), [0x30, 0x82]);
    /// ```
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self::from(Zeroizing::new(bytes))
    }

    /// The bytes themselves; whoever copies them must wipe the copy.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("token", "hunter2")?;
    /// let token = client.get("token")?;
    /// assert_eq!(str::from_utf8(token.as_bytes()), Ok("hunter2"));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The number of bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(lazycred::Secret::from("hunter2").len(), 7);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it is empty.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(lazycred::Secret::default().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text.into_bytes())
    }
}

impl From<&[u8]> for Secret {
    fn from(bytes: &[u8]) -> Self {
        Self::new(bytes.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Secret {
    fn from(bytes: &[u8; N]) -> Self {
        Self::from(bytes.as_slice())
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.as_bytes())
    }
}

impl From<Zeroizing<Vec<u8>>> for Secret {
    fn from(bytes: Zeroizing<Vec<u8>>) -> Self {
        wipe::begin();
        Self(bytes)
    }
}
