//! Where the configuration comes from.

mod environments;
pub mod found;
mod given;
mod hijack;
mod log;
mod no_environment;
pub mod schema;
mod settings;
mod sources;
