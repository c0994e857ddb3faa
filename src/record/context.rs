//! What a wrapped data key is bound to.

use std::collections::BTreeMap;

/// Pairs of text that a wrapped data key opens with, and with no others; none for
/// a record of version 1.
pub(crate) type Context = BTreeMap<String, String>;
