//! One field of a secret set, taken away, or compared with another's.
//!
//! Further methods of [`Client`]: what the field becomes is up to `edit`, and
//! that nothing is lost on the way up to [`Client::update`].

use crate::base::{Error, FieldPath, Place, Result, Secret, SecretName};
use crate::client::Client;
use crate::client::writer::Written;
use crate::plaintext::diff::{self, Difference};
use crate::plaintext::set_field::{self, EditError};
use crate::plaintext::variables::not_picked;

/// What a field is set to.
#[derive(Debug, Clone)]
pub enum FieldValue {
    /// This text, as a JSON string.
    Text(Secret),
    /// This JSON, as it is written.
    Json(Secret),
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
    /// use lazycred::FieldValue;
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// let name = "db".parse()?;
    /// client.put(&name, &r#"{"user": "app"}"#.into())?;
    /// client.set(&name, &"port".parse()?, &FieldValue::Json("5432".into()))?;
    /// assert_eq!(client.get(&name)?.as_bytes(), br#"{"user": "app", "port": 5432}"#);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn set(
        &self,
        name: &SecretName,
        field: &FieldPath,
        value: &FieldValue,
    ) -> Result<Written> {
        let place = self.store.place(name)?;
        let json = self.json_of(&place, value)?;
        let set = |old: &Secret| set_field::set(old, field.steps(), json.as_bytes());
        self.edit(&place, field, set).await
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
    /// let name = "db".parse()?;
    /// client.put(&name, &r#"{"user": "app", "port": 5432}"#.into())?;
    /// client.unset(&name, &"port".parse()?)?;
    /// assert_eq!(client.get(&name)?.as_bytes(), br#"{"user": "app"}"#);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn unset(&self, name: &SecretName, field: &FieldPath) -> Result<Written> {
        let place = self.store.place(name)?;
        let unset = |old: &Secret| set_field::unset(old, field.steps());
        self.edit(&place, field, unset).await
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
    /// let name = "db".parse()?;
    /// let old = client.put(&name, &r#"{"user": "app", "port": 5432}"#.into())?;
    /// client.put(&name, &r#"{"port": 5433, "user": "app"}"#.into())?;
    /// let differences = client.diff((&name, Some(&old.version)), (&name, None))?;
    /// let paths: Vec<&str> = differences.iter().map(|d| d.path.as_str()).collect();
    /// assert_eq!(paths, ["/port"]);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn diff(
        &self,
        before: (&SecretName, Option<&str>),
        after: (&SecretName, Option<&str>),
    ) -> Result<Vec<Difference>> {
        let places = (self.store.place(before.0)?, self.store.place(after.0)?);
        let old = self.get_version(before.0, before.1).await?;
        let new = self.get_version(after.0, after.1).await?;
        diff::diff((&places.0, &old), (&places.1, &new))
    }

    /// A new value as JSON, which is not made if it is too large by itself.
    fn json_of(&self, place: &Place, value: &FieldValue) -> Result<Secret> {
        let text = match value {
            FieldValue::Json(json) => return Ok(json.clone()),
            FieldValue::Text(text) => std::str::from_utf8(text.as_bytes()),
        };
        let text = text.map_err(|_| {
            Error::shape(
                place,
                "the new value is not UTF-8, so it can be no JSON string",
            )
        })?;
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
            let old = old.ok_or_else(|| Error::Missing {
                place: place.clone(),
                version: None,
            })?;
            let new = edit(&old).map_err(|error| refused(place, field, error))?;
            Ok((new.as_bytes() != old.as_bytes()).then_some(new))
        };
        self.update(&place.name, edited).await
    }
}

