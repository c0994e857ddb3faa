//! Starts a program with its secrets in its environment, and then is gone.
//!
//! A secret lies in a **store** (S3, or a folder) as a **record**: the secret
//! sealed under a data key, and that data key wrapped by a **keyring** (KMS, or
//! a key file). A [`Client`] goes one way, fetch → unwrap → open → flatten, or
//! the other, seal → wrap → save. The command line in [`cli`] is an ordinary
//! user of it, and the only code here that prints.
//!
//! The word *key* never stands alone: a secret has a **name**, an object a
//! **path**, a record a **data key**, an account a **wrapping key**; a member of
//! a JSON secret is a **field**, an entry of the environment a **variable**.
//!
//! # Examples
//!
//! ```
//! use lazycred::blocking::Client;
//!
//! let client = Client::in_memory()?;
//! client.put(&"db".parse()?, &r#"{"user": "app", "ports": [5432]}"#.into())?;
//! let variables = client.load(&["db".parse()?, "MAIN=db#/ports/0".parse()?])?;
//! let names: Vec<&str> = variables.iter().map(|variable| variable.name.as_str()).collect();
//! assert_eq!(names, ["USER", "PORTS", "MAIN"]);
//! # Ok::<(), lazycred::Error>(())
//! ```

mod aws;
mod base64;
pub mod blocking;
mod cache;
mod change;
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
mod hidden;
mod http;
mod inherit;
mod json;
mod keyring;
mod life;
mod load;
mod moves;
mod name;
mod policy;
mod process;
mod read;
mod record;
mod reference;
mod refused;
mod repeat;
mod rewrap;
mod rules;
mod scratch;
mod seal;
mod sealed;
mod secret;
mod shape;
mod small_file;
mod store;
#[cfg(test)]
mod tests;
mod vars;
mod wipe;
mod write;
mod yaml;

pub use change::FieldValue;
pub use client::Client;
pub use config::{Config, Flags, ReadBack, Variables, WrappingKeyId};
pub use diff::Difference;
pub use error::{Error, Operation, Result};
pub use life::Listing;
pub use moves::{Rekey, Replace};
pub use name::{NameError, ObjectPath, Place, SecretName, VarName};
pub use read::{Bound, Description, ReadOptions};
pub use reference::{FieldPath, Reference, Target};
pub use refused::{REFUSED_NAMES, REFUSED_PREFIXES, is_refused};
pub use rewrap::Already;
pub use rules::{Arrays, Case, Filter, Format, Null, Rules};
pub use secret::Secret;
pub use store::{Entry, Removed, Version, rfc3339};
pub use vars::{Var, Vars};
pub use write::Precondition;
