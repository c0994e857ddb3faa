//! Moves records to another name, under another wrapping key, or to version 2,
//! without opening the secret.
//!
//! Each write is a compare-and-swap.

use crate::backends::store::{Lookup, Removed, Stored};
use crate::base::{Error, Operation, Place, Result, SecretName, parse};
use crate::client::put::Replace;
use crate::client::rewrap::{Already, Order, Purpose, same_token};
use crate::client::writer::{Precondition, Written};
use crate::client::{Client, Source};
use crate::config::WrappingKeyId;

/// What a rename left behind.
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("web", "hunter2")?;
/// let renamed = client.rename("web", "web/prod", lazycred::Replace::Never)?;
/// assert!(renamed.written.changed);
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Renamed {
    /// What was written under the new name; nothing changed if an interrupted
    /// rename had written it already.
    pub written: Written,
    /// What was removed under the old name.
    pub removed: Removed,
}

/// Under which wrapping key a record is to be.
///
/// Shape: the configured one, for [`Rekey::default`].
///
/// # Examples
///
/// ```
/// let mut rekey = lazycred::Rekey::default();
/// rekey.to = Some("alias/acme-2027".parse()?);
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rekey {
    /// The wrapping key to use instead of the configured one.
    pub to: Option<WrappingKeyId>,
    /// A wrapping key that the record may be under, beside those configured.
    pub from: Option<WrappingKeyId>,
    /// What becomes of a record that is under that wrapping key already.
    pub already: Already,
}

