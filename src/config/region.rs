//! What a region may be.

/// Whether text can be part of a host name, as a region must be.
pub(crate) fn is_region(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(plain)
}
