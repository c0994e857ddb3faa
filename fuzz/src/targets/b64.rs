//! Base64 as Python reads it, against another way to say what that is.

use crate::base::base64::{Alphabet, canonical_url_safe, decode, encode, encode_url_safe};
use crate::record::fernet::{self, DataKey};

const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// What is decoded is what the other way gives, and what is encoded has one form.
pub fn b64(input: &[u8]) {
    for alphabet in [Alphabet::Standard, Alphabet::UrlSafe] {
        assert_eq!(decode(input, alphabet), expected(input, alphabet));
    }
    let (standard, url_safe) = (encode(input), encode_url_safe(input));
    assert_eq!(
        decode(standard.as_bytes(), Alphabet::Standard).as_deref(),
        Some(input)
    );
    assert_eq!(
        decode(url_safe.as_bytes(), Alphabet::UrlSafe).as_deref(),
        Some(input)
    );
    assert_eq!(standard.replace('+', "-").replace('/', "_"), url_safe);
    assert_eq!(canonical_url_safe(&url_safe).as_deref(), Some(&*url_safe));
    data_key(input);
    if let Ok(text) = str::from_utf8(input) {
        token(text);
    }
}

/// Collects whole digits first, then their bits.
fn expected(text: &[u8], alphabet: Alphabet) -> Option<Vec<u8>> {
    let (mut digits, mut pads, mut is_over) = (Vec::new(), 0, false);
    for byte in text {
        let digit = match byte {
            b'=' => {
                let open = digits.len() % 4;
                pads += usize::from(open >= 2);
                is_over = open >= 2 && open + pads >= 4;
                if is_over {
                    break;
                }
                continue;
            }
            b'+' => 62,
            b'/' => 63,
            b'-' | b'_' if alphabet == Alphabet::Standard => continue,
            b'-' => 62,
            b'_' => 63,
            other => match DIGITS.iter().position(|digit| digit == other) {
                Some(at) => at,
                None => continue,
            },
        };
        digits.push(digit);
        pads = 0;
    }
    if !is_over && digits.len() % 4 != 0 {
        return None;
    }
    let bits: Vec<bool> = digits
        .iter()
        .flat_map(|digit| (0..6).rev().map(move |bit| digit >> bit & 1 == 1))
        .collect();
    let byte = |bits: &[bool]| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
    Some(bits.chunks_exact(8).map(byte).collect())
}

/// A data key is 32 bytes in any spelling, and exactly one spelling is its own.
fn data_key(input: &[u8]) {
    let bytes = expected(input, Alphabet::UrlSafe).filter(|bytes| bytes.len() == 32);
    let read = DataKey::parse(input);
    assert_eq!(read.is_some(), bytes.is_some());
    let own = bytes.map(|bytes| encode_url_safe(&bytes));
    assert_eq!(read.as_ref().map(DataKey::as_str), own.as_deref());
    let exactly = own.is_some_and(|own| own.as_bytes() == input);
    assert_eq!(DataKey::parse_exactly(input).is_some(), exactly);
}

/// A token's canonical spelling is its bytes', and has the form of a token.
fn token(text: &str) {
    let bytes = expected(text.as_bytes(), Alphabet::UrlSafe);
    let canonical = bytes.as_deref().map(encode_url_safe);
    assert_eq!(canonical_url_safe(text).as_deref(), canonical.as_deref());
    let has_form = |bytes: &Vec<u8>| {
        bytes.len() >= 73 && (bytes.len() - 73).is_multiple_of(16) && bytes[0] == 0x80
    };
    let token = canonical.filter(|_| bytes.is_some_and(|bytes| has_form(&bytes)));
    assert_eq!(fernet::canonical(text).as_deref(), token.as_deref());
}
