//! Names, validated once when they are parsed.
//!
//! A secret **name** is what a user types; an object **path** is where its record is
//! stored, prefix and name together; a **variable** is a name in the environment.
//! Knows no store, value or environment.

use std::fmt;
use std::str::FromStr;

use crate::base::text::{OneLine, one_line, shell_word};

/// Why a text is not a name.
///
/// # Examples
///
/// ```
/// use lazycred::{NameError, SecretName};
/// assert_eq!("".parse::<SecretName>(), Err(NameError::Empty));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// A secret's name must not be empty.
    Empty,
    /// A secret's name must not contain a NUL.
    Nul,
    /// This is not the name of an environment variable.
    Variable(String),
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a secret's name cannot be empty"),
            Self::Nul => f.write_str("a secret's name cannot contain a NUL"),
            Self::Variable(text) => write!(
                f,
                "`{}` is not a valid variable name: use letters, digits and `_`, not starting with a digit",
                OneLine(text)
            ),
        }
    }
}

impl std::error::Error for NameError {}

/// The name of a secret, as a user types it: `web/prod`.
///
/// Shape: any text without a NUL, but not the empty one; a store may refuse more.
///
/// # Examples
///
/// ```
/// let name: lazycred::SecretName = "web/prod".parse()?;
/// assert_eq!(name.last_segment(), "prod");
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretName(String);

impl SecretName {
    /// The name as it was typed.
    ///
    /// # Examples
    ///
    /// ```
    /// let name: lazycred::SecretName = "web/prod".parse()?;
    /// assert_eq!(name.as_str(), "web/prod");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the last `/`, which names the variable of a text secret.
    ///
    /// # Examples
    ///
    /// ```
    /// let name: lazycred::SecretName = "web/prod".parse()?;
    /// assert_eq!(name.last_segment(), "prod");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn last_segment(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The name as an argument after a command and its options, quoted for a shell.
    ///
    /// Shape: `'web prod'` for `web prod`, `-- -x` for `-x`.
    ///
    /// # Examples
    ///
    /// ```
    /// let name: lazycred::SecretName = "web prod".parse()?;
    /// assert_eq!(name.argument(), "'web prod'");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn argument(&self) -> String {
        let marker = if self.0.starts_with('-') { "-- " } else { "" };
        format!("{marker}{}", shell_word(&self.0))
    }

    /// A lazycred command with this name, quoted for a shell.
    ///
    /// Shape: `lazycred rekey web --from ALIAS`, and
    /// `lazycred rekey --from ALIAS -- -x`.
    ///
    /// # Examples
    ///
    /// ```
    /// let name: lazycred::SecretName = "web".parse()?;
    /// assert_eq!(name.command("rollback", "--to 7"), "lazycred rollback web --to 7");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn command(&self, command: &str, options: &str) -> String {
        let argument = self.argument();
        if options.is_empty() {
            format!("lazycred {command} {argument}")
        } else if argument.starts_with('-') {
            format!("lazycred {command} {options} {argument}")
        } else {
            format!("lazycred {command} {argument} {options}")
        }
    }
}

impl FromStr for SecretName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.contains('\0') {
            return Err(NameError::Nul);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        one_line(&self.0, f)
    }
}

/// Where a record is stored, such as `s3://bucket/prefix/name`.
///
/// # Examples
///
/// ```
/// let path = lazycred::ObjectPath::new("s3://acme/", "prod/db");
/// assert_eq!(path.to_string(), "s3://acme/prod/db");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectPath {
    base: String,
    path: String,
    /// Replaces the base in the record's identity.
    scheme: Option<&'static str>,
}

impl ObjectPath {
    /// A path under a base such as `s3://bucket/`.
    ///
    /// # Examples
    ///
    /// ```
    /// let path = lazycred::ObjectPath::new("s3://acme/", "prod/db");
    /// assert_eq!(path.as_str(), "prod/db");
    /// ```
    #[must_use]
    pub fn new(base: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            base: base.into(),
            path: path.into(),
            scheme: None,
        }
    }

    /// The same path in a store that can be moved as a whole.
    pub(crate) fn movable(self, scheme: &'static str) -> Self {
        Self {
            scheme: Some(scheme),
            ..self
        }
    }

    /// What a record of version 2 is bound to: `s3://bucket/prefix/name`.
    #[must_use]
    pub(crate) fn identity(&self) -> String {
        format!("{}{}", self.scheme.unwrap_or(&self.base), self.path)
    }

    /// The path within the store: prefix and name.
    ///
    /// # Examples
    ///
    /// ```
    /// let path = lazycred::ObjectPath::new("s3://acme/", "prod/db");
    /// assert_eq!(path.as_str(), "prod/db");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for ObjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        one_line(&self.base, f)?;
        one_line(&self.path, f)
    }
}

