//! What is no test: servers, fixtures, and what runs the program.

#[allow(dead_code, unused_imports, reason = "it can do more than tests ask")]
pub mod fake_aws;
pub mod files;
#[allow(dead_code, reason = "more is known of a golden record than tests ask")]
pub mod fixtures;
pub mod full;
#[allow(dead_code, unused_imports, reason = "it can do more than tests ask")]
pub mod harness;
pub mod hostile_values;
pub mod http;
pub mod local_store;
#[allow(dead_code, reason = "a second opinion that not every test asks")]
pub mod moto;
pub mod own_process;
pub mod progress;
#[allow(dead_code, reason = "more formats have readers than tests ask")]
pub mod readers;
pub mod real_s3;
pub mod runner;
pub mod sandbox;
pub mod server;
pub mod temporary;
pub mod terminal;
