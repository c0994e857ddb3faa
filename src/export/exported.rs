//! A variable to be written, and why a format cannot hold one.

use crate::name::VarName;
use crate::secret::Secret;

/// One variable on its way out.
#[derive(Debug)]
pub(crate) struct Exported {
    pub(crate) name: VarName,
    /// `None` for a variable that is not to be set.
    pub(crate) value: Option<Secret>,
    /// The reference that gave it, as it was typed.
    pub(crate) reference: String,
    /// Whether the user named it, so that no rule for the others touches it.
    pub(crate) named: bool,
}

/// What a variable is that a format cannot hold, and why it cannot.
pub(super) type Cannot = (&'static str, &'static str);
