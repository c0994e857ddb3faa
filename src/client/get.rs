//! Reads one record: its secret, or its description.

use crate::backends::store::Lookup;
use crate::base::{Error, FieldPath, Result, Secret, SecretName, parse};
use crate::client::Client;
use crate::client::sealer::{self, Demands};
use crate::config::WrappingKeyId;
use crate::plaintext::references;
use crate::record::Record;

/// Which record of a name is read, and what is asked of it.
///
/// Shape: the current one, for [`ReadOptions::default`].
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("db", "hunter2")?;
/// let mut options = lazycred::ReadOptions::default();
/// options.min_generation = Some(7);
/// let error = client.get_with("db", &options).unwrap_err();
/// assert_eq!(error.exit_code(), 4, "a record of version 1 has no generation");
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadOptions {
    /// The version, as the store names it, or at least its first six characters;
    /// the current one if none is given.
    pub version: Option<String>,
    /// A wrapping key that a record of version 2 may be under, beside those
    /// that are configured.
    pub from: Option<WrappingKeyId>,
    /// The generation that the record must have at least: an older one was put
    /// back by somebody. A record of version 1 has none.
    pub min_generation: Option<u64>,
}

/// What a record says of itself.
///
/// Shape: format 2, generation 7, created `2026-08-22T14:03:11Z`. None of it is
/// authenticated: [`Client::get`] alone does that.
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// let written = client.put("db", "hunter2")?;
/// let described = client.describe("db", None)?;
/// assert_eq!((described.format, described.version), (1, written.version));
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Description {
    /// The version, as the store names it; where it keeps none, the etag.
    pub version: String,
    /// The record's version: 1 or 2.
    pub format: u8,
    /// What only version 2 says.
    pub bound: Option<Bound>,
}

/// What a record of version 2 says of itself.
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("db", "hunter2")?;
/// client.upgrade("db", None)?;
/// let bound = client.describe("db", None)?.bound.expect("it is of version 2");
/// assert_eq!(bound.generation, 1);
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bound {
    /// How many times the name was written, from 1.
    pub generation: u64,
    /// When the secret was stored, in RFC 3339.
    pub created: String,
    /// A media type: JSON, plain text or bytes.
    pub media_type: &'static str,
    /// The program that sealed it, `lazycred/1.0.0`.
    pub tool: String,
}

impl Client {
    /// The current version of a secret, exactly as it was stored.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`], [`Error::Damaged`], [`Error::Aws`], [`Error::Io`] or
    /// [`Error::TimedOut`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("api-token", "hunter2\n")?;
    /// assert_eq!(client.get("api-token")?.as_bytes(), b"hunter2\n");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn get(&self, name: impl TryInto<SecretName, Error: Into<Error>>) -> Result<Secret> {
        self.get_with(name, &ReadOptions::default()).await
    }

    /// The same for one version, as the store names it, or by its first six
    /// characters if only one begins so; the current one for `None`.
    ///
    /// # Errors
    ///
    /// As [`Client::get`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// let first = client.put("db", "hunter2")?;
    /// client.put("db", "correct horse")?;
    /// let secret = client.get_version("db", Some(&first.version))?;
    /// assert_eq!(secret.as_bytes(), b"hunter2");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn get_version(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        version: Option<&str>,
    ) -> Result<Secret> {
        let options = ReadOptions {
            version: version.map(str::to_owned),
            ..ReadOptions::default()
        };
        self.get_with(name, &options).await
    }

    /// The same, with more to be asked of the record.
    ///
    /// # Errors
    ///
    /// As [`Client::get`]; [`Error::Damaged`] too if the record is authentic and
    /// not what was asked for.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", "hunter2")?;
    /// client.upgrade("db", None)?;
    /// let mut options = lazycred::ReadOptions::default();
    /// options.min_generation = Some(1);
    /// assert_eq!(client.get_with("db", &options)?.as_bytes(), b"hunter2");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn get_with(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        options: &ReadOptions,
    ) -> Result<Secret> {
        let place = self.place(name)?;
        let demands = Demands {
            from: options.from.as_ref(),
            min_generation: options.min_generation,
        };
        let deadline = self.deadline();
        let version = options.version.as_deref();
        self.dial_ahead(1).await;
        self.read(&place, version, demands, deadline).await
    }

    /// One field of a secret: the text of a string, anything else as compact JSON.
    ///
    /// # Errors
    ///
    /// As [`Client::get_with`]; [`Error::MissingField`](crate::Error::MissingField) or
    /// [`Error::Shape`](crate::Error::Shape) if the secret has no such field.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", r#"{"ports": [5432, 5433]}"#)?;
    /// let field = client.get_field("db", "/ports/0", &Default::default())?;
    /// assert_eq!(field.as_bytes(), b"5432");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn get_field(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        field: impl TryInto<FieldPath, Error: Into<Error>>,
        options: &ReadOptions,
    ) -> Result<Secret> {
        let (name, field) = (parse(name)?, parse(field)?);
        let secret = self.get_with(&name, options).await?;
        references::field_text(&self.store.place(&name)?, &secret, &field)
    }

    /// What the record of a secret says of itself; no keyring is asked.
    ///
    /// # Errors
    ///
    /// As [`Client::get`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", "hunter2")?;
    /// assert_eq!(client.describe("db", None)?.format, 1);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn describe(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        version: Option<&str>,
    ) -> Result<Description> {
        let place = self.place(name)?;
        let fetched = self.fetch(&place, version);
        let stored = self.within(&format!("read {place}"), fetched).await?;
        let record = sealer::parse(&place, &stored)?;
        let bound = match &record {
            Record::V1(_) => None,
            Record::V2(record) => Some(Bound {
                generation: record.head.generation,
                created: record.head.created.to_string(),
                media_type: record.head.kind.as_str(),
                tool: record.head.tool.clone(),
            }),
        };
        Ok(Description {
            format: record.version(),
            bound,
            version: stored.label().to_owned(),
        })
    }

    /// The current secret and its version; `None` if there is none.
    ///
    /// # Errors
    ///
    /// As [`Client::get`].
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::Precondition;
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", "hunter2")?;
    /// let (secret, version) = client.current("db")?.expect("it was stored");
    /// client.put_if("db", secret, &Precondition::Version(version))?;
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn current(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
    ) -> Result<Option<(Secret, String)>> {
        let place = self.place(name)?;
        let read = async {
            let stored = match self.store.fetch(&place, None).await? {
                Lookup::Missing => return Ok(None),
                lookup => lookup.found(&place, None)?,
            };
            let version = stored.label().to_owned();
            let opened = self.sealer.open(&place, stored, Demands::default());
            Ok(Some((self.admit(&place, opened.await?)?, version)))
        };
        self.within(&format!("read {place}"), read).await
    }
}
