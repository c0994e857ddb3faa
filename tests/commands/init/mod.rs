//! `init`.

pub mod create;
