//! Where the configuration comes from.

pub mod found;
mod log;
mod settings;
mod sources;
