//! The outside systems, one folder each: where records are stored, what wraps data keys, and the way to AWS.

pub(crate) mod aws;
pub mod cache;
pub(crate) mod http;
pub(crate) mod keyring;
pub(crate) mod store;
pub mod whole_file;
