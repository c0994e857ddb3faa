//! Everything but the tests: servers, fixtures, and the harness that runs the program.

pub mod accepted;
pub mod console;
pub mod containers;
pub mod fake_aws;
pub mod files;
pub mod firewall;
pub mod fixtures;
pub mod full;
pub mod harness;
pub mod hostile_values;
pub mod http;
pub mod kills;
pub mod local_store;
pub mod manifests;
pub mod memory;
pub mod moto;
pub mod network;
pub mod own_process;
pub mod programs;
pub mod progress;
pub mod pty;
pub mod readers;
pub mod real_s3;
pub mod runner;
pub mod screen;
pub mod sources;
pub mod temporary;
pub mod terminal;
pub mod tls;
pub mod traps;
pub mod versions;

// The words that most tests use.
pub use fake_aws::{ACCOUNT, ALIAS, Answer, BUCKET, FakeAws, Fault, REGION};
pub use harness::{Outcome, PROGRAM, Run, Running, S3_PATH, Sandbox, place, store, stored};
pub use moto::Moto;
pub use screen::Screen;
pub use terminal::{Terminal, at_terminal};
