//! What the formats share.

/// What about a variable a format cannot represent, and why.
pub(super) type Cannot = (&'static str, &'static str);

/// Appends parts to the output.
pub(super) fn put(out: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        out.extend_from_slice(part);
    }
}
