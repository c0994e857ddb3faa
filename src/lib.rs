//! Keeps secrets in S3, sealed under data keys that KMS wraps, and gives them to
//! programs as variables. This is the library behind the command `lazycred`.
//!
//! A secret is stored as a **record**: the secret sealed under a data key, and that
//! data key wrapped by a **keyring** (KMS, or a key file). A **store** (S3, or a
//! folder) keeps the records. Reading is fetch → unwrap → open → flatten; writing is
//! seal → wrap → save. [`Client`] does both; [`blocking::Client`] is for programs
//! without an async runtime.
//!
//! The word *key* never stands alone: a secret has a **name**, an object a **path**,
//! a record a **data key**, an account a **wrapping key**; a member of a JSON secret
//! is a **field**, an entry of the environment a **variable**.
//!
//! # Examples
//!
//! Store a secret, change one field, and read it. Any bytes will do; names are taken
//! as text, or as a [`SecretName`]:
//!
//! ```no_run
//! use lazycred::{Config, blocking::Client};
//!
//! let config = Config::new("acme-secrets/prod/")?
//!     .with_wrapping_key("alias/acme")?
//!     .with_region("eu-central-1");
//! let client = Client::new(config)?;
//! client.put("db", r#"{"user": "app", "ports": [5432]}"#)?;
//! client.set("db", "password", "hunter2")?;
//! client.put("tls/private", std::fs::read("private.pem")?)?;
//! let secret = client.get("tls/private")?;
//! # assert!(!secret.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Load variables from all fields of a secret, or from single fields. Tests need no
//! AWS: [`Client::in_memory`] keeps what they store.
//!
//! ```
//! let client = lazycred::blocking::Client::in_memory()?;
//! client.put("db", r#"{"host": "db.internal", "port": 5432}"#)?;
//! client.set("db", "password", "hunter2")?;
//! let variables = client.load(["db", "DB_PASSWORD=db#password"])?;
//! assert_eq!(variables.get("HOST").unwrap().as_bytes(), b"db.internal");
//! # Ok::<(), lazycred::Error>(())
//! ```
//!
//! Replace this process with a command that has them in its environment, as
//! `lazycred exec` does (see [`launch`]):
//!
//! ```no_run
//! use lazycred::blocking::Client;
//! use lazycred::launch::{Command, Plan};
//!
//! let client = Client::from_env()?;
//! let mut plan = Plan::new(std::env::vars_os());
//! plan.listed.push("web/prod".parse()?);
//! let words = vec!["./server".into(), "--port".into(), "80".into()];
//! let command = Command::find(words, std::env::var_os("PATH").as_deref())?;
//! let environ = client.block_on(async |client| plan.environ(client).await)?;
//! let error = command.exec(&environ); // returns only if the command did not start
//! eprintln!("{error}");
//! # Ok::<(), lazycred::Error>(())
//! ```
//!
//! The calls of [`Client`] are futures, which can be spawned:
//!
//! ```
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! let client = lazycred::Client::in_memory();
//! client.put("api-token", "hunter2").await?;
//! let loading = tokio::spawn(async move { client.load(["api-token"]).await });
//! let variables = loading.await.expect("it does not panic")?;
//! assert!(variables.get("API_TOKEN").is_some());
//! # Ok::<(), lazycred::Error>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! `cli`, on by default, is the command line: `lazycred::cli::main` and the crates
//! that it alone needs. Other programs can leave it out:
//!
//! ```toml
//! lazycred = { version = "1", default-features = false }
//! ```
//!
//! Nothing of this crate runs before `main`, and it sets no global allocator. Programs
//! that want freed memory wiped choose [`WipingAllocator`] themselves.
//!
//! # What reads the environment
//!
//! [`Client::from_env`] reads the variables and files that the command line reads.
//! [`Client::new`] reads neither, but the AWS SDK does, for whatever the [`Config`]
//! leaves out: `AWS_*` variables and profile files, unless the configuration gives
//! [credentials](Config::with_credentials) and a [region](Config::with_region).
//! It prints nothing: warnings and logs are `tracing` events with the target
//! `lazycred`.
//!
//! # Threads and forks
//!
//! Threads can share a client. A child that is made by `fork` without `exec` has none
//! of its parent's other threads, so whatever those had locked stays locked in it. It
//! makes a client of its own, and neither uses nor drops its parent's, with which it
//! shares sockets and the queue of their events. No lock of this crate makes such a
//! child hang, and a folder's lock does not outlive the parent's write. But the AWS SDK
//! has process-wide locks, which it holds for moments while a call is polled, and so has
//! the system's resolver: a program that forks while other threads are in calls must see
//! to it that none of these calls is being polled at that instant.
//!
//! The library handles no signal, and waits for no process but a profile's
//! `credential_process`, which it kills if the call is given up.
//!
//! # Errors
//!
//! Every failure is an [`Error`]: its `Display` says what failed, on what and why,
//! [`Error::hint`] what to do next, and [`Error::exit_code`] which status the command
//! ends with. None of them holds a byte of a secret.
//!
//! | Status | Meaning |
//! |---|---|
//! | 1 | AWS, network or I/O error |
//! | 2 | wrong call or configuration |
//! | 3 | no such secret, version or field |
//! | 4 | the record is damaged or fails authentication |
//! | 5 | the secret cannot become variables |
//! | 6 | conflict: the name is taken, or the secret has changed |
//! | 126, 127 | the command cannot be run, or was not found |
//!
//! # Layers
//!
//! Each layer imports only from layers to its left:
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
pub use base::counted::records_read;
pub use base::waiting::waiting_for;
pub use base::wipe::WipingAllocator;
pub use base::{
    Error, FieldPath, LastResponse, NameError, ObjectPath, Operation, Place, Reference, Result,
    Secret, SecretName, Target, VarName,
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
pub use plaintext::filter::Filter;
pub use plaintext::rules::{Arrays, Case, Format, Null, Rules, Words};
pub use plaintext::template::Template;
pub use plaintext::vars::{Var, Vars};
pub use plaintext::{dotenv, export, json};
