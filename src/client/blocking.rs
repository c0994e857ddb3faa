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
use crate::base::{Error, FieldPath, Reference, Result, Secret, SecretName};
use crate::client::copies::{Rekey, Renamed};
use crate::client::fields::FieldValue;
use crate::client::get::{Description, ReadOptions};
use crate::client::list::Listing;
use crate::client::put::Replace;
use crate::client::writer::{Precondition, Written};
use crate::config::{Config, WrappingKeyId};
use crate::plaintext::diff::Difference;
use crate::plaintext::rules::Rules;
use crate::plaintext::template::Template;
use crate::plaintext::vars::Vars;

/// The twin of [`crate::Client`] that waits.
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("api-token", "hunter2\n")?;
/// assert_eq!(client.get("api-token")?.as_bytes(), b"hunter2\n");
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug)]
pub struct Client {
    client: super::Client,
    runtime: Own,
}

impl Client {
    /// As [`crate::Client::from_env`].
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if there is no configuration, or if it is not valid.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// let client = lazycred::blocking::Client::from_env()?;
    /// let token = client.get("api-token")?;
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn from_env() -> Result<Self> {
        let runtime = Own::start()?;
        let client = runtime.block_on(super::Client::from_env())?;
        Ok(Self { client, runtime })
    }

    /// As [`crate::Client::new`].
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if the configuration lacks what it needs.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use lazycred::{Config, blocking::Client};
    /// let config = Config::new("file:/srv/secrets/")?
    ///     .with_wrapping_key("local:dev")?
    ///     .with_data_home("/home/me/.local/share");
    /// let client = Client::new(config)?;
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn new(config: Config) -> Result<Self> {
        let runtime = Own::start()?;
        let client = runtime.block_on(super::Client::new(config))?;
        Ok(Self { client, runtime })
    }

    /// As [`crate::Client::in_memory`].
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the system gives no runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// assert!(client.list("").next().is_none());
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn in_memory() -> Result<Self> {
        let client = super::Client::in_memory();
        Ok(Self {
            client,
            runtime: Own::start()?,
        })
    }

    /// As [`crate::Client::timeout`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// assert_eq!(client.timeout().as_secs(), 30);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.client.timeout()
    }

    /// As [`crate::Client::throttled`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// assert_eq!(client.throttled(), 0);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn throttled(&self) -> usize {
        self.client.throttled()
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
    ///     client.put(name, "hunter2")?;
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

