//! The format of a cached record's file: a mark, a checksum, the record's identity,
//! and the record.
//!
//! Pure: bytes in, bytes out. Detects a file that was truncated, changed or swapped
//! with another, but not who wrote it.

use crate::backends::store::Stored;
use crate::base::hash::{sha256, sha256_of};

/// The first line of every file in this format.
const MARK: &[u8] = b"lazycred-cache 1\n";

/// How many characters a checksum has.
const CHECKSUM: usize = 64;

/// The part of a file before the record.
///
/// Shape: three lines, the mark, the SHA-256 of the rest, and `["ETAG","WHOSE"]`.
/// The record follows unchanged.
pub(super) fn head(stored: &Stored, whose: &str) -> Vec<u8> {
    let mut header = serde_json::to_vec(&(stored.etag(), whose)).expect("text is always JSON");
    header.push(b'\n');
    let checksum = sha256_of(&[&header, &stored.bytes]);
    [MARK, checksum.as_bytes(), b"\n", &header].concat()
}

/// The record in a file, if the file is whole and has this identity; else why not.
pub(super) fn decode(mut bytes: Vec<u8>, whose: &str) -> Result<Stored, &'static str> {
    let start = MARK.len() + CHECKSUM + 1;
    let (Some(head), Some(rest)) = (bytes.get(..start), bytes.get(start..)) else {
        return Err("it is truncated");
    };
    let Some(checksum) = head.strip_prefix(MARK) else {
        return Err("it is not in the cache's format");
    };
    if checksum != [sha256(rest).as_bytes(), b"\n"].concat() {
        return Err("it is damaged");
    }
    let end = rest.iter().position(|byte| *byte == b'\n');
    let end = end.ok_or("it is not in the cache's format")?;
    let header: (String, String) =
        serde_json::from_slice(&rest[..end]).map_err(|_| "it is not in the cache's format")?;
    let (etag, other) = header;
    if other != whose {
        return Err("it belongs to another record");
    }
    if etag.is_empty() || !etag.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("its etag is not valid");
    }
    bytes.drain(..=start + end);
    Ok(Stored::new(bytes, etag, None))
}
