//! Keeps secrets in S3, sealed under keys that KMS wraps, and gives them to
//! programs as variables. This is the library behind the command `lazycred`.
//!
//! A secret is stored as a **record**: the secret sealed under a data key, and that
//! data key wrapped by a **keyring** (KMS, or a key file). A **store** (S3, or a
//! folder) keeps the records. Reading is fetch → unwrap → open → flatten; writing is
//! seal → wrap → save. [`Client`] is the way there and back, [`blocking::Client`] the
//! same without an async runtime.
//!
//! The word *key* never stands alone: a secret has a **name**, an object a **path**,
//! a record a **data key**, an account a **wrapping key**; a member of a JSON secret
//! is a **field**, an entry of the environment a **variable**.
//!
//! # Examples
//!
//! Load secrets as variables, as `exec` does, from fields of one or of several:
//!
//! ```
//! use lazycred::blocking::Client;
//!
//! let client = Client::in_memory()?;
//! client.put(&"db".parse()?, &r#"{"user": "app", "ports": [5432]}"#.into())?;
//!
//! let variables = client.load(&["db".parse()?, "MAIN=db#/ports/0".parse()?])?;
//! let names: Vec<&str> = variables.iter().map(|variable| variable.name.as_str()).collect();
//! assert_eq!(names, ["USER", "PORTS", "MAIN"]);
//! # Ok::<(), lazycred::Error>(())
//! ```
//!
//! Store a secret in S3 and read it back. Any bytes will do:
//!
//! ```no_run
//! use lazycred::{Config, blocking::Client};
//!
//! let config = Config::new("acme-secrets/prod/")?
//!     .with_wrapping_key("alias/acme")?
//!     .with_region("eu-central-1");
//! let client = Client::new(config)?;
//! client.put(&"tls/key".parse()?, &std::fs::read("key.pem")?.into())?;
//! assert!(!client.get(&"tls/key".parse()?)?.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! `cli`, on by default, is the command line: `lazycred::cli::main` and the crates
//! that it alone needs. Other programs do without:
//!
//! ```toml
//! lazycred = { version = "1", default-features = false }
//! ```
//!
//! Nothing of this crate runs before `main`, and it brings no allocator. Programs
//! that want freed memory wiped choose [`WipingAllocator`] themselves.
//!
//! # What reads the environment
//!
//! [`Client::from_env`] reads the variables and files that the command line reads.
//! [`Client::new`] reads neither, but AWS's own SDK does, for what the [`Config`] does
//! not say: `AWS_*`, and the files of profiles, unless the configuration gives
//! [credentials](Config::with_credentials) and a [region](Config::with_region).
//! Nothing is ever printed; what there is to say comes as `tracing` events of the
//! target `lazycred`.
//!
//! # Errors
//!
//! Every failure is an [`Error`]: its `Display` says what failed, on what and why,
//! [`Error::hint`] what to do next, and [`Error::exit_code`] which status the command
//! ends with. None of them holds a byte of a secret.
//!
//! | Status | Meaning |
//! |---|---|
//! | 1 | AWS, the network, a file |
//! | 2 | wrong call or configuration |
//! | 3 | no such secret, version or field |
//! | 4 | the record is damaged or fails authentication |
//! | 5 | the secret cannot become variables |
//! | 6 | somebody else wrote meanwhile |
//! | 126, 127 | the command cannot be run, or was not found |
//!
//! # Layers
//!
//! The code imports only downwards, to the left here:
//!
//! ```text
//! base · config, plaintext, record · backends · client · launch · cli
//! ```

#![cfg_attr(
    not(feature = "cli"),
    allow(dead_code, reason = "the command line reaches below the public API")
)]

mod aws;
mod base64;
pub mod blocking;
mod cache;
mod change;
#[cfg(feature = "cli")]
pub mod cli;
mod client;
mod config;
mod diff;
mod dotenv;
mod edit;
mod envelope;
mod environ;
mod error;
mod exec;
mod export;
mod flatten;
#[cfg(test)]
mod generator;
mod hash;
mod http;
mod inherit;
mod json;
mod keyring;
pub mod launch;
mod life;
mod load;
mod moves;
mod name;
mod policy;
mod process;
mod put;
mod read;
mod record;
mod reference;
mod refused;
mod repeat;
mod rewrap;
mod rules;
#[cfg(feature = "cli")]
mod scratch;
mod seal;
mod sealed;
mod secret;
pub mod setup;
mod shape;
mod small_file;
mod store;
#[cfg(test)]
mod tests;
mod text;
mod vars;
mod whole_file;
mod wipe;
mod write;
#[cfg(feature = "cli")]
mod yaml;

pub use change::FieldValue;
pub use client::Client;
pub use config::{Config, Flags, ReadBack, Variables, WrappingKeyId};
pub use diff::Difference;
pub use error::{Error, Operation, Result};
pub use life::Listing;
pub use moves::{Rekey, Renamed};
pub use name::{NameError, ObjectPath, Place, SecretName, VarName};
pub use put::Replace;
pub use read::{Bound, Description, ReadOptions};
pub use reference::{FieldPath, Reference, Target};
pub use refused::{REFUSED_NAMES, REFUSED_PREFIXES, is_refused};
pub use rewrap::Already;
pub use rules::{Arrays, Case, Filter, Format, Null, Rules};
pub use secret::Secret;
pub use store::{Entry, Removed, Version, rfc3339};
pub use vars::{Var, Vars};
pub use wipe::WipingAllocator;
pub use write::{Precondition, Written};
