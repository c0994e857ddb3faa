//! Old versions: reads them, and stores them again.
//!
//! A version is asked for as it was given, and only if the store has no such one
//! are the versions of its name listed.

use crate::backends::store::{Lookup, Stored, Version};
use crate::base::{Error, Place, Result, SecretName};
use crate::client::rewrap::{Order, Purpose};
use crate::client::short_version::whole;
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
        let order = Order {
            from,
            ..Order::new(Purpose::RollBack, &place)
        };
        let old = Source::Record {
            place: &place,
            version: Some(version),
            order,
        };
        let (written, _) = self.write(&place, &Precondition::None, old).await?;
        Ok(written)
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
        let order = Order {
            from,
            ..Order::new(Purpose::RollBack, &place)
        };
        let previous = Source::Previous(order);
        let (written, _) = self.write(&place, &Precondition::None, previous).await?;
        Ok(written)
    }

    /// Whether there is no such secret, but [`Client::undo`] would bring one back.
    ///
    /// # Errors
    ///
    /// As [`Client::history`], but none if there never was such a secret.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", "hunter2")?;
    /// assert!(!client.was_removed("db")?);
    /// client.delete("db")?;
    /// assert!(client.was_removed("db")? && !client.was_removed("web")?);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn was_removed(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
    ) -> Result<bool> {
        let place = self.place(name)?;
        let listed = self.store.versions(&place);
        let action = format!("list the versions of {place}");
        let versions = self.within(&action, listed).await?;
        let is_there = versions.iter().any(|version| version.current);
        Ok(!is_there && versions.iter().any(|version| !version.deleted))
    }

    /// The current record, or a version that is given whole or by its beginning.
    pub(crate) async fn fetch(&self, place: &Place, version: Option<&str>) -> Result<Stored> {
        let lookup = self.store.fetch(place, version).await?;
        let (Lookup::Missing, Some(given)) = (&lookup, version) else {
            return lookup.found(place, version);
        };
        let whole = whole(&*self.store, place, given).await?;
        let lookup = self.store.fetch(place, Some(&whole)).await?;
        lookup.found(place, Some(&whole))
    }

    /// The newest version before the current record that is no removal.
    ///
    /// If somebody writes meanwhile, the condition of the write that follows fails.
    pub(crate) async fn previous(&self, place: &Place, now: Option<&Stored>) -> Result<String> {
        let versions = self.store.versions(place).await?;
        let is_now = |listed: &Version| {
            let id = now.map(|now| now.version.as_ref().unwrap_or(&now.etag));
            listed.current || (!listed.deleted && id == Some(&listed.version))
        };
        let at = versions.iter().position(is_now);
        let before = match (at, now) {
            (Some(at), _) => &versions[at + 1..],
            (None, None) => &versions[..],
            (None, Some(_)) => {
                return Err(Error::Conflict {
                    action: "roll back",
                    place: place.clone(),
                    message: "the list of its versions lacks the current one".into(),
                    hint: None,
                });
            }
        };
        match before.iter().find(|version| !version.deleted) {
            Some(version) => Ok(version.version.clone()),
            None => Err(self.no_earlier(place, now, &versions).await),
        }
    }

    /// The error if there is no version before the current one.
    async fn no_earlier(&self, place: &Place, now: Option<&Stored>, versions: &[Version]) -> Error {
        let keeps = self.store.keeps_replaced().await;
        let message = match (now, &keeps) {
            (None, Ok(true)) if versions.is_empty() => {
                return Error::Missing {
                    place: place.clone(),
                    version: None,
                };
            }
            (None, _) => format!("no secret named {place}, and no version of it"),
            (Some(_), _) => format!("no version of {place} before the current one"),
        };
        let hint = match keeps {
            Ok(true) => {
                "versions are kept: from now on, whatever is replaced or removed can be restored"
                    .into()
            }
            Ok(false) => {
                "the bucket keeps no versions; `lazycred doctor` says how to turn that on".into()
            }
            Err(error) => format!("whether the bucket keeps versions is not known: {error}"),
        };
        Error::NoVersion {
            place: place.clone(),
            message,
            hint: Some(hint),
        }
    }
}
