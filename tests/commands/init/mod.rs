//! `init`.

pub mod create;
mod local;
