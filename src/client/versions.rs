//! Old versions: reads them, and stores them again.
//!
//! A version is asked for as it was given, and only if the store has no such one
//! are the versions of its name listed.

use crate::backends::store::{Lookup, Stored, Version};
use crate::base::{Error, Place, Result, SecretName};
use crate::client::rewrap::{Order, Purpose};
use crate::client::short_version::{Old, whole};
use crate::client::writer::{Precondition, Written};
use crate::client::{Client, Source};
use crate::config::WrappingKeyId;

impl Client {
    /// Stores an old version of a secret again as the newest, without opening it.
    ///
    /// The first six characters of the version do, or more if several begin so.
    /// `from` is a wrapping key that it may be under, beside those configured.
    ///
    /// # Errors
    ///
    /// [`Error::NoVersion`] if that version is a removal; else as [`Client::get`]
    /// and [`Client::put`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// let old = client.put("db", "hunter2")?;
    /// client.put("db", "correct horse")?;
    /// client.rollback("db", &old.version, None)?;
    /// assert_eq!(client.get("db")?.as_bytes(), b"hunter2");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn rollback(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        version: &str,
        from: Option<&WrappingKeyId>,
    ) -> Result<Written> {
        let place = self.place(name)?;
        self.restore(&place, version, from, &Precondition::None)
            .await
    }

    /// Stores the version before the current one again as the newest, without
    /// opening it: undoes the last write or removal. A second call undoes the first.
    ///
    /// Removals do not count: after one, this is the version that was removed.
    /// `from` as in [`Client::rollback`].
    ///
    /// # Errors
    ///
    /// [`Error::NoVersion`] if there is none; else as [`Client::history`] and
    /// [`Client::put`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", "hunter2")?;
    /// client.put("db", "correct horse")?;
    /// client.undo("db", None)?;
    /// assert_eq!(client.get("db")?.as_bytes(), b"hunter2");
    ///
    /// client.delete("db")?;
    /// client.undo("db", None)?;
    /// assert_eq!(client.get("db")?.as_bytes(), b"hunter2");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn undo(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        from: Option<&WrappingKeyId>,
    ) -> Result<Written> {
        let place = self.place(name)?;
        let undone = Box::pin(self.restore_previous(&place, from));
        self.within(&format!("roll back {place}"), undone).await
    }

    /// The current record, or a version that is given whole or by its beginning.
    pub(crate) async fn fetch(&self, place: &Place, version: Option<&str>) -> Result<Stored> {
        let lookup = self.store.fetch(place, version).await?;
        let (Lookup::Missing, Some(given)) = (&lookup, version) else {
            return lookup.found(place, version);
        };
        let whole = whole(&*self.store, place, given).await?;
        self.fetch_whole(place, &whole).await
    }

    /// An old version; every time the same one.
    pub(crate) async fn fetch_old(&self, place: &Place, old: &Old<'_>) -> Result<Stored> {
        if let Some(whole) = old.whole.get() {
            return self.fetch_whole(place, whole).await;
        }
        let lookup = self.store.fetch(place, Some(old.given)).await?;
        let whole = match lookup {
            Lookup::Missing => whole(&*self.store, place, old.given).await?,
            lookup => {
                let found = lookup.found(place, Some(old.given))?;
                old.whole.set(old.given.to_owned()).ok();
                return Ok(found);
            }
        };
        let whole = old.whole.get_or_init(|| whole);
        self.fetch_whole(place, whole).await
    }

    async fn fetch_whole(&self, place: &Place, version: &str) -> Result<Stored> {
        let lookup = self.store.fetch(place, Some(version)).await?;
        lookup.found(place, Some(version))
    }

    async fn restore_previous(
        &self,
        place: &Place,
        from: Option<&WrappingKeyId>,
    ) -> Result<Written> {
        let versions = self.versions(place).await?;
        let now = versions.iter().position(|version| version.current);
        let before = &versions[now.map_or(0, |now| now + 1)..];
        let Some(before) = before.iter().find(|version| !version.deleted) else {
            return Err(self
                .none_before(place.clone(), now.is_some(), versions.is_empty())
                .await);
        };
        // What somebody writes meanwhile is not what is to be undone.
        let still = match now {
            Some(now) => Precondition::Version(versions[now].version.clone()),
            None => Precondition::Absent,
        };
        let restored = self.restore(place, &before.version, from, &still).await;
        restored.map_err(|error| match error {
            Error::Conflict { .. } => error.hinted(format!(
                "somebody wrote it meanwhile: look at `lazycred history {}` before retrying",
                place.name.argument()
            )),
            error => error,
        })
    }

    async fn restore(
        &self,
        place: &Place,
        version: &str,
        from: Option<&WrappingKeyId>,
        precondition: &Precondition,
    ) -> Result<Written> {
        let order = Order {
            from,
            ..Order::new(Purpose::RollBack, place)
        };
        let version = Old::new(version);
        let old = Source::Record {
            place,
            version: Some(&version),
            order,
        };
        let (written, _) = self.write(place, precondition, old).await?;
        Ok(written)
    }

    /// All versions, newest first; none if there never was such a secret.
    pub(crate) async fn versions(&self, place: &Place) -> Result<Vec<Version>> {
        let listed = self.store.versions(place);
        self.within(&format!("list the versions of {place}"), listed)
            .await
    }

    /// The error if there is no version before the current one, which may be missing
    /// too, as if there had never been any.
    async fn none_before(&self, place: Place, is_there: bool, is_unknown: bool) -> Error {
        let asked = self.store.keeps_replaced();
        let keeps = self.within("read the bucket's versioning", asked).await;
        let message = match &keeps {
            Ok(true) if is_unknown => {
                return Error::Missing {
                    place,
                    version: None,
                };
            }
            _ if is_there => format!("no version of {place} before the current one"),
            _ => format!("no secret named {place}, and no version of it"),
        };
        let hint = match keeps {
            Ok(true) => {
                "versions are kept: whatever is replaced or removed from now on can be restored"
                    .into()
            }
            Ok(false) => {
                "the bucket keeps no versions: `lazycred doctor` says how to turn that on".into()
            }
            Err(error) => format!("whether versions are kept is not known: {error}"),
        };
        Error::NoVersion {
            place,
            message,
            hint: Some(hint),
        }
    }
}
