//! What AWS has for a store, and what it should have: the bucket, the wrapping
//! key, and the IAM policies that allow what each of them needs.
//!
//! Inspects and creates buckets and wrapping keys; never touches a record.
//!
//! # Examples
//!
//! ```no_run
//! use lazycred::{Config, setup::Setup};
//!
//! # async fn example() -> lazycred::Result<()> {
//! let config = Config::new("acme-secrets/prod/")?
//!     .with_wrapping_key("acme")?
//!     .with_region("eu-west-1");
//! let setup = Setup::load(&config).await?;
//! for task in setup.missing().await? {
//!     println!("{task}");
//!     setup.apply(task).await?;
//! }
//! # Ok(())
//! # }
//! ```

mod bucket;
mod connection;
mod in_aws;
mod policy;
mod task;

pub use self::bucket::BucketSettings;
pub use self::in_aws::{Setup, is_in_aws};
pub use self::policy::{PolicyFor, policy};
pub use self::task::Task;
pub use crate::backends::aws::policy::Principals;
pub use crate::backends::aws::policy::bucket_arns;
pub use crate::backends::aws::{Caller, On, permission};
pub use crate::backends::http::is_plain;
pub use crate::backends::keyring::{WrappingKey, create_key_file, key_file};
pub use crate::backends::store::BucketState;
