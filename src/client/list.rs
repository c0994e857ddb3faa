//! Listing, history and removal.
//!
//! Further methods of [`Client`]. Nothing here opens a record, so none of it
//! needs the wrapping key.

use std::fmt;

use crate::backends::store::{
    Condition, Entry, FolderStore, Lookup, Outcome, Pages, Removed, Store, Version,
};
use crate::base::{Error, Result, SecretName};
use crate::client::Client;
use crate::client::writer::{Precondition, Unseen};
use crate::config::{Config, StoreAddress};

/// An etag that no record has.
const OTHER_ETAG: &str = "00000000000000000000000000000000";

impl Client {
    /// Lists the secrets whose names start with `prefix`; all for an empty one.
    ///
    /// Shape: `web/` gives `web/dev` and `web/prod`, in byte order of the whole
    /// names. The list comes a page at a time, with one request for a thousand
    /// names; nothing is asked before the first page is.
    ///
    /// # Examples
    ///
    /// ```
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(async {
    /// let client = lazycred::Client::in_memory();
    /// for name in ["web/prod", "db", "web/dev"] {
    ///     client.put(name, "hunter2").await?;
    /// }
    /// let mut list = client.list("web/");
    /// while let Some(page) = list.page().await? {
    ///     let names: Vec<&str> = page.iter().map(|entry| entry.name.as_str()).collect();
    ///     assert_eq!(names, ["web/dev", "web/prod"]);
    /// }
    /// # Ok::<(), lazycred::Error>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn list(&self, prefix: &str) -> Listing<'_> {
        Listing {
            client: self,
            pages: self.store.list(prefix),
        }
    }

    /// Every version of a secret, the newest first.
    ///
    /// Shape: `put`, `put`, `delete` in a bucket that keeps versions gives a
    /// removal and two versions, none of them current, and so does a folder. A
    /// bucket that keeps no versions gives one, under its etag.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] if there never was such a secret, as far as the store
    /// remembers; [`Error::Usage`], [`Error::Aws`], [`Error::Io`] or
    /// [`Error::TimedOut`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// let first = client.put("db", "hunter2")?;
    /// client.put("db", "correct horse")?;
    /// let history = client.history("db")?;
    /// assert!(history[0].current);
    /// assert_eq!(history[1].version, first.version);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn history(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
    ) -> Result<Vec<Version>> {
        let place = self.place(name)?;
        let versions = self.versions(&place).await?;
        if versions.is_empty() {
            return Err(Error::Missing {
                place,
                version: None,
            });
        }
        Ok(versions)
    }

    /// Removes a secret, and says how it can be had again.
    ///
    /// Its versions stay where the store keeps versions: the one that was
    /// current is named in the answer. Somebody else's write at the same time
    /// is not removed with it.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] if there is no such secret, [`Error::Conflict`] if it
    /// is written at the same time; [`Error::Usage`], [`Error::Aws`],
    /// [`Error::Io`] or [`Error::TimedOut`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", "hunter2")?;
    /// let removed = client.delete("db")?;
    /// assert_eq!(client.get("db").unwrap_err().exit_code(), 3);
    ///
    /// let version = removed.version.expect("this store keeps versions");
    /// client.rollback("db", &version, None)?;
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn delete(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
    ) -> Result<Removed> {
        self.delete_if(name, &Precondition::None).await
    }

    /// The same if something is true of the name.
    ///
    /// # Errors
    ///
    /// As [`Client::delete`] and [`Precondition::check`]; [`Error::Conflict`] if it is not
    /// true.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::Precondition;
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// let first = client.put("db", "hunter2")?;
    /// client.put("db", "correct horse")?;
    /// let still = Precondition::Version(first.version);
    /// assert_eq!(client.delete_if("db", &still).unwrap_err().exit_code(), 6);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn delete_if(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        precondition: &Precondition,
    ) -> Result<Removed> {
        let place = self.place(name)?;
        precondition.check()?;
        let writer = self.writer(&place, "remove", precondition, Unseen::Refuse);
        let action = format!("remove {place}");
        let removed = writer.told(self.within(&action, writer.remove()).await);
        self.forget(&place);
        removed
    }

    /// Whether the store enforces conditional writes, without which updates get
    /// lost; `None` if the secret does not exist or may not be read.
    ///
    /// Use a name that nobody else writes: a store that does not enforce them
    /// stores the record that was read, over any newer one.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`], [`Error::Aws`], [`Error::Io`] or [`Error::TimedOut`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("probe", "hunter2")?;
    /// assert_eq!(client.enforces_conditions("probe")?, Some(true));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn enforces_conditions(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
    ) -> Result<Option<bool>> {
        let place = self.place(name)?;
        let work = async {
            let Lookup::Found(stored) = self.store.fetch(&place, None).await? else {
                return Ok(None);
            };
            let same = stored.bytes.into();
            for condition in [Condition::Absent, Condition::Matches(OTHER_ETAG)] {
                match self.store.save(&place, &same, condition).await? {
                    Outcome::Refused | Outcome::Busy => {}
                    Outcome::Saved(_) => return Ok(Some(false)),
                    Outcome::Unclear(error) => return Err(error),
                }
            }
            Ok(Some(true))
        };
        let enforced = self.within("test conditional writes", work).await;
        self.forget(&place);
        enforced
    }
}

/// The names of the secrets that start with `prefix`, in byte order. Those in a
/// folder do not need AWS, whatever wraps their data keys.
///
/// # Errors
///
/// As [`Listing::page`], and [`Error::Usage`] if no region is configured.
///
/// # Examples
///
/// ```no_run
/// # async fn example() -> lazycred::Result<()> {
/// let config = lazycred::Config::new("acme-secrets/prod/")?;
/// for name in lazycred::names(config, "web/").await? {
///     println!("{name}");
/// }
/// # Ok(())
/// # }
/// ```
pub async fn names(config: Config, prefix: &str) -> Result<Vec<SecretName>> {
    let store: Box<dyn Store> = if let StoreAddress::Folder(path) = &config.store {
        let folder = FolderStore::new(path.clone(), config.max_record());
        Box::new(folder.without_links_below(config.no_links_below.as_deref()))
    } else {
        Client::new(config).await?.store
    };
    let mut pages = store.list(prefix);
    let mut names = Vec::new();
    while let Some(page) = pages.next().await? {
        names.extend(page.into_iter().map(|entry| entry.name));
    }
    Ok(names)
}

/// A list on its way, from [`Client::list`].
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("db", "hunter2")?;
/// let first = client.block_on(async |client| client.list("").page().await)?;
/// assert_eq!(first.map(|page| page.len()), Some(1));
/// # Ok::<(), lazycred::Error>(())
/// ```
pub struct Listing<'a> {
    client: &'a Client,
    pages: Box<dyn Pages + 'a>,
}

impl Listing<'_> {
    /// The next page, at most a thousand entries and perhaps none; `None` after
    /// the last. The time that a call may take holds for each page.
    ///
    /// # Errors
    ///
    /// [`Error::Aws`], [`Error::Io`] or [`Error::TimedOut`]; the next call asks
    /// for the same page again.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(client: lazycred::Client) -> lazycred::Result<()> {
    /// let mut list = client.list("web/");
    /// while let Some(page) = list.page().await? {
    ///     println!("{} more", page.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn page(&mut self) -> Result<Option<Vec<Entry>>> {
        let next = self.pages.next();
        self.client.within("list the secrets", next).await
    }
}

impl fmt::Debug for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing").finish_non_exhaustive()
    }
}
