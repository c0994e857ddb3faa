//! What a user sees: the real program, against real servers.
//!
//! One crate, so that one build and one run of each server serve all tests. In the
//! crate that is published it is empty: `build.rs` finds the rest missing there.

#![cfg(all_tests)]
#![allow(missing_docs, clippy::unwrap_used)]
#![allow(
    clippy::needless_borrows_for_generic_args,
    reason = "a run takes what it expects owned or borrowed"
)]

mod backends;
#[path = "../build.rs"]
#[expect(
    dead_code,
    clippy::print_stdout,
    reason = "it talks to cargo, and a test to one part of it"
)]
mod build_script;
mod commands;
mod config;
mod journeys;
mod launch;
mod plaintext;
mod project;
mod promises;
mod record;
mod support;
