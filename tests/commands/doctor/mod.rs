//! `doctor`.

mod aws;
pub mod findings;
mod moto;
mod verdict;
