//! Where the configuration comes from.

mod environments;
pub mod found;
mod given;
mod log;
mod no_environment;
pub mod schema;
mod settings;
mod sources;