/// Methods that block on their async twins.
macro_rules! twins {
    ($(fn $name:ident($($argument:ident: $of:ty),*) -> $gives:ty;)*) => {
        impl Client {
            $(
                #[doc = concat!("As [`crate::Client::", stringify!($name), "`], whose example uses this twin.")]
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
    fn get(name: impl TryInto<SecretName, Error: Into<Error>>) -> Secret;
    fn get_version(name: impl TryInto<SecretName, Error: Into<Error>>, version: Option<&str>) -> Secret;
    fn get_with(name: impl TryInto<SecretName, Error: Into<Error>>, options: &ReadOptions) -> Secret;
    fn get_field(name: impl TryInto<SecretName, Error: Into<Error>>, field: impl TryInto<FieldPath, Error: Into<Error>>, options: &ReadOptions) -> Secret;
    fn current(name: impl TryInto<SecretName, Error: Into<Error>>) -> Option<(Secret, String)>;
    fn describe(name: impl TryInto<SecretName, Error: Into<Error>>, version: Option<&str>) -> Description;
    fn diff(before: (impl TryInto<SecretName, Error: Into<Error>>, Option<&str>), after: (impl TryInto<SecretName, Error: Into<Error>>, Option<&str>)) -> Vec<Difference>;
    fn load(references: impl IntoIterator<Item: TryInto<Reference, Error: Into<Error>>>) -> Vars;
    fn load_with(references: impl IntoIterator<Item: TryInto<Reference, Error: Into<Error>>>, rules: &Rules) -> Vars;
    fn load_at_least(references: impl IntoIterator<Item: TryInto<Reference, Error: Into<Error>>>, rules: &Rules, generations: &BTreeMap<SecretName, u64>) -> Vars;
    fn render(template: impl TryInto<Template, Error: Into<Error>>) -> Secret;
    fn render_at_least(template: impl TryInto<Template, Error: Into<Error>>, rules: &Rules, generations: &BTreeMap<SecretName, u64>) -> Secret;
    fn put(name: impl TryInto<SecretName, Error: Into<Error>>, secret: impl Into<Secret>) -> Written;
    fn put_if(name: impl TryInto<SecretName, Error: Into<Error>>, secret: impl Into<Secret>, precondition: &Precondition) -> Written;
    fn check_put(names: impl IntoIterator<Item: TryInto<SecretName, Error: Into<Error>>>, replace: Replace) -> ();
    fn exists(name: impl TryInto<SecretName, Error: Into<Error>>) -> bool;
    fn update(name: impl TryInto<SecretName, Error: Into<Error>>, change: impl Fn(Option<Secret>) -> Result<Option<Secret>> + Send + Sync) -> Written;
    fn set(name: impl TryInto<SecretName, Error: Into<Error>>, field: impl TryInto<FieldPath, Error: Into<Error>>, value: impl Into<FieldValue>) -> Written;
    fn check_set(name: impl TryInto<SecretName, Error: Into<Error>>, field: impl TryInto<FieldPath, Error: Into<Error>>) -> ();
    fn unset(name: impl TryInto<SecretName, Error: Into<Error>>, field: impl TryInto<FieldPath, Error: Into<Error>>) -> Written;
    fn history(name: impl TryInto<SecretName, Error: Into<Error>>) -> Vec<Version>;
    fn delete(name: impl TryInto<SecretName, Error: Into<Error>>) -> Removed;
    fn delete_if(name: impl TryInto<SecretName, Error: Into<Error>>, precondition: &Precondition) -> Removed;
    fn enforces_conditions(name: impl TryInto<SecretName, Error: Into<Error>>) -> Option<bool>;
    fn copy(name: impl TryInto<SecretName, Error: Into<Error>>, to: impl TryInto<SecretName, Error: Into<Error>>, replace: Replace) -> Written;
    fn rename(name: impl TryInto<SecretName, Error: Into<Error>>, to: impl TryInto<SecretName, Error: Into<Error>>, replace: Replace) -> Renamed;
    fn rollback(name: impl TryInto<SecretName, Error: Into<Error>>, version: &str, from: Option<&WrappingKeyId>) -> Written;
    fn undo(name: impl TryInto<SecretName, Error: Into<Error>>, from: Option<&WrappingKeyId>) -> Written;
    fn rekey(name: impl TryInto<SecretName, Error: Into<Error>>, rekey: &Rekey) -> Written;
    fn needs_rekey(name: impl TryInto<SecretName, Error: Into<Error>>, rekey: &Rekey) -> bool;
    fn is_configured(wrapping_key: &WrappingKeyId) -> bool;
    fn upgrade(name: impl TryInto<SecretName, Error: Into<Error>>, to: Option<&WrappingKeyId>) -> Written;
}

impl Client {
    /// Waits for what an async client does, such as a [`Plan`](crate::launch::Plan).
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// let gone = client.block_on(async |client| client.get("db").await);
    /// assert_eq!(gone.unwrap_err().exit_code(), 3);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn block_on<T>(&self, work: impl AsyncFnOnce(&super::Client) -> T) -> T {
        self.runtime.block_on(work(&self.client))
    }
}

/// The secrets of a list, from [`Client::list`].
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("db", "hunter2")?;
/// for entry in client.list("") {
///     assert_eq!(entry?.name.as_str(), "db");
/// }
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug)]
pub struct Entries<'a> {
    runtime: &'a Runtime,
    /// `None` after the last page, and after a failure.
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
