//! Makes errors.

use std::io;

use super::{Error, Operation, Result};
use crate::base::name::Place;
use crate::base::text::Brief;

impl Error {
    /// [`Error::Usage`] without a hint.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = lazycred::Error::usage("no editor is named");
    /// assert_eq!((error.exit_code(), error.hint()), (2, None));
    /// ```
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            hint: None,
        }
    }

    /// [`Error::Usage`] with a hint.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = lazycred::Error::usage_hint("no editor is named", "set EDITOR");
    /// assert_eq!(error.hint().as_deref(), Some("set EDITOR"));
    /// ```
    pub fn usage_hint(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::usage(message).hinted(hint)
    }

    /// An AWS request that failed without an error code.
    pub(crate) fn aws(
        operation: Operation,
        place: Option<&Place>,
        cause: impl Into<String>,
    ) -> Self {
        Self::Aws {
            operation,
            place: place.cloned(),
            code: None,
            cause: cause.into(),
            hint: None,
        }
    }

    /// The same error, with where a template or a file asks for it.
    pub(crate) fn at(self, spot: impl Into<String>) -> Self {
        Self::At {
            spot: spot.into(),
            cause: Box::new(self),
        }
    }

    pub(crate) fn damaged(place: &Place, message: impl Into<String>) -> Self {
        Self::Damaged {
            place: place.clone(),
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn shape(place: &Place, message: impl Into<String>) -> Self {
        Self::Shape {
            place: place.clone(),
            message: message.into(),
            hint: None,
        }
    }

    /// [`Error::Conflict`] for names of which the first is taken, and then others.
    ///
    /// Shape: names at most five of the others.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::Client::in_memory();
    /// let others = [client.place("web")?, client.place("api")?];
    /// let error = lazycred::Error::taken(client.place("db")?, &others);
    /// let said = "cannot store `db` (memory://db): it already exists, as do `web` and `api`; nothing stored";
    /// assert_eq!((error.exit_code(), &*error.to_string()), (6, said));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn taken(first: Place, others: &[Place]) -> Self {
        const NAMED: usize = 5;
        let names = others.iter().take(NAMED);
        let mut names: Vec<String> = names
            .map(|place| format!("`{}`", Brief(place.name.as_str())))
            .collect();
        match others.len().saturating_sub(NAMED) {
            0 => {}
            1 => names.push("1 other".into()),
            more => names.push(format!("{more} others")),
        }
        let also = match &names[..] {
            [] => String::new(),
            [one] => format!(", as does {one}"),
            [before @ .., last] => format!(", as do {} and {last}", before.join(", ")),
        };
        Self::Conflict {
            action: "store",
            place: first,
            message: format!("it already exists{also}; nothing stored"),
            hint: None,
        }
    }

    /// A failure of the system: what was being done, and to what.
    ///
    /// # Examples
    ///
    /// ```
    /// let missing = std::fs::read("/nowhere").unwrap_err();
    /// let error = lazycred::Error::io("read `/nowhere`", missing);
    /// assert!(error.to_string().starts_with("cannot read `/nowhere`: "));
    /// ```
    pub fn io(action: impl Into<String>, source: io::Error) -> Self {
        Self::Io {
            action: action.into(),
            source,
            hint: None,
        }
    }

    /// All values, or all errors as one.
    ///
    /// # Errors
    ///
    /// The only one, or [`Error::Several`], which holds what several ones hold.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::{Error, Reference};
    /// let all = |texts: [&str; 2]| Error::all(texts.map(str::parse::<Reference>));
    /// assert_eq!(all(["db", "web#a"])?.len(), 2);
    /// assert!(matches!(all(["#a", "db@"]), Err(Error::Several(errors)) if errors.len() == 2));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn all<T>(results: impl IntoIterator<Item = Result<T>>) -> Result<Vec<T>> {
        let (mut values, mut errors) = (Vec::new(), Vec::new());
        for result in results {
            match result {
                Ok(value) => values.push(value),
                Err(Self::Several(inner)) => errors.extend(inner),
                Err(error) => errors.push(error),
            }
        }
        Self::several(errors).map(|()| values)
    }

    /// All errors as one, if there are any.
    ///
    /// # Errors
    ///
    /// The only one, or [`Error::Several`].
    ///
    /// # Examples
    ///
    /// ```
    /// let error = lazycred::Error::usage("no editor is named");
    /// assert!(lazycred::Error::several(vec![error]).is_err());
    /// assert!(lazycred::Error::several(Vec::new()).is_ok());
    /// ```
    pub fn several(mut errors: Vec<Self>) -> Result<()> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Self::Several(errors)),
        }
    }

    /// The same error with another hint, if its kind has one.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = lazycred::Error::usage("no editor is named").hinted("set EDITOR");
    /// assert_eq!(error.hint().as_deref(), Some("set EDITOR"));
    /// ```
    #[must_use]
    pub fn hinted(mut self, remedy: impl Into<String>) -> Self {
        if let Self::Usage { hint, .. }
        | Self::Shape { hint, .. }
        | Self::Conflict { hint, .. }
        | Self::Damaged { hint, .. }
        | Self::NoVersion { hint, .. }
        | Self::Io { hint, .. }
        | Self::Aws { hint, .. } = &mut self
        {
            *hint = Some(remedy.into());
        }
        self
    }
}
