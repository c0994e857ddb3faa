//! Fernet for large secrets: the tokens of the `fernet` crate, from the same
//! primitives, without its copies.
//!
//! Builds a token piece by piece in the buffer that becomes its record, and opens it
//! in place. Authenticates a token before decrypting any of it. Accepts canonical
//! tokens only.

use std::ops::Range;

use base64_simd::URL_SAFE;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

pub(super) use super::blocks::BLOCK;
use super::blocks::Cbc;
use crate::base::Secret;

/// How much to process at a time: whole blocks that fit a processor's cache.
pub(super) const PIECE: usize = 32 << 10;

/// The first byte of every token.
pub(super) const VERSION: u8 = 0x80;

/// The size of version, time and initialization vector, before the ciphertext.
pub(super) const HEAD: usize = 1 + 8 + BLOCK;

/// The size of the authentication tag, after the ciphertext.
pub(super) const TAG: usize = 32;

/// A data key as bytes: the first half signs, the second encrypts.
pub(super) type DataKeyBytes = Zeroizing<[u8; 32]>;

/// Seals a secret; the token has `spare` bytes of extra capacity.
pub(super) fn seal(
    data_key: &DataKeyBytes,
    secret: &[u8],
    seconds: u64,
    iv: [u8; BLOCK],
    spare: usize,
) -> String {
    let (whole, rest) = secret.split_at(secret.len() - secret.len() % BLOCK);
    let length = HEAD + whole.len() + BLOCK + TAG;
    let mut token = String::with_capacity(URL_SAFE.encoded_length(length) + spare);
    let mut signer = signer(data_key);
    let mut cipher = cipher(data_key, iv);

    let mut piece = Zeroizing::new(Vec::with_capacity(HEAD + PIECE + BLOCK));
    piece.push(VERSION);
    piece.extend_from_slice(&seconds.to_be_bytes());
    piece.extend_from_slice(&iv);
    signer.update(&piece);

    let padding = BLOCK - rest.len();
    let mut last = Zeroizing::new([u8::try_from(padding).unwrap_or_default(); BLOCK]);
    last[..rest.len()].copy_from_slice(rest);
    for clear in whole.chunks(PIECE).chain([&last[..]]) {
        let from = piece.len();
        piece.extend_from_slice(clear);
        cipher.encrypt(&mut piece[from..]);
        signer.update(&piece[from..]);
        // Three bytes are four characters; the remainder starts the next piece.
        let even = piece.len() - piece.len() % 3;
        URL_SAFE.encode_append(&piece[..even], &mut token);
        piece.drain(..even);
    }
    let mut end = piece.to_vec();
    end.extend_from_slice(&signer.finalize().into_bytes());
    URL_SAFE.encode_append(end, &mut token);
    token
}

/// Opens the token inside `bytes`, whose memory becomes the secret's; `None` if it is
/// forged.
pub(super) fn open(data_key: &DataKeyBytes, bytes: Vec<u8>, token: Range<usize>) -> Option<Secret> {
    let mut bytes = Zeroizing::new(bytes);
    let start = token.start;
    let length = URL_SAFE.decode_inplace(&mut bytes[token]).ok()?.len();
    let sealed = start + HEAD..(start + length).checked_sub(TAG)?;
    if sealed.is_empty() || sealed.len() % BLOCK != 0 {
        return None;
    }
    let mut signer = signer(data_key);
    signer.update(&bytes[start..sealed.end]);
    signer.verify_slice(&bytes[sealed.end..][..TAG]).ok()?;

    let iv = bytes[sealed.start - BLOCK..sealed.start].try_into().ok()?;
    let mut cipher = cipher(data_key, iv);
    let mut end = 0;
    for from in sealed.clone().step_by(PIECE) {
        let to = sealed.end.min(from + PIECE);
        cipher.decrypt(&mut bytes[from..to]);
        bytes.copy_within(from..to, end);
        end += to - from;
    }
    let padding = bytes[end - 1];
    let clear = end.checked_sub(padding.into())?;
    if !(1..=16).contains(&padding) || bytes[clear..end].iter().any(|&byte| byte != padding) {
        return None;
    }
    // The plaintext was moved to the front; wipe what remains after it.
    bytes[clear..sealed.end].zeroize();
    bytes.truncate(clear);
    Some(Secret::from(bytes))
}

fn cipher(data_key: &DataKeyBytes, iv: [u8; BLOCK]) -> Cbc {
    let (_, half) = data_key.split_last_chunk().expect("it has 32 bytes");
    Cbc::new(half, iv)
}

pub(super) fn signer(data_key: &DataKeyBytes) -> Hmac<Sha256> {
    Hmac::new_from_slice(&data_key[..16]).expect("HMAC takes any length")
}
