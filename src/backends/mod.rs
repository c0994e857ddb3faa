//! The outside systems, one folder each: stores of records, wrapping keys, and access to AWS.

use futures_util::future::BoxFuture;

use crate::base::Result;

pub(crate) mod aws;
pub mod cache;
pub(crate) mod http;
pub(crate) mod keyring;
pub(crate) mod store;
pub mod whole_file;

/// The result of work in progress, boxed for traits that are used as objects.
pub(crate) type Pending<'a, T> = BoxFuture<'a, Result<T>>;