impl Client {
    /// Copies a secret to another name, without opening it.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] if the other name exists and `replace` does not
    /// say otherwise, [`Error::Usage`] if both names are one; else as
    /// [`Client::get`] and [`Client::put`].
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::Replace;
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("web/dev", "hunter2")?;
    /// client.copy("web/dev", "web/prod", Replace::Never)?;
    /// assert_eq!(client.get("web/prod")?.as_bytes(), b"hunter2");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn copy(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        to: impl TryInto<SecretName, Error: Into<Error>>,
        replace: Replace,
    ) -> Result<Written> {
        let (source, place) = self.two_places(name, to)?;
        let (written, _) = self.write_copy(&source, &place, replace).await?;
        Ok(written)
    }

    /// Renames a secret, without opening it.
    ///
    /// The old name is removed only after the record under the new one was read
    /// back. The same call again finishes what was interrupted.
    ///
    /// # Errors
    ///
    /// As [`Client::copy`]; whatever fails, the secret stays under the old name.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::Replace;
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("web", "hunter2")?;
    /// client.rename("web", "web/prod", Replace::Never)?;
    /// assert_eq!(client.get("web").unwrap_err().exit_code(), 3);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn rename(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        to: impl TryInto<SecretName, Error: Into<Error>>,
        replace: Replace,
    ) -> Result<Renamed> {
        let (source, place) = self.two_places(name, to)?;
        let (written, moved) = match self.half_moved(&source, &place).await? {
            Some(half_moved) => half_moved,
            None => self.write_copy(&source, &place, replace).await?,
        };
        let look = async { self.store.fetch(&place, None).await };
        let there = self.within(&format!("read {place}"), look).await;
        let kept = matches!(&there, Ok(Lookup::Found(now)) if same_token(&now.bytes, &moved.bytes));
        if !kept {
            let (code, cause) = match there {
                Err(error) | Ok(Lookup::Forbidden(error)) => {
                    (error.code().map(str::to_owned), error.to_string())
                }
                Ok(_) => (None, "it was stored but cannot be found".into()),
            };
            return Err(Error::Aws {
                operation: Operation::Check,
                code,
                cause,
                hint: Some(format!(
                    "`{}` was kept; run the same command again to finish",
                    source.name
                )),
                place: Some(place),
            });
        }
        let version = moved.label().to_owned();
        let removed = self
            .delete_if(&source.name, &Precondition::Version(version))
            .await?;
        Ok(Renamed { written, removed })
    }

    /// Copies a record. Also returns the source.
    async fn write_copy(
        &self,
        source: &Place,
        place: &Place,
        replace: Replace,
    ) -> Result<(Written, Stored)> {
        let copy = Source::Record {
            place: source,
            version: None,
            order: Order::new(Purpose::Copy, place),
        };
        let (written, moved) = self.write(place, &replace.into(), copy).await?;
        Ok((written, moved.expect("a copy is made from a record")))
    }

    /// The result and the source, if the destination already contains the
    /// source's token, as after an interrupted rename; the keyring must also
    /// accept it there.
    async fn half_moved(&self, source: &Place, place: &Place) -> Result<Option<(Written, Stored)>> {
        let work = async {
            let Lookup::Found(there) = self.store.fetch(place, None).await? else {
                return Ok(None);
            };
            let Lookup::Found(moved) = self.store.fetch(source, None).await? else {
                return Ok(None);
            };
            if !same_token(&there.bytes, &moved.bytes) {
                return Ok(None);
            }
            let check = Order::new(Purpose::Rekey(Already::Rewrap), place);
            let checked = self.sealer.rewrap(place, &there, Some(&there), check);
            checked.await?;
            let written = Written {
                version: there.label().to_owned(),
                changed: false,
                replaced: None,
                damaged: false,
            };
            Ok(Some((written, moved)))
        };
        self.within(&format!("read {place}"), work).await
    }

    /// Wraps a record's data key under another wrapping key. Nothing changes if
    /// it was under that one already.
    ///
    /// # Errors
    ///
    /// As [`Client::get`] and [`Client::put`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", "hunter2")?;
    /// let written = client.rekey("db", &lazycred::Rekey::default())?;
    /// assert!(!written.changed, "it is under the configured one");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn rekey(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        rekey: &Rekey,
    ) -> Result<Written> {
        let place = self.place(name)?;
        self.rewrap_in_place(&place, rekey.order(&place)).await
    }

    /// Whether [`Client::rekey`] would change a record: the keyring is asked,
    /// and nothing is stored.
    ///
    /// # Errors
    ///
    /// As [`Client::rekey`].
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::{Already, Rekey};
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", "hunter2")?;
    /// let mut rekey = Rekey::default();
    /// assert!(!client.needs_rekey("db", &rekey)?);
    /// rekey.already = Already::Rewrap;
    /// assert!(client.needs_rekey("db", &rekey)?);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn needs_rekey(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        rekey: &Rekey,
    ) -> Result<bool> {
        let place = self.place(name)?;
        let work = async {
            let stored = self.fetch(&place, None).await?;
            let order = rekey.order(&place);
            let made = self.sealer.rewrap(&place, &stored, Some(&stored), order);
            made.await.map(|made| made.is_some())
        };
        self.within(&format!("read {place}"), work).await
    }

    /// Upgrades a record to version 2. Nothing changes if it was one already.
    ///
    /// This trusts whatever is stored: check it first. `to` is the wrapping key
    /// to use instead of the configured one.
    ///
    /// # Errors
    ///
    /// As [`Client::get`] and [`Client::put`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", "hunter2")?;
    /// assert!(client.upgrade("db", None)?.changed);
    /// assert_eq!(client.describe("db", None)?.format, 2);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn upgrade(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        to: Option<&WrappingKeyId>,
    ) -> Result<Written> {
        let place = self.place(name)?;
        let order = Order {
            to,
            ..Order::new(Purpose::Upgrade, &place)
        };
        self.rewrap_in_place(&place, order).await
    }

    /// Warns, once for each client, if records of version 2 under a wrapping
    /// key would not open with this configuration. [`Client::rekey`] and
    /// [`Client::upgrade`] do so too, when they come to such a record.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::Client::in_memory();
    /// client.check_wrapping_key(&"alias/acme-2027".parse()?);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn check_wrapping_key(&self, to: &WrappingKeyId) {
        self.sealer.configured.warn_of(to);
    }

    /// Whether a wrapping key is the configured one, however it is called. KMS is
    /// asked only if the names differ.
    ///
    /// # Errors
    ///
    /// [`Error::Aws`] if KMS does not describe both.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// assert!(!client.is_configured(&"alias/acme".parse()?)?);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn is_configured(&self, wrapping_key: &WrappingKeyId) -> Result<bool> {
        let Some(configured) = &self.sealer.configured.first else {
            return Ok(false);
        };
        if configured == wrapping_key {
            return Ok(true);
        }
        let keyring = &self.sealer.keyring;
        let work = async {
            let one = keyring.real_name(configured).await?;
            Ok(one == keyring.real_name(wrapping_key).await?)
        };
        self.within("look up the wrapping key", work).await
    }

    async fn rewrap_in_place(&self, place: &Place, order: Order<'_>) -> Result<Written> {
        let source = Source::InPlace(order);
        let (written, _) = self.write(place, &Precondition::None, source).await?;
        Ok(written)
    }

    fn two_places(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        to: impl TryInto<SecretName, Error: Into<Error>>,
    ) -> Result<(Place, Place)> {
        let (name, to) = (parse::<SecretName>(name)?, parse::<SecretName>(to)?);
        if name == to {
            return Err(Error::usage(format!(
                "source and destination are the same: `{name}`"
            )));
        }
        Ok((self.store.place(&name)?, self.store.place(&to)?))
    }
}

impl Rekey {
    fn order<'a>(&'a self, place: &'a Place) -> Order<'a> {
        Order {
            from: self.from.as_ref(),
            to: self.to.as_ref(),
            ..Order::new(Purpose::Rekey(self.already), place)
        }
    }
}
