//! The rules that a user chooses: how fields become variables, and which to keep.

use std::collections::HashSet;

use glob::Pattern;

use crate::base::{Error, OneLine, Result};

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

/// Which variables to keep, by their final names.
///
/// # Examples
///
/// ```
/// let filter = lazycred::Filter::new(&["DB_*"], &["*_DEBUG"])?;
/// assert!(filter.wants("DB_HOST") && !filter.wants("DB_DEBUG") && !filter.wants("HOST"));
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Filter {
    only: Vec<Pattern>,
    except: Vec<Pattern>,
}

impl Filter {
    /// Keeps what matches one of `only` (everything if there are none) and none of
    /// `except`.
    ///
    /// Shape: patterns with `*`, `?` and `[...]`, as in a shell.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for an invalid pattern, or one that no variable's name can
    /// match, such as `A,B`: it would silently keep everything, or nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::Filter;
    ///
    /// assert!(!Filter::new(&[], &["DB_*"])?.wants("DB_HOST"));
    /// assert!(Filter::new(&["DB_HOST,DB_PORT"], &[]).is_err());
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn new<T: AsRef<str>>(only: &[T], except: &[T]) -> Result<Self> {
        let one = |option: &str, text: &T| {
            let text = text.as_ref();
            let pattern = pattern(option, text)?;
            let part = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
            match outside_brackets(text).into_iter().find(|c| !part(c)) {
                None if !text.is_empty() => Ok(pattern),
                _ => Err(Error::usage_hint(
                    format!(
                        "no variable's name can match {option} `{}`: names contain only letters, digits and `_`",
                        OneLine(text)
                    ),
                    format!("use {option} once for each pattern"),
                )),
            }
        };
        let all = |option: &str, texts: &[T]| -> Result<_> {
            texts.iter().map(|text| one(option, text)).collect()
        };
        Ok(Self {
            only: all("--only", only)?,
            except: all("--except", except)?,
        })
    }

    /// Whether to keep a variable.
    ///
    /// # Examples
    ///
    /// ```
    /// let filter = lazycred::Filter::new(&["DB_*"], &[])?;
    /// assert!(filter.wants("DB_HOST"));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(name));
        (self.only.is_empty() || any(&self.only)) && !any(&self.except)
    }

    /// Whether it keeps every variable, because it has no patterns.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(lazycred::Filter::default().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.only.is_empty() && self.except.is_empty()
    }

    /// Each pattern with its option.
    fn patterns(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let only = self.only.iter().map(|pattern| ("--only", pattern.as_str()));
        let except = self.except.iter();
        only.chain(except.map(|pattern| ("--except", pattern.as_str())))
    }

    /// # Errors
    ///
    /// [`Error::Usage`] for a pattern that no name in this case can match.
    pub(crate) fn fits(&self, case: Case) -> Result<()> {
        let (word, other): (_, fn(&char) -> bool) = match case {
            Case::Keep => return Ok(()),
            Case::Upper => ("upper", char::is_ascii_lowercase),
            Case::Lower => ("lower", char::is_ascii_uppercase),
        };
        for (option, pattern) in self.patterns() {
            if outside_brackets(pattern).iter().any(other) {
                return Err(Error::usage_hint(
                    format!(
                        "no variable's name can match {option} `{pattern}`: with `--case {word}` all letters are {word} case"
                    ),
                    "use `--case keep` to keep the case of the secret's fields",
                ));
            }
        }
        Ok(())
    }

    /// Checks that each pattern without wildcards is one of these names.
    ///
    /// # Errors
    ///
    /// [`Error::Environment`] for one that is not: a misspelling, or a removed field.
    pub(crate) fn all_used(&self, names: &HashSet<&str>) -> Result<()> {
        let exact = |(_, pattern): &(_, &str)| !pattern.contains(['*', '?', '[']);
        let mut unused = self.patterns().filter(exact);
        match unused.find(|(_, pattern)| !names.contains(pattern)) {
            None => Ok(()),
            Some((option, pattern)) => Err(Error::Environment {
                message: format!("{option} `{pattern}` matches no variable"),
                hint: Some(
                    "list them with `lazycred exec --dry-run`, without --only and --except".into(),
                ),
            }),
        }
    }
}

/// Reads a pattern of an option.
///
/// # Errors
///
/// [`Error::Usage`] if it is not valid.
pub(crate) fn pattern(option: &str, text: &str) -> Result<Pattern> {
    Pattern::new(text).map_err(|error| {
        let text = OneLine(text);
        Error::usage(format!("{option} `{text}` is not a valid pattern: {error}"))
    })
}

/// The literal characters of a pattern.
fn outside_brackets(pattern: &str) -> Vec<char> {
    let mut plain = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' | '?' => {}
            // As in a shell, the first character of a list never ends it.
            '[' => {
                if chars.next() == Some('!') {
                    chars.next();
                }
                chars.by_ref().find(|c| *c == ']');
            }
            c => plain.push(c),
        }
    }
    plain
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
