//! The store's life beside reading and writing: what there is, what there was,
//! and removing it.
//!
//! Further methods of [`Client`]. Nothing here opens a record, so none of it
//! needs the wrapping key.

use std::fmt;

use crate::backends::store::{
    Condition, Entry, FolderStore, Lookup, Outcome, Pages, Removed, Store as _, Version,
};
use crate::base::{Error, Result, SecretName};
use crate::client::Client;
use crate::client::writer::{Precondition, Unseen};
use crate::config::{Config, StoreAddress};

/// The etag of nothing that was ever stored.
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
    ///     client.put(&name.parse()?, &"hunter2".into()).await?;
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
    /// removal and two versions, none of them current. A folder has no mark of
    /// a removal, only the versions. A bucket that keeps no versions gives one,
    /// under its etag.
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
    /// let name = "db".parse()?;
    /// let first = client.put(&name, &"hunter2".into())?;
    /// client.put(&name, &"correct horse".into())?;
    /// let history = client.history(&name)?;
    /// assert!(history[0].current);
    /// assert_eq!(history[1].version, first.version);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn history(&self, name: &SecretName) -> Result<Vec<Version>> {
        let place = self.store.place(name)?;
        let work = self.store.versions(&place);
        let versions = self
            .within(&format!("list the versions of {place}"), work)
            .await?;
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
    /// let name = "db".parse()?;
    /// client.put(&name, &"hunter2".into())?;
    /// let removed = client.delete(&name)?;
    /// assert_eq!(client.get(&name).unwrap_err().exit_code(), 3);
    ///
    /// let secret = client.get_version(&name, removed.version.as_deref())?;
    /// client.put(&name, &secret)?;
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn delete(&self, name: &SecretName) -> Result<Removed> {
        self.delete_if(name, &Precondition::None).await
    }

    /// The same if something is true of the name.
    ///
    /// # Errors
    ///
    /// As [`Client::delete`]; [`Error::Conflict`] if it is not true.
    pub async fn delete_if(
        &self,
        name: &SecretName,
        precondition: &Precondition,
    ) -> Result<Removed> {
        let place = self.store.place(name)?;
        let writer = self.writer(&place, "remove", precondition, Unseen::Refuse);
        let action = format!("remove {place}");
        let removed = self.within(&action, writer.remove()).await;
        self.forget(&place);
        removed
    }

    /// Whether the store refuses writes whose conditions do not hold, as it
    /// must for no update to be lost; `None` if there is no such secret, or if
    /// it may not be read. What is written is what is there already.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`], [`Error::Aws`], [`Error::Io`] or [`Error::TimedOut`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// let name = "probe".parse()?;
    /// client.put(&name, &"hunter2".into())?;
    /// assert_eq!(client.enforces_conditions(&name)?, Some(true));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn enforces_conditions(&self, name: &SecretName) -> Result<Option<bool>> {
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
        self.within("try conditions", work).await
    }
}

/// The names of the secrets that start with `prefix`, in byte order. Those of a
/// folder need nothing of AWS, whatever wraps their data keys.
///
/// # Errors
///
/// As [`Listing::page`], and [`Error::Usage`] if nothing names a region.
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
    let client;
    let folder;
    let mut pages = if let StoreAddress::Folder(path) = &config.store {
        let base = config.no_links_below.as_deref();
        folder = FolderStore::new(path.clone(), config.max_record()).without_links_below(base);
        folder.list(prefix)
    } else {
        client = Client::new(config).await?;
        client.store.list(prefix)
    };
    let mut names = Vec::new();
    while let Some(page) = pages.next().await? {
        names.extend(page.into_iter().map(|entry| entry.name));
    }
    Ok(names)
}

/// A list on its way, from [`Client::list`].
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
