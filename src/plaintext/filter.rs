//! Which variables to keep, and the patterns by which users choose them.

use std::collections::HashSet;

use glob::Pattern;

use crate::base::{Error, OneLine, Result};

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
                        without_value(text)
                    ),
                    if text.contains('=') {
                        "a pattern is of names alone, without values".to_owned()
                    } else {
                        format!("use {option} once for each pattern")
                    },
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
    /// [`Error::Usage`] for a pattern with a letter of the `other` case, which no name in
    /// this case can match.
    pub(super) fn never(&self, other: fn(&char) -> bool, case: &str) -> Result<()> {
        for (option, pattern) in self.patterns() {
            if outside_brackets(pattern).iter().any(other) {
                return Err(Error::usage_hint(
                    format!(
                        "no variable's name can match {option} `{pattern}`: with `--case {case}` all letters are {case} case"
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
        let text = without_value(text);
        Error::usage(format!("{option} `{text}` is not a valid pattern: {error}"))
    })
}

/// A pattern in an error: what is after a `=` may be secret.
fn without_value(text: &str) -> String {
    match text.split_once('=') {
        Some((name, _)) => format!("{}=…", OneLine(name)),
        None => OneLine(text).to_string(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_no_name_can_match_is_refused() {
        for bad in ["$A", "[A]-", "A]"] {
            assert!(Filter::new(&[bad], &[]).is_err(), "{bad}");
            assert!(Filter::new(&[], &[bad]).is_err(), "{bad}");
        }
        for secret in ["X=hunter2", "X=[hunter2", "X=hunter2\n"] {
            let error = Filter::new(&[secret], &[]).unwrap_err();
            let said = format!("{error}{:?}", error.hint());
            assert!(
                said.contains("`X=…`") && !said.contains("hunter2"),
                "{said}"
            );
        }
        for good in ["*", "A_?1*", "[!a-z.-]*", "[]x,]A", "[!],]A", "a*"] {
            assert!(Filter::new(&[good], &[]).is_ok(), "{good}");
        }
    }
}
