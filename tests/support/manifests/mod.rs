//! Readers of the manifests in `examples/`, and what starts what they start.

pub mod read;
pub mod start;
pub mod unit;
