//! Readers of the manifests in `examples/`, and what starts what they start.

pub mod lambda;
pub mod read;
pub mod schemas;
pub mod start;
pub mod unit;
