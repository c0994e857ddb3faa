//! What a user sees: the real program, against real servers.
//!
//! One crate, so that one build and one run of each server serve all tests.

#![allow(missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]

mod aws;
mod configuration;
mod containers;
mod examples;
mod exec;
mod faults;
mod fixtures;
mod full;
mod help;
mod layers;
mod local_store;
mod manifests;
#[allow(dead_code, reason = "a second opinion that not every test asks")]
mod moto;
mod process;
mod readme;
mod safety;
mod sandbox;
mod secrets;
mod server;
