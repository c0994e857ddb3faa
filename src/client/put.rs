//! Stores a whole secret.

use crate::base::{Error, Place, Result, Secret, SecretName, parse};
use crate::client::sealer;
use crate::client::writer::{Precondition, Written};
use crate::client::{Client, Source};
use crate::record::Record;

/// Whether what is stored under a name may be replaced.
///
/// # Examples
///
/// ```
/// use lazycred::Replace;
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("web/dev", "hunter2")?;
/// client.copy("web/dev", "web/prod", Replace::Never)?;
/// assert_eq!(client.copy("web/dev", "web/prod", Replace::Never).unwrap_err().exit_code(), 6);
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Replace {
    /// A name that exists is a conflict.
    #[default]
    Never,
    /// What is there is replaced.
    Existing,
}

impl From<Replace> for Precondition {
    fn from(replace: Replace) -> Self {
        match replace {
            Replace::Never => Self::Absent,
            Replace::Existing => Self::None,
        }
    }
}

impl Client {
    /// Stores a secret: creates it, or replaces the current version.
    ///
    /// A write by somebody else at the same time is waited for, not overwritten
    /// unseen.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if it is too large or no wrapping key is configured,
    /// [`Error::Aws`], [`Error::Io`], [`Error::Conflict`] or [`Error::TimedOut`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", r#"{"user": "app"}"#)?;
    /// let written = client.put("tls/certificate", vec![0x30, 0x82])?;
    /// assert!(written.changed);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn put(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        secret: impl Into<Secret>,
    ) -> Result<Written> {
        self.put_if(name, secret, &Precondition::None).await
    }

    /// Stores a secret if a precondition holds.
    ///
    /// # Errors
    ///
    /// As [`Client::put`] and [`Precondition::check`]; [`Error::Conflict`] if it does not
    /// hold.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::Precondition;
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put_if("db", "hunter2", &Precondition::Absent)?;
    /// let error = client.put_if("db", "hunter3", &Precondition::Absent).unwrap_err();
    /// assert_eq!(error.exit_code(), 6);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn put_if(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        secret: impl Into<Secret>,
        precondition: &Precondition,
    ) -> Result<Written> {
        let (name, secret) = (parse::<SecretName>(name)?, secret.into());
        precondition.check()?;
        self.check_size(&name, secret.len())?;
        let place = self.store.place(&name)?;
        self.dial_ahead(1).await;
        let source = Source::Secret(&secret);
        let (written, _) = self.write(&place, precondition, source).await?;
        Ok(written)
    }

    /// Stores what a function makes of the current secret; `None` leaves that
    /// as it is.
    ///
    /// **Shape**: the function gets `None` where there is no secret yet. After
    /// a write by somebody else it is called again, with what is there then.
    ///
    /// # Errors
    ///
    /// As [`Client::get`] and [`Client::put`], and whatever the function gives.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// let join = |guests: Option<lazycred::Secret>| {
    ///     let mut guests = guests.map_or(Vec::new(), |guests| guests.as_bytes().to_vec());
    ///     guests.extend(b"ada\n");
    ///     Ok(Some(guests.as_slice().into()))
    /// };
    /// client.update("visitors", join)?;
    /// client.update("visitors", join)?;
    /// assert_eq!(client.get("visitors")?.as_bytes(), b"ada\nada\n");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn update(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        change: impl Fn(Option<Secret>) -> Result<Option<Secret>> + Send + Sync,
    ) -> Result<Written> {
        let place = self.place(name)?;
        self.dial_ahead(1).await;
        let source = Source::Current(&change);
        let (written, _) = self.write(&place, &Precondition::None, source).await?;
        Ok(written)
    }

    /// Checks that all these names can be stored, beside each other and what is
    /// there; nothing is written.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if the store cannot keep one of them,
    /// [`Error::Conflict`] if some exist and `replace` is [`Replace::Never`],
    /// [`Error::Damaged`] if one has a damaged record that nothing replaces;
    /// else as [`Client::describe`].
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::Replace;
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", "hunter2")?;
    /// assert!(client.check_put(["db", "web"], Replace::Existing).is_ok());
    /// assert_eq!(client.check_put(["db", "web"], Replace::Never).unwrap_err().exit_code(), 6);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn check_put(
        &self,
        names: impl IntoIterator<Item: TryInto<SecretName, Error: Into<Error>>>,
        replace: Replace,
    ) -> Result<()> {
        let places = self.places_together(names)?;
        let mut taken = Vec::new();
        for place in places {
            if self.exists_at(&place).await? && replace == Replace::Never {
                taken.push(place);
            }
        }
        if taken.is_empty() {
            return Ok(());
        }
        let first = taken.remove(0);
        Err(Error::taken(first, &taken))
    }

    /// Checks that all these names can be stored beside each other, and beside what a
    /// folder holds. Asks no server, and does not look whether they exist.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if the store cannot keep one of them; [`Error::Io`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::Client::in_memory();
    /// assert!(client.check_names(["db", "web"]).is_ok());
    /// ```
    pub fn check_names(
        &self,
        names: impl IntoIterator<Item: TryInto<SecretName, Error: Into<Error>>>,
    ) -> Result<()> {
        self.places_together(names).map(drop)
    }

    /// Whether a name has a record that a put would replace, even a damaged one.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] for a damaged record that nothing replaces; else as
    /// [`Client::describe`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", "hunter2")?;
    /// assert_eq!((client.exists("db")?, client.exists("web")?), (true, false));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn exists(&self, name: impl TryInto<SecretName, Error: Into<Error>>) -> Result<bool> {
        self.exists_at(&self.place(name)?).await
    }

    fn places_together(
        &self,
        names: impl IntoIterator<Item: TryInto<SecretName, Error: Into<Error>>>,
    ) -> Result<Vec<Place>> {
        let places = names.into_iter().map(|name| self.place(name));
        let places: Vec<Place> = places.collect::<Result<_>>()?;
        self.store.check_together(&places)?;
        if self.sealer.formats.write == 2 {
            places.iter().try_for_each(sealer::check_name)?;
        }
        Ok(places)
    }

    async fn exists_at(&self, place: &Place) -> Result<bool> {
        let fetched = self.fetch(place, None);
        match self.within(&format!("read {place}"), fetched).await {
            Err(Error::Missing { .. }) => Ok(false),
            Err(error) => Err(error),
            Ok(stored) => match sealer::parse(place, &stored) {
                Err(error) if Record::claims_a_version(&stored.bytes) => Err(error),
                _ => Ok(true),
            },
        }
    }
}
