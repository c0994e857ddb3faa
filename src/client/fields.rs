//! Sets and removes one field of a secret, and compares secrets field by field.
//!
//! Further methods of [`Client`]. [`set_field`] makes the new secret, and
//! [`Client::update`] makes sure that no concurrent change is lost.

use std::sync::Mutex;

use crate::base::{Brief, Error, FieldPath, Place, Result, Secret, SecretName, parse};
use crate::client::Client;
use crate::client::writer::Written;
use crate::plaintext::diff::{self, Difference};
use crate::plaintext::pick::not_picked;
use crate::plaintext::set_field::{self, EditError};

/// What a field is set to; text and bytes become a JSON string.
///
/// # Examples
///
/// ```
/// use lazycred::FieldValue;
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("db", "{}")?;
/// client.set("db", "user", "app")?;
/// client.set("db", "port", FieldValue::Json("5432".into()))?;
/// assert_eq!(client.get("db")?.as_bytes(), br#"{"user":"app","port":5432}"#);
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone)]
pub enum FieldValue {
    /// This text, as a JSON string.
    Text(Secret),
    /// This JSON, as it is written.
    Json(Secret),
}

impl<T: Into<Secret>> From<T> for FieldValue {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

impl Client {
    /// Sets one field of a JSON secret, and leaves the rest byte for byte.
    ///
    /// Shape: `{"a": 1}` with `/db/port` and `5432` becomes
    /// `{"a": 1, "db": {"port": 5432}}`: what is missing on the way is made, as
    /// objects. In an array, `-` adds an element. Others who change the secret
    /// at the same time lose nothing, nor does this change.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] if there is no such secret; [`Error::Shape`] if it is
    /// no JSON object, if the field cannot be in it, or if the value is no JSON,
    /// or a text that is not UTF-8; [`Error::Conflict`] if others kept writing
    /// until the time was over; and as [`Client::put`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", r#"{"user": "app"}"#)?;
    /// client.set("db", "/primary/host", "db.internal")?;
    /// assert_eq!(
    ///     client.get("db")?.as_bytes(),
    ///     br#"{"user": "app", "primary": {"host": "db.internal"}}"#
    /// );
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn set(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        field: impl TryInto<FieldPath, Error: Into<Error>>,
        value: impl Into<FieldValue>,
    ) -> Result<Written> {
        let (place, field) = (self.place(name)?, parse::<FieldPath>(field)?);
        let json = self.json_of(&place, value.into())?;
        let nested = Mutex::new(None);
        let set = |old: &Secret| {
            set_field::check_names(old, field.steps())?;
            let new = set_field::set(old, field.steps(), json.as_bytes())?;
            if let Ok(mut nested) = nested.lock() {
                *nested = set_field::nested(old, field.steps());
            }
            Ok(new)
        };
        let written = self.edit(&place, &field, set).await?;
        if let Some(meant) = nested.into_inner().ok().flatten() {
            tracing::warn!(
                "`{}` was stored as a top-level field of that name; did you mean `{}`?",
                Brief(field.as_str()),
                Brief(&meant)
            );
        }
        Ok(written)
    }

    /// Whether [`Client::set`] could set a field now, for a program that asks a user
    /// for the value.
    ///
    /// # Errors
    ///
    /// Those of [`Client::set`] that do not depend on the value.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", r#"{"user": "app"}"#)?;
    /// assert!(client.check_set("db", "password").is_ok());
    /// assert!(client.check_set("db", "/user/name").is_err());
    /// assert!(client.check_set("nosuch", "password").is_err());
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn check_set(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        field: impl TryInto<FieldPath, Error: Into<Error>>,
    ) -> Result<()> {
        let (place, field) = (self.place(name)?, parse::<FieldPath>(field)?);
        let current = self.current(&place.name).await?;
        let (old, _) = current.ok_or_else(|| missing(&place))?;
        let named = set_field::check_names(&old, field.steps());
        let set = named.and_then(|()| set_field::set(&old, field.steps(), b"null"));
        set.map(drop).map_err(|error| failed(&place, &field, error))
    }

