//! `export`.

mod files;
pub mod formats;
mod github;
mod names;
pub mod readers;
