//! From secrets to a running command, as `lazycred exec` does it.
//!
//! A [`Plan`] names secrets, how they become variables, and what the command inherits. A
//! client turns it into an [`Environ`], which lists its changes but never a value, and
//! with which a [`Command`] replaces this process. Nothing here prints, or reads the
//! environment: the caller passes it in.
//!
//! # Examples
//!
//! ```
//! use lazycred::launch::{Inherit, Plan};
//!
//! let client = lazycred::blocking::Client::in_memory()?;
//! client.put("db", r#"{"host": "db.internal"}"#)?;
//!
//! let mut plan = Plan::new([("DB".into(), "lazycred:db#host".into())]);
//! plan.listed.push("APP_+=db".parse()?);
//! plan.inherit = Inherit { pristine: true, ..Inherit::default() };
//! plan.mark(&["DB*"])?;
//! let environ = client.block_on(async |client| plan.environ(client).await)?;
//! let names: Vec<_> = environ.changes().map(|(name, _)| name).collect();
//! assert_eq!(names, ["APP_HOST", "DB"]);
//! # Ok::<(), lazycred::Error>(())
//! ```

pub(crate) mod command;
pub(crate) mod environ;
pub(crate) mod inherit;
pub(crate) mod memfd;
pub mod process;
pub(crate) mod refused;

mod env_file;
mod from_env;
mod plan;
mod require;

pub use self::env_file::EnvFile;
pub use self::plan::Plan;
pub use self::require::Required;
pub use crate::launch::command::Command;
pub use crate::launch::environ::{Change, Environ};
pub use crate::launch::inherit::Inherit;
