//! Everything that reads decrypted bytes. No I/O.

pub(crate) mod detect;
pub(crate) mod diff;
pub mod dotenv;
pub mod export;
pub(crate) mod filter;
pub(crate) mod flatten;
pub mod json;
pub(crate) mod pick;
pub(crate) mod references;
pub(crate) mod rules;
pub(crate) mod set_field;
pub(crate) mod template;
pub(crate) mod vars;
