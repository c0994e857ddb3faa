//! A variable to export, and why a format cannot represent one.

use crate::name::VarName;
use crate::secret::Secret;

/// A variable to export.
#[derive(Debug)]
pub(crate) struct Exported {
    pub(crate) name: VarName,
    /// `None` for a variable to unset.
    pub(crate) value: Option<Secret>,
    /// The reference that produced it, as typed.
    pub(crate) reference: String,
    /// Whether the user chose the name, so that no naming rule applies.
    pub(crate) named: bool,
}

/// What about a variable a format cannot represent, and why.
pub(super) type Cannot = (&'static str, &'static str);

/// Appends parts to the output.
pub(super) fn put(out: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        out.extend_from_slice(part);
    }
}