/// A secret's name and its path, for errors.
///
/// # Examples
///
/// ```
/// let place = lazycred::Client::in_memory().place("web/prod")?;
/// assert_eq!(place.name.as_str(), "web/prod");
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// What the user typed.
    pub name: SecretName,
    /// Where the store keeps it.
    pub path: ObjectPath,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({})", self.name, self.path)
    }
}

/// The name of an environment variable.
///
/// Shape: letters, digits and `_`, not starting with a digit.
///
/// # Examples
///
/// ```
/// use lazycred::VarName;
/// assert!("DB_HOST".parse::<VarName>().is_ok());
/// assert!("1ST".parse::<VarName>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VarName(String);

impl VarName {
    /// The name as text.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = lazycred::VarName::try_from("DB_HOST")?;
    /// assert_eq!(variable.as_str(), "DB_HOST");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Appends text to a name that is being built: any character that is not allowed
    /// becomes `_`, and a leading digit gets a `_` before it.
    pub(crate) fn spell(name: &mut String, text: &str, case: impl Fn(char) -> char) {
        if name.is_empty() && text.starts_with(|c: char| c.is_ascii_digit()) {
            name.push('_');
        }
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        name.extend(text.chars().map(plain).map(case));
    }

    /// The name that [`VarName::spell`] has built; `None` if it is empty.
    pub(crate) fn spelt(name: &str) -> Option<Self> {
        (!name.is_empty()).then(|| Self(name.to_owned()))
    }
}

impl FromStr for VarName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if is_variable(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError::Variable(text.to_owned()))
        }
    }
}

impl fmt::Display for VarName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(crate) fn is_variable(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::text::Brief;

    #[test]
    fn a_name_is_any_text_but_none_and_nul() {
        for good in ["db", "web/prod", " ", "ä+b", "a#b@c"] {
            assert_eq!(good.parse::<SecretName>().unwrap().as_str(), good);
        }
        for bad in ["", "a\0b"] {
            assert!(bad.parse::<SecretName>().is_err());
        }
    }

    #[test]
    fn a_shell_reads_an_argument_as_the_name() {
        for (name, argument) in [
            ("web/prod.db", "web/prod.db"),
            ("web prod", "'web prod'"),
            ("$(rm)", "'$(rm)'"),
            ("it's", "'it'\\''s'"),
            ("-x", "-- -x"),
            ("a\nb", "$'a\\nb'"),
            ("-\t", "-- $'-\\t'"),
            ("it's\u{1b}1\\!é", "$'it\\'s\\0331\\\\\\041é'"),
            ("a\u{202e}b", "$'a\\342\\200\\256b'"),
        ] {
            let name: SecretName = name.parse().unwrap();
            assert_eq!(name.argument(), argument);
        }
    }

    #[test]
    fn a_record_is_bound_to_its_bucket_but_not_to_where_a_folder_lies() {
        let in_s3 = ObjectPath::new("s3://b/", "p/a\nb");
        assert_eq!(in_s3.identity(), "s3://b/p/a\nb");
        let in_folder = ObjectPath::new("file:///srv/secrets/", "a").movable("file://");
        assert_eq!(in_folder.identity(), "file://a");
        assert_eq!(in_folder.to_string(), "file:///srv/secrets/a");
    }

    #[test]
    fn a_long_text_is_shown_by_its_two_ends() {
        assert_eq!(Brief("a\nb").to_string(), "a\\nb");
        let long = format!("<{}>", "é".repeat(40_000));
        let shown = Brief(&long).to_string();
        assert!(shown.starts_with("<é") && shown.ends_with("é>") && shown.contains('…'));
        assert!(shown.len() < 220);
    }
}
