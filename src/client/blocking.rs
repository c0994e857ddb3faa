//! The client for programs without an async runtime.
//!
//! Each client brings a current-thread runtime of its own. It must not be used
//! from within another runtime: tokio panics there.

mod runtime;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::runtime::Runtime;

use self::runtime::Own;
use crate::backends::store::{Entry, Removed, Version};
use crate::base::{FieldPath, Reference, Result, Secret, SecretName};
use crate::client::copies::{Rekey, Renamed};
use crate::client::fields::FieldValue;
use crate::client::get::{Description, ReadOptions};
use crate::client::list::Listing;
use crate::client::put::Replace;
use crate::client::writer::{Precondition, Written};
use crate::config::{Config, WrappingKeyId};
use crate::plaintext::diff::Difference;
use crate::plaintext::rules::Rules;
use crate::plaintext::vars::Vars;

/// The twin of [`crate::Client`] that waits.
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// let name = "api-token".parse()?;
/// client.put(&name, &"hunter2\n".into())?;
/// assert_eq!(client.get(&name)?.as_bytes(), b"hunter2\n");
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug)]
pub struct Client {
    client: crate::Client,
    runtime: Own,
}

impl Client {
    /// As [`crate::Client::from_env`].
    ///
    /// # Errors
    ///
    /// [`Error::Usage`](crate::Error::Usage) if there is no configuration, or if it is not valid.
    pub fn from_env() -> Result<Self> {
        let runtime = Own::start()?;
        let client = runtime.block_on(crate::Client::from_env())?;
        Ok(Self { client, runtime })
    }

    /// As [`crate::Client::new`].
    ///
    /// # Errors
    ///
    /// [`Error::Usage`](crate::Error::Usage) if the configuration lacks what it needs.
    pub fn new(config: Config) -> Result<Self> {
        let runtime = Own::start()?;
        let client = runtime.block_on(crate::Client::new(config))?;
        Ok(Self { client, runtime })
    }

    /// As [`crate::Client::in_memory`].
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) if the system gives no runtime.
    pub fn in_memory() -> Result<Self> {
        let client = crate::Client::in_memory();
        Ok(Self {
            client,
            runtime: Own::start()?,
        })
    }

    /// As [`crate::Client::timeout`].
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.client.timeout()
    }

    /// Lists the secrets whose names start with `prefix`; all for an empty one.
    ///
    /// Shape: one entry after the other, in byte order of the names; a request
    /// is made for every thousand. After a failure there is nothing more.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// for name in ["web/prod", "db", "web/dev"] {
    ///     client.put(&name.parse()?, &"hunter2".into())?;
    /// }
    /// let entries = client.list("web/").collect::<lazycred::Result<Vec<_>>>()?;
    /// let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    /// assert_eq!(names, ["web/dev", "web/prod"]);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn list(&self, prefix: &str) -> Entries<'_> {
        Entries {
            runtime: &self.runtime,
            list: Some(self.client.list(prefix)),
            page: Vec::new().into_iter(),
        }
    }
}

/// Methods that wait for their async twins.
macro_rules! twins {
    ($(fn $name:ident($($argument:ident: $of:ty),*) -> $gives:ty;)*) => {
        impl Client {
            $(
                #[doc = concat!("As [`crate::Client::", stringify!($name), "`].")]
                ///
                /// # Errors
                ///
                /// The same.
                pub fn $name(&self, $($argument: $of),*) -> Result<$gives> {
                    self.runtime.block_on(self.client.$name($($argument),*))
                }
            )*
        }
    };
}

twins! {
    fn get(name: &SecretName) -> Secret;
    fn get_version(name: &SecretName, version: Option<&str>) -> Secret;
    fn get_with(name: &SecretName, options: &ReadOptions) -> Secret;
    fn get_field(name: &SecretName, field: &FieldPath, options: &ReadOptions) -> Secret;
    fn current(name: &SecretName) -> Option<(Secret, String)>;
    fn describe(name: &SecretName, version: Option<&str>) -> Description;
    fn diff(before: (&SecretName, Option<&str>), after: (&SecretName, Option<&str>)) -> Vec<Difference>;
    fn load(references: &[Reference]) -> Vars;
    fn load_with(references: &[Reference], rules: &Rules) -> Vars;
    fn load_at_least(references: &[Reference], rules: &Rules, generations: &BTreeMap<SecretName, u64>) -> Vars;
    fn put(name: &SecretName, secret: &Secret) -> Written;
    fn put_if(name: &SecretName, secret: &Secret, precondition: &Precondition) -> Written;
    fn check_put(names: &[SecretName], replace: Replace) -> ();
    fn update(name: &SecretName, change: impl Fn(Option<Secret>) -> Result<Option<Secret>> + Send + Sync) -> Written;
    fn set(name: &SecretName, field: &FieldPath, value: &FieldValue) -> Written;
    fn unset(name: &SecretName, field: &FieldPath) -> Written;
    fn history(name: &SecretName) -> Vec<Version>;
    fn delete(name: &SecretName) -> Removed;
    fn delete_if(name: &SecretName, precondition: &Precondition) -> Removed;
    fn enforces_conditions(name: &SecretName) -> Option<bool>;
    fn copy(name: &SecretName, to: &SecretName, replace: Replace) -> Written;
    fn rename(name: &SecretName, to: &SecretName, replace: Replace) -> Renamed;
    fn rollback(name: &SecretName, version: &str, from: Option<&WrappingKeyId>) -> Written;
    fn rekey(name: &SecretName, rekey: &Rekey) -> Written;
    fn needs_rekey(name: &SecretName, rekey: &Rekey) -> bool;
    fn upgrade(name: &SecretName, to: Option<&WrappingKeyId>) -> Written;
}

impl Client {
    /// Waits for what an async client does, such as a [`Plan`](crate::launch::Plan).
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// let gone = client.block_on(async |client| client.get(&"db".parse()?).await);
    /// assert_eq!(gone.unwrap_err().exit_code(), 3);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn block_on<T>(&self, work: impl AsyncFnOnce(&crate::Client) -> T) -> T {
        self.runtime.block_on(work(&self.client))
    }
}

/// The secrets of a list, from [`Client::list`].
#[derive(Debug)]
pub struct Entries<'a> {
    runtime: &'a Runtime,
    /// `None` after the end, and after a failure.
    list: Option<Listing<'a>>,
    page: std::vec::IntoIter<Entry>,
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.page.next() {
                return Some(Ok(entry));
            }
            match self.runtime.block_on(self.list.as_mut()?.page()) {
                Ok(Some(page)) => self.page = page.into_iter(),
                Ok(None) => self.list = None,
                Err(error) => {
                    self.list = None;
                    return Some(Err(error));
                }
            }
        }
    }
}
