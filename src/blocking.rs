//! The client for programs without an async runtime.
//!
//! Each client brings a current-thread runtime of its own. It must not be used
//! from within another runtime: tokio panics there.

mod runtime;

use std::collections::BTreeMap;

use tokio::runtime::Runtime;

use self::runtime::Own;
use crate::change::FieldValue;
use crate::config::{Config, WrappingKeyId};
use crate::diff::Difference;
use crate::error::Result;
use crate::life::Listing;
use crate::moves::{Rekey, Replace};
use crate::name::SecretName;
use crate::read::{Description, ReadOptions};
use crate::reference::{FieldPath, Reference};
use crate::rules::Rules;
use crate::secret::Secret;
use crate::store::{Entry, Removed, Version};
use crate::vars::Vars;
use crate::write::Precondition;

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

    /// As [`crate::Client::get`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn get(&self, name: &SecretName) -> Result<Secret> {
        self.runtime.block_on(self.client.get(name))
    }

    /// As [`crate::Client::get_version`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn get_version(&self, name: &SecretName, version: Option<&str>) -> Result<Secret> {
        self.runtime
            .block_on(self.client.get_version(name, version))
    }

    /// As [`crate::Client::get_with`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn get_with(&self, name: &SecretName, options: &ReadOptions) -> Result<Secret> {
        self.runtime.block_on(self.client.get_with(name, options))
    }

    /// As [`crate::Client::describe`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn describe(&self, name: &SecretName, version: Option<&str>) -> Result<Description> {
        self.runtime.block_on(self.client.describe(name, version))
    }

    /// As [`crate::Client::update`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn update(
        &self,
        name: &SecretName,
        change: impl Fn(Option<Secret>) -> Result<Option<Secret>> + Send + Sync,
    ) -> Result<Option<String>> {
        self.runtime.block_on(self.client.update(name, change))
    }

    /// As [`crate::Client::copy`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn copy(&self, name: &SecretName, to: &SecretName, replace: Replace) -> Result<String> {
        self.runtime.block_on(self.client.copy(name, to, replace))
    }

    /// As [`crate::Client::rename`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn rename(&self, name: &SecretName, to: &SecretName, replace: Replace) -> Result<Removed> {
        self.runtime.block_on(self.client.rename(name, to, replace))
    }

    /// As [`crate::Client::rollback`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn rollback(
        &self,
        name: &SecretName,
        version: &str,
        from: Option<&WrappingKeyId>,
    ) -> Result<String> {
        self.runtime
            .block_on(self.client.rollback(name, version, from))
    }

    /// As [`crate::Client::rekey`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn rekey(&self, name: &SecretName, rekey: &Rekey) -> Result<Option<String>> {
        self.runtime.block_on(self.client.rekey(name, rekey))
    }

    /// As [`crate::Client::needs_rekey`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn needs_rekey(&self, name: &SecretName, rekey: &Rekey) -> Result<bool> {
        self.runtime.block_on(self.client.needs_rekey(name, rekey))
    }

    /// As [`crate::Client::upgrade`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn upgrade(&self, name: &SecretName, to: Option<&WrappingKeyId>) -> Result<Option<String>> {
        self.runtime.block_on(self.client.upgrade(name, to))
    }

    /// As [`crate::Client::load_at_least`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn load_at_least(
        &self,
        references: &[Reference],
        rules: &Rules,
        generations: &BTreeMap<SecretName, u64>,
    ) -> Result<Vars> {
        self.runtime
            .block_on(self.client.load_at_least(references, rules, generations))
    }

    /// As [`crate::Client::put`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn put(&self, name: &SecretName, secret: &Secret) -> Result<String> {
        self.runtime.block_on(self.client.put(name, secret))
    }

    /// As [`crate::Client::put_if`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn put_if(
        &self,
        name: &SecretName,
        secret: &Secret,
        precondition: &Precondition,
    ) -> Result<String> {
        self.runtime
            .block_on(self.client.put_if(name, secret, precondition))
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

    /// As [`crate::Client::history`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn history(&self, name: &SecretName) -> Result<Vec<Version>> {
        self.runtime.block_on(self.client.history(name))
    }

    /// As [`crate::Client::delete`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn delete(&self, name: &SecretName) -> Result<Removed> {
        self.runtime.block_on(self.client.delete(name))
    }

    /// As [`crate::Client::delete_if`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn delete_if(&self, name: &SecretName, precondition: &Precondition) -> Result<Removed> {
        self.runtime
            .block_on(self.client.delete_if(name, precondition))
    }

    /// As [`crate::Client::set`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn set(
        &self,
        name: &SecretName,
        field: &FieldPath,
        value: &FieldValue,
    ) -> Result<Option<String>> {
        self.runtime.block_on(self.client.set(name, field, value))
    }

    /// As [`crate::Client::unset`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn unset(&self, name: &SecretName, field: &FieldPath) -> Result<Option<String>> {
        self.runtime.block_on(self.client.unset(name, field))
    }

    /// As [`crate::Client::diff`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn diff(
        &self,
        before: (&SecretName, Option<&str>),
        after: (&SecretName, Option<&str>),
    ) -> Result<Vec<Difference>> {
        self.runtime.block_on(self.client.diff(before, after))
    }

    /// As [`crate::Client::load`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn load(&self, references: &[Reference]) -> Result<Vars> {
        self.runtime.block_on(self.client.load(references))
    }

    /// As [`crate::Client::load_with`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn load_with(&self, references: &[Reference], rules: &Rules) -> Result<Vars> {
        self.runtime
            .block_on(self.client.load_with(references, rules))
    }
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
