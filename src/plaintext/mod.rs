//! All that reads decrypted bytes. No I/O.

pub(crate) mod diff;
pub(crate) mod dotenv;
pub(crate) mod export;
pub(crate) mod flatten;
pub(crate) mod json;
pub(crate) mod rules;
pub(crate) mod set_field;
pub(crate) mod variables;
pub(crate) mod vars;
#[cfg(feature = "cli")]
pub(crate) mod yaml;
