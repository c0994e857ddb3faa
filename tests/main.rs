//! What a user sees: the real program, against real servers.
//!
//! One crate, so that one build and one run of each server serve all tests.

#![allow(missing_docs, clippy::unwrap_used)]
#![allow(
    clippy::needless_borrows_for_generic_args,
    reason = "a run takes what it expects owned or borrowed"
)]

mod ahead;
mod answers;
mod aws;
mod benchmarks;
#[path = "../build.rs"]
#[expect(
    dead_code,
    clippy::print_stdout,
    reason = "it talks to cargo, and a test to one part of it"
)]
mod build_script;
mod cache;
mod completions;
mod configuration;
mod conformance;
mod containers;
mod create;
mod credentials;
mod diff;
mod doctor;
mod doctor_aws;
mod doctor_moto;
mod edit;
mod edit_folder;
mod environment;
mod examples;
mod exec;
mod export;
mod export_files;
mod export_github;
#[allow(dead_code, unused_imports, reason = "it can do more than tests ask")]
mod fake_aws;
mod faults;
mod fields;
mod files;
#[allow(dead_code, reason = "more is known of a golden record than tests ask")]
mod fixtures;
mod format_2;
mod full;
#[allow(dead_code, unused_imports, reason = "it can do more than tests ask")]
mod harness;
mod help;
mod hostile;
mod http;
mod import;
mod kills;
mod large;
mod layers;
mod life;
mod life_rules;
mod list;
mod list_many;
mod local_store;
mod man;
mod manifests;
#[allow(dead_code, reason = "a second opinion that not every test asks")]
mod moto;
mod moves;
mod nothing;
mod output_file;
mod policy;
mod post_quantum;
mod process;
mod prompt;
mod properties;
mod races;
mod readme;
mod real_s3;
mod record_2;
mod rekey;
mod requests;
mod runner;
mod safety;
mod sandbox;
mod secrets;
mod server;
mod terminal;
mod trust;
mod typed_secrets;
mod upgrade;
mod vectors;
mod wrapping_keys;
mod writes;
