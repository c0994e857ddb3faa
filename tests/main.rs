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
mod aws_bounds;
mod aws_settings;
mod benchmarks;
mod bounds;
#[path = "../build.rs"]
#[expect(
    dead_code,
    clippy::print_stdout,
    reason = "it talks to cargo, and a test to one part of it"
)]
mod build_script;
mod byte_order;
mod cache;
mod completions;
mod configuration;
mod conformance;
mod containers;
mod create;
mod credential_process;
mod credentials;
mod damaged;
mod diff;
mod doctor;
mod doctor_aws;
mod doctor_moto;
mod edit;
mod edit_folder;
mod endpoints;
mod environment;
mod examples;
mod exec;
mod export;
mod export_files;
mod export_github;
mod export_names;
mod export_readers;
#[allow(dead_code, unused_imports, reason = "it can do more than tests ask")]
mod fake_aws;
mod faults;
mod fields;
mod files;
#[allow(dead_code, reason = "more is known of a golden record than tests ask")]
mod fixtures;
mod folder;
mod folder_by_hand;
mod format_2;
mod from_env;
mod full;
#[allow(dead_code, unused_imports, reason = "it can do more than tests ask")]
mod harness;
mod help;
mod hidden;
mod hostile;
mod hostile_values;
mod http;
mod import;
mod import_dotenv;
mod import_readers;
mod import_yaml;
mod import_yaml_readers;
mod kills;
mod large;
mod layers;
mod life;
mod life_rules;
mod links;
mod list;
mod list_many;
mod local_store;
mod log;
mod long_messages;
mod man;
mod manifests;
mod memory;
mod memory_files;
#[allow(dead_code, reason = "a second opinion that not every test asks")]
mod moto;
mod moves;
mod no_records;
mod nothing;
mod output_file;
mod own_process;
mod partitions;
mod patterns;
mod planted;
mod planted_versions;
mod policy;
mod post_quantum;
mod process;
mod progress;
mod prompt;
mod properties;
mod races;
#[allow(dead_code, reason = "more formats have readers than tests ask")]
mod readers;
mod readme;
mod real_s3;
mod record_2;
mod refused;
mod rekey;
mod requests;
mod runner;
mod safety;
mod sandbox;
/// Where the program's own dotenv parser, a part of these tests too, looks for it.
mod secret {
    pub use lazycred::Secret;
}
mod secrets;
mod server;
mod settings;
mod strangers;
mod temporary;
mod terminal;
mod trust;
mod typed_secrets;
mod upgrade;
mod vectors;
mod wrapper;
mod wrapping_keys;
mod writes;
