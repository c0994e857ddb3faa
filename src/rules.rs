//! The rules that a user chooses: how fields become variables, and which of
//! them are wanted.

use std::collections::HashSet;

use glob::Pattern;

use crate::error::{Error, Result};
use crate::name::OneLine;

/// How fields become variables.
///
/// Shape: [`Rules::default`] joins with `_`, makes upper case, keeps arrays as
/// JSON text and gives no variable for null.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Stands before every name.
    pub prefix: String,
    /// Stands between the names on the way to a leaf.
    pub separator: String,
    /// The case of the names.
    pub case: Case,
    /// What an array gives.
    pub arrays: Arrays,
    /// What null gives.
    pub null: Null,
    /// How a whole secret is read.
    pub format: Format,
    /// Which variables are wanted.
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

/// How a whole secret is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// As a JSON object if it starts like one, else as text.
    Auto,
    /// As a JSON object.
    Json,
    /// As lines of `NAME=value`, in which nothing is interpolated.
    Dotenv,
    /// As text, whatever it holds.
    Text,
}

/// Which variables are wanted, by their final names.
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
    /// Those that one of `only` matches, or all if there is none, less those
    /// that one of `except` matches.
    ///
    /// Shape: `*`, `?` and `[...]`, as a shell has them.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if something is no such pattern, or one that no
    /// variable's name can match, as `A,B`: it would let everything through, or
    /// nothing, and nobody would know.
    pub fn new<T: AsRef<str>>(only: &[T], except: &[T]) -> Result<Self> {
        let one = |option: &str, text: &T| {
            let text = text.as_ref();
            let pattern = pattern(option, text)?;
            let part = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
            match outside_brackets(text).into_iter().find(|c| !part(c)) {
                None if !text.is_empty() => Ok(pattern),
                _ => Err(Error::usage_hint(
                    format!(
                        "no variable's name can match `{}` of {option}: names have only letters, digits and `_`",
                        OneLine(text)
                    ),
                    format!("give each pattern its own {option}"),
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

    /// Whether a variable is wanted.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(name));
        (self.only.is_empty() || any(&self.only)) && !any(&self.except)
    }

    /// Whether all variables are.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.only.is_empty() && self.except.is_empty()
    }

    /// Each pattern, with the option that gave it.
    fn patterns(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let only = self.only.iter().map(|pattern| ("--only", pattern.as_str()));
        let except = self.except.iter();
        only.chain(except.map(|pattern| ("--except", pattern.as_str())))
    }

    /// # Errors
    ///
    /// [`Error::Usage`] for a pattern that no name of this case can match.
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
                        "no variable's name can match `{pattern}` of {option}: under `--case {word}` all letters are {word} case"
                    ),
                    "`--case keep` keeps the letters of the secret's fields",
                ));
            }
        }
        Ok(())
    }

    /// Whether each pattern without wildcards is one of the names that there are.
    ///
    /// # Errors
    ///
    /// [`Error::Environment`] for one that is not: it is misspelt, or the field is gone.
    pub(crate) fn all_used(&self, names: &HashSet<&str>) -> Result<()> {
        let exact = |(_, pattern): &(_, &str)| !pattern.contains(['*', '?', '[']);
        let mut unused = self.patterns().filter(exact);
        match unused.find(|(_, pattern)| !names.contains(pattern)) {
            None => Ok(()),
            Some((option, pattern)) => Err(Error::Environment {
                message: format!("`{pattern}` of {option} matches no variable"),
                hint: Some(
                    "`lazycred exec --dry-run` without --only and --except lists them".into(),
                ),
            }),
        }
    }
}

/// Reads a pattern of an option.
///
/// # Errors
///
/// [`Error::Usage`] if it is none.
pub(crate) fn pattern(option: &str, text: &str) -> Result<Pattern> {
    Pattern::new(text).map_err(|error| {
        let text = OneLine(text);
        Error::usage(format!("`{text}` of {option} is not a pattern: {error}"))
    })
}

/// The characters of a pattern that stand for themselves.
fn outside_brackets(pattern: &str) -> Vec<char> {
    let mut plain = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' | '?' => {}
            // As in a shell, the first character of a list is never its end.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// As in `DB_HOST`.
    Upper,
    /// As the document has it.
    Keep,
    /// As in `db_host`.
    Lower,
}

/// What an array gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrays {
    /// One variable with its compact JSON text.
    Json,
    /// A variable an element: `HOSTS_0`, `HOSTS_1`.
    Index,
}

/// What null gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Null {
    /// No variable.
    Omit,
    /// A variable without text.
    Empty,
    /// An error.
    Error,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_no_name_can_match_is_refused() {
        for bad in [
            "A,B", "A B", "", "DB-*", "A.B", "/A", "É", "A=1", "$A", "[A]-", "A]",
        ] {
            assert!(Filter::new(&[bad], &[]).is_err(), "{bad}");
            assert!(Filter::new(&[], &[bad]).is_err(), "{bad}");
        }
        for good in ["*", "A_?1*", "[!a-z.-]*", "[]x,]A", "[!],]A", "a*"] {
            assert!(Filter::new(&[good], &[]).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_pattern_has_the_case_of_the_names() {
        let fits = |pattern, case| Filter::new(&[], &[pattern]).unwrap().fits(case).is_ok();
        assert!(fits("DB_*", Case::Upper) && !fits("db_*", Case::Upper));
        assert!(fits("db_*", Case::Lower) && !fits("dB_*", Case::Lower));
        assert!(fits("[a-z]*", Case::Upper) && fits("Db_*", Case::Keep));
    }
}