    /// Removes one field from a JSON secret, and leaves the rest byte for byte.
    ///
    /// # Errors
    ///
    /// [`Error::MissingField`] if there is no such field; else as
    /// [`Client::set`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", r#"{"user": "app", "port": 5432}"#)?;
    /// client.unset("db", "port")?;
    /// assert_eq!(client.get("db")?.as_bytes(), br#"{"user": "app"}"#);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn unset(
        &self,
        name: impl TryInto<SecretName, Error: Into<Error>>,
        field: impl TryInto<FieldPath, Error: Into<Error>>,
    ) -> Result<Written> {
        let (place, field) = (self.place(name)?, parse::<FieldPath>(field)?);
        let unset = |old: &Secret| set_field::unset(old, field.steps());
        self.edit(&place, &field, unset).await
    }

    /// Compares two secrets, or two versions of one, field by field.
    ///
    /// Shape: `{"a": 1, "b": 2}` and `{"a": 3}` differ in `/a` and `/b`. An
    /// array is one value, and so is a secret that is no JSON object. A secret
    /// is given by its name and its version, the current one for `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if a secret has a field twice in one object; else as
    /// [`Client::get_version`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// let old = client.put("db", r#"{"user": "app", "port": 5432}"#)?;
    /// client.put("db", r#"{"port": 5433, "user": "app"}"#)?;
    /// let differences = client.diff(("db", Some(&old.version)), ("db", None))?;
    /// let paths: Vec<&str> = differences.iter().map(|d| d.path.as_str()).collect();
    /// assert_eq!(paths, ["/port"]);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn diff(
        &self,
        before: (impl TryInto<SecretName, Error: Into<Error>>, Option<&str>),
        after: (impl TryInto<SecretName, Error: Into<Error>>, Option<&str>),
    ) -> Result<Vec<Difference>> {
        let places = (self.place(before.0)?, self.place(after.0)?);
        let old = self.get_version(&places.0.name, before.1).await?;
        let new = self.get_version(&places.1.name, after.1).await?;
        diff::diff((&places.0, &old), (&places.1, &new))
    }

    /// A new value as JSON, unless that alone is too large.
    fn json_of(&self, place: &Place, value: FieldValue) -> Result<Secret> {
        let text = match value {
            FieldValue::Json(json) => return Ok(json),
            FieldValue::Text(text) => text,
        };
        let text = std::str::from_utf8(text.as_bytes())
            .map_err(|_| Error::shape(place, "the new value is not valid UTF-8"))?;
        self.check_size(&place.name, set_field::string_length(text))?;
        Ok(set_field::string(text))
    }

    async fn edit(
        &self,
        place: &Place,
        field: &FieldPath,
        edit: impl Fn(&Secret) -> Result<Secret, EditError> + Send + Sync,
    ) -> Result<Written> {
        let edited = |old: Option<Secret>| {
            let old = old.ok_or_else(|| missing(place))?;
            let new = edit(&old).map_err(|error| failed(place, field, error))?;
            Ok((new.as_bytes() != old.as_bytes()).then_some(new))
        };
        self.update(&place.name, edited).await
    }
}

fn missing(place: &Place) -> Error {
    Error::Missing {
        place: place.clone(),
        version: None,
    }
}

/// Why a field was not changed, and what to do about it.
fn failed(place: &Place, field: &FieldPath, error: EditError) -> Error {
    match error {
        EditError::Pick(error) => not_picked(place, field, error),
        EditError::Nameless => Error::usage_hint(
            error.to_string(),
            "in a JSON pointer, a name follows each `/`, as in `/db/port`",
        ),
        error => {
            let failed = Error::shape(place, error.to_string());
            match remedy(&error, &place.name) {
                Some(remedy) => failed.hinted(remedy),
                None => failed,
            }
        }
    }
}

/// What to do about a secret or a value that does not fit.
fn remedy(error: &EditError, name: &SecretName) -> Option<String> {
    match error {
        EditError::NotObject => {
            let name = name.argument();
            Some(format!(
                "only a JSON object has fields: `lazycred put {name} FILE` replaces the secret with one, `lazycred edit {name}` changes it in an editor"
            ))
        }
        EditError::Value(_) => Some("without --json, the value is stored as a JSON string".into()),
        _ => None,
    }
}
