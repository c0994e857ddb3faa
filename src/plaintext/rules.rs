//! The rules that a user chooses for how fields become variables, and their defaults.

use std::str::FromStr;

use crate::base::{Error, OneLine, Result};
use crate::plaintext::export::Export;
use crate::plaintext::filter::Filter;

/// How fields become variables.
///
/// Shape: [`Rules::default`] joins names with `_`, converts them to upper case, passes
/// arrays as JSON text and makes no variable for null.
///
/// # Examples
///
/// ```
/// use lazycred::{Arrays, Rules};
///
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("db", r#"{"hosts": ["a", "b"]}"#)?;
/// let rules = Rules { prefix: "DB_".into(), arrays: Arrays::Index, ..Rules::default() };
/// let variables = client.load_with(["db"], &rules)?;
/// assert_eq!(variables.get("DB_HOSTS_1").unwrap().as_bytes(), b"b");
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Rules {
    /// Prepended to every name.
    pub prefix: String,
    /// Joins the names of nested fields.
    pub separator: String,
    /// The case of the names.
    pub case: Case,
    /// What an array becomes.
    pub arrays: Arrays,
    /// What null becomes.
    pub null: Null,
    /// How a whole secret is parsed.
    pub format: Format,
    /// Which variables to keep.
    pub filter: Filter,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            separator: "_".to_owned(),
            case: Case::Upper,
            arrays: Arrays::Json,
            null: Null::Omit,
            format: Format::Auto,
            filter: Filter::default(),
        }
    }
}

impl Rules {
    /// # Errors
    ///
    /// [`Error::Usage`](crate::Error::Usage) for a pattern that no name in this case can
    /// match.
    pub(crate) fn check_filter(&self) -> Result<()> {
        match self.case {
            Case::Keep => Ok(()),
            Case::Upper => self.filter.never(char::is_ascii_lowercase, "upper"),
            Case::Lower => self.filter.never(char::is_ascii_uppercase, "lower"),
        }
    }
}

/// How a whole secret is parsed.
///
/// # Examples
///
/// ```
/// use lazycred::{Format, Rules};
///
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("env", "USER=app\nPORT=80\n")?;
/// let rules = Rules { format: Format::Dotenv, ..Rules::default() };
/// let variables = client.load_with(["env"], &rules)?;
/// assert_eq!(variables.get("PORT").unwrap().as_bytes(), b"80");
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// As a JSON object if it starts with `{`, else as text.
    Auto,
    /// As a JSON object.
    Json,
    /// As lines of `NAME=value`, without interpolation.
    Dotenv,
    /// As text, even if it is JSON.
    Text,
}

/// The case of variables' names.
///
/// # Examples
///
/// ```
/// use lazycred::{Case, Rules};
///
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("db", r#"{"Host": "a"}"#)?;
/// for (case, name) in [(Case::Upper, "HOST"), (Case::Keep, "Host"), (Case::Lower, "host")] {
///     let rules = Rules { case, ..Rules::default() };
///     assert!(client.load_with(["db"], &rules)?.get(name).is_some());
/// }
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// Upper case: `DB_HOST`.
    Upper,
    /// As in the secret.
    Keep,
    /// Lower case: `db_host`.
    Lower,
}

/// What an array becomes.
///
/// # Examples
///
/// ```
/// use lazycred::{Arrays, Rules};
///
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("db", r#"{"hosts": ["a", "b"]}"#)?;
/// for (arrays, name) in [(Arrays::Json, "HOSTS"), (Arrays::Index, "HOSTS_0")] {
///     let rules = Rules { arrays, ..Rules::default() };
///     assert!(client.load_with(["db"], &rules)?.get(name).is_some());
/// }
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrays {
    /// One variable with its compact JSON text.
    Json,
    /// One variable per element: `HOSTS_0`, `HOSTS_1`.
    Index,
}

/// What null becomes.
///
/// # Examples
///
/// ```
/// use lazycred::{Null, Rules};
///
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("db", r#"{"host": null}"#)?;
/// let rules = Rules { null: Null::Empty, ..Rules::default() };
/// let variables = client.load_with(["db"], &rules)?;
/// assert_eq!(variables.get("HOST").unwrap().as_bytes(), b"");
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Null {
    /// No variable.
    Omit,
    /// An empty variable.
    Empty,
    /// An error.
    Error,
}

/// Values that users choose by a word, which they are parsed from.
///
/// # Examples
///
/// ```
/// use lazycred::{Case, Words};
/// assert_eq!("lower".parse::<Case>()?, Case::Lower);
/// assert_eq!(Case::ALL[0], ("upper", Case::Upper));
/// let error = "camel".parse::<Case>().unwrap_err();
/// assert_eq!(error.to_string(), "`camel` is not a valid case: use upper, keep or lower");
/// # Ok::<(), lazycred::Error>(())
/// ```
pub trait Words: Copy + PartialEq + Send + Sync + 'static {
    /// Each value, with its word.
    const ALL: &'static [(&'static str, Self)];
}

/// The words of types, and how they are parsed: `what` says what a word of them chooses.
macro_rules! words {
    ($($type:ident ($what:literal) { $($variant:ident = $word:literal),+ })+) => {$(
        impl Words for $type {
            const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];
        }

        /// From the word that the command line takes for it.
        impl FromStr for $type {
            type Err = Error;

            fn from_str(word: &str) -> Result<Self> {
                let chosen = Self::ALL.iter().find(|(known, _)| *known == word);
                chosen.map(|(_, value)| *value).ok_or_else(|| no_word::<Self>($what, word))
            }
        }
    )+};
}

words! {
    Case ("case") { Upper = "upper", Keep = "keep", Lower = "lower" }
    Arrays ("way to pass arrays") { Json = "json", Index = "index" }
    Null ("way to pass nulls") { Omit = "omit", Empty = "empty", Error = "error" }
    Export ("format") {
        Shell = "shell", Dotenv = "dotenv", Json = "json", Yaml = "yaml", Github = "github",
        Docker = "docker", Systemd = "systemd", K8s = "k8s"
    }
    Format ("format") { Auto = "auto", Json = "json", Dotenv = "dotenv", Text = "text" }
}

fn no_word<T: Words>(what: &str, word: &str) -> Error {
    /// How much of another word is shown, in characters.
    const SHOWN: usize = 32;
    let shown: String = word.chars().take(SHOWN).collect();
    let words: Vec<&str> = T::ALL.iter().map(|(word, _)| *word).collect();
    let [first @ .., last] = &words[..] else {
        unreachable!("every type has words");
    };
    Error::usage(format!(
        "`{}` is not a valid {what}: use {} or {last}",
        OneLine(shown),
        first.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_its_own_value_and_any_other_is_refused_with_those_that_there_are() {
        for (word, case) in Case::ALL {
            assert_eq!(word.parse::<Case>().ok(), Some(*case));
        }
        assert_eq!("index".parse::<Arrays>().ok(), Some(Arrays::Index));
        assert_eq!("k8s".parse::<Export>().ok(), Some(Export::K8s));
        assert_eq!("error".parse::<Null>().ok(), Some(Null::Error));
        assert_eq!("dotenv".parse::<Format>().ok(), Some(Format::Dotenv));
        for (error, said) in [
            (
                "Upper".parse::<Case>().unwrap_err(),
                "`Upper` is not a valid case: use upper, keep or lower",
            ),
            (
                "\n".parse::<Arrays>().unwrap_err(),
                "`\\n` is not a valid way to pass arrays: use json or index",
            ),
        ] {
            assert_eq!((error.to_string().as_str(), error.kind()), (said, "usage"));
        }
    }
}
