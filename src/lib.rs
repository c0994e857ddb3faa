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

mod backends;
mod base;
#[cfg(feature = "cli")]
pub mod cli;
mod client;
pub mod config;
pub mod launch;
mod plaintext;
mod record;

pub use backends::store::{Entry, Removed, Version, rfc3339};
pub use backends::{cache, whole_file};
pub use base::wipe::WipingAllocator;
pub use base::{
    Error, FieldPath, NameError, ObjectPath, Operation, Place, Reference, Result, Secret,
    SecretName, Target, VarName,
};
pub use base::{text, wipe};
pub use client::copies::{Rekey, Renamed};
pub use client::fields::FieldValue;
pub use client::get::{Bound, Description, ReadOptions};
pub use client::list::{Listing, names};
pub use client::put::Replace;
pub use client::rewrap::Already;
pub use client::writer::{Precondition, Written};
pub use client::{Client, blocking, setup};
pub use config::{Config, Flags, ReadBack, Variables, WrappingKeyId};
pub use launch::refused::{REFUSED_NAMES, REFUSED_PREFIXES, is_refused};
pub use plaintext::diff::Difference;
pub use plaintext::rules::{Arrays, Case, Filter, Format, Null, Rules};
pub use plaintext::vars::{Var, Vars};
pub use plaintext::{dotenv, export, json};
