//! `init`.

mod account;
mod apart;
pub mod create;
mod environments;
mod interrupted;
mod local;
mod looks;
mod next;
mod questions;
mod refused;