fn refused(place: &Place, field: &FieldPath, error: EditError) -> Error {
    match error {
        EditError::Pick(error) => not_picked(place, field, error),
        error => Error::shape(place, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::backends::store::FolderStore;

    fn run<T>(work: impl Future<Output = T>) -> T {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap().block_on(work)
    }

    fn put(client: &Client, secret: &str) -> SecretName {
        let name: SecretName = "db".parse().unwrap();
        run(client.put(&name, &secret.into())).unwrap();
        name
    }

    fn text(value: &str) -> FieldValue {
        FieldValue::Text(value.into())
    }

    fn set(client: &Client, field: &str, value: &FieldValue) -> Result<Written> {
        run(client.set(&"db".parse()?, &field.parse()?, value))
    }

    fn unset(client: &Client, field: &str) -> Result<Written> {
        run(client.unset(&"db".parse()?, &field.parse()?))
    }

    #[test]
    fn what_is_so_already_is_not_stored_again() {
        let client = Client::in_memory();
        let name = put(&client, r#"{"a": "x"}"#);
        assert!(!set(&client, "a", &text("x")).unwrap().changed);
        let written = set(&client, "a", &text("y\n")).unwrap();
        assert_eq!((written.changed, &*written.version), (true, "2"));
        assert_eq!(
            run(client.get(&name)).unwrap().as_bytes(),
            br#"{"a": "y\n"}"#
        );
    }

    #[test]
    fn every_failure_has_its_status_and_changes_nothing() {
        let client = Client::in_memory();
        assert_eq!(set(&client, "a", &text("x")).unwrap_err().exit_code(), 3);
        assert_eq!(unset(&client, "a").unwrap_err().exit_code(), 3);
        let name = put(&client, r#"{"a": 1}"#);
        for (error, status, said) in [
            (unset(&client, "/b/c"), 3, "no field `/b/c` in `db`"),
            (
                unset(&client, "/a/c"),
                5,
                "`/a` is neither an object nor an array",
            ),
            (
                set(&client, "/a/c", &text("x")),
                5,
                "`/a` is neither an object nor an array",
            ),
            (
                set(&client, "a", &FieldValue::Json("x".into())),
                5,
                "not valid JSON at line 1",
            ),
            (
                set(&client, "a", &FieldValue::Text(b"\xff"[..].into())),
                5,
                "not UTF-8",
            ),
        ] {
            let error = error.unwrap_err();
            assert_eq!(error.exit_code(), status, "{error}");
            assert!(error.to_string().contains(said), "{error}");
        }
        assert_eq!(run(client.history(&name)).unwrap().len(), 1);
        put(&client, "hunter2");
        let error = set(&client, "a", &text("x")).unwrap_err();
        assert_eq!(error.exit_code(), 5);
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_secret_does_not_grow_beyond_what_may_be_stored() {
        let mut client = Client::in_memory();
        client.max_size = 20;
        put(&client, r#"{"a": "x"}"#);
        assert_eq!(
            set(&client, "b", &text("0123456789"))
                .unwrap_err()
                .exit_code(),
            2
        );
    }

    #[test]
    fn nobodys_change_is_lost_when_many_make_one_at_once() {
        let folder = crate::base::test_support::folder();
        let mut in_folder = Client::in_memory();
        in_folder.store = Box::new(FolderStore::new(folder.path().to_owned(), 100_000));
        for client in [Client::in_memory(), in_folder] {
            let name = put(&client, "{}");
            thread::scope(|scope| {
                for writer in 0..8 {
                    let client = &client;
                    scope.spawn(move || {
                        for field in 0..5 {
                            let field = format!("/{writer}/{field}");
                            set(client, &field, &text("x")).unwrap();
                        }
                    });
                }
            });
            let secret = run(client.get(&name)).unwrap();
            let fields = serde_json::from_slice::<serde_json::Value>(secret.as_bytes()).unwrap();
            for writer in 0..8 {
                let there = fields[writer.to_string()].as_object().unwrap();
                assert_eq!(there.len(), 5);
            }
            assert_eq!(run(client.history(&name)).unwrap().len(), 41);
        }
    }
}
