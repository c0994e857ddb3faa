//! References: a secret, its version, a field, and the name of the variable.
//!
//! Only the grammar: `NAME[@VERSION][#FIELD]`, `VAR=REFERENCE` and
//! `PREFIX+=REFERENCE`. `client` fetches what it refers to.

use std::fmt;
use std::str::FromStr;

use crate::base::error::Error;
use crate::base::name::{NameError, SecretName, VarName, is_variable};
use crate::base::text::OneLine;

/// A secret, or one field or version of it, and the variables it becomes.
///
/// Shape: `NAME[@VERSION][#FIELD]`, with `VAR=` before it to name the variable
/// or `PREFIX+=` to prefix every variable. FIELD is a top-level field, or a
/// JSON pointer (RFC 6901) if it starts with `/`. `%23 %40 %25 %3D %2B` stand
/// for `# @ % = +`.
///
/// # Examples
///
/// ```
/// let reference: lazycred::Reference = "PASSWORD=web/prod#/db/password".parse()?;
/// assert_eq!(reference.name.as_str(), "web/prod");
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The secret.
    pub name: SecretName,
    /// The version, as the store names it; the current one if none is given.
    pub version: Option<String>,
    /// The field; the whole secret if none is given.
    pub field: Option<FieldPath>,
    /// How its variables are named.
    pub target: Target,
    typed: String,
}

/// How the variables of a reference are named.
///
/// # Examples
///
/// ```
/// use lazycred::{Reference, Target};
/// let reference = Reference::try_from("DB_+=web/prod")?;
/// assert_eq!(reference.target, Target::Prefixed("DB_".parse()?));
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// After the fields, or the secret's own name.
    Fields,
    /// The same, with this prefix.
    Prefixed(VarName),
    /// One variable of this name.
    Named(VarName),
}

impl Reference {
    /// The current version of a whole secret.
    ///
    /// # Examples
    ///
    /// ```
    /// let reference = lazycred::Reference::whole("a#b".parse()?);
    /// assert_eq!((reference.name.as_str(), reference.field), ("a#b", None));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn whole(name: SecretName) -> Self {
        let typed = name.as_str().to_owned();
        Self {
            name,
            version: None,
            field: None,
            target: Target::Fields,
            typed,
        }
    }

    /// The reference as it was typed.
    ///
    /// # Examples
    ///
    /// ```
    /// let reference = lazycred::Reference::try_from("A=db#user")?;
    /// assert_eq!(reference.as_str(), "A=db#user");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.typed
    }
}

/// Why a text is no reference.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The rule that it breaks, without a byte of it.
    pub(crate) rule: &'static str,
    /// The error, which repeats it.
    error: Error,
}

impl From<NameError> for Fault {
    fn from(error: NameError) -> Self {
        Self {
            rule: "its name contains a NUL",
            error: error.into(),
        }
    }
}

impl FromStr for Reference {
    type Err = Error;

    fn from_str(typed: &str) -> Result<Self, Error> {
        Self::read(typed).map_err(|fault| fault.error)
    }
}

impl Reference {
    /// Parses a text that may be secret.
    pub(crate) fn read(typed: &str) -> Result<Self, Fault> {
        let wrong = |rule| Fault {
            rule,
            error: Error::usage_hint(
                format!("`{}`: {rule}", OneLine(typed)),
                "a reference is NAME[@VERSION][#FIELD], VAR=REFERENCE or PREFIX+=REFERENCE",
            ),
        };
        let (target, rest) = split_target(typed)?;
        let (head, field) = match rest.split_once('#') {
            Some((head, field)) => (head, Some(field)),
            None => (rest, None),
        };
        let (name, version) = match head.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (head, None),
        };
        if name.is_empty() {
            return Err(wrong("the name is missing"));
        }
        if version == Some("") {
            return Err(wrong("the version after `@` is missing"));
        }
        if field == Some("") {
            return Err(wrong("the field after `#` is missing"));
        }
        let field = field.map(|field| unescape(field).parse());
        Ok(Self {
            name: unescape(name).parse()?,
            version: version.map(unescape),
            field: field.transpose().map_err(|error| Fault {
                rule: "in its JSON pointer, `~` must be followed by 0 or 1",
                error,
            })?,
            target,
            typed: typed.to_owned(),
        })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", OneLine(&self.typed))
    }
}

/// Strips `VAR=` or `PREFIX+=`; `=` counts only after a variable's name.
fn split_target(typed: &str) -> Result<(Target, &str), NameError> {
    let head = &typed[..typed.find(['#', '@']).unwrap_or(typed.len())];
    let Some(equals) = head.find('=') else {
        return Ok((Target::Fields, typed));
    };
    let (before, rest) = (&head[..equals], &typed[equals + 1..]);
    if is_variable(before) {
        return Ok((Target::Named(before.parse()?), rest));
    }
    match before.strip_suffix('+') {
        Some(prefix) if is_variable(prefix) => Ok((Target::Prefixed(prefix.parse()?), rest)),
        _ => Ok((Target::Fields, typed)),
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 3).map(str::to_ascii_uppercase);
        let (plain, taken) = match code.as_deref() {
            Some("23") => ('#', 3),
            Some("40") => ('@', 3),
            Some("25") => ('%', 3),
            Some("3D") => ('=', 3),
            Some("2B") => ('+', 3),
            _ => ('%', 1),
        };
        out.push(plain);
        rest = &rest[at + taken..];
    }
    out + rest
}

/// A field within a secret: one name, or the steps of a JSON pointer.
///
/// Shape: `password`, or `/db/hosts/0` (RFC 6901: `~1` is `/`, `~0` is `~`).
///
/// # Examples
///
/// ```
/// use lazycred::FieldPath;
/// let field: FieldPath = "/db/a~1b".parse()?;
/// assert_eq!(field.steps(), ["db", "a/b"]);
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPath {
    typed: String,
    steps: Vec<String>,
}

impl FieldPath {
    /// The names from the top down; at least one.
    ///
    /// # Examples
    ///
    /// ```
    /// let field = lazycred::FieldPath::try_from("/db/hosts/0")?;
    /// assert_eq!(field.steps(), ["db", "hosts", "0"]);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn steps(&self) -> &[String] {
        &self.steps
    }

    /// The same as a JSON pointer.
    ///
    /// # Examples
    ///
    /// ```
    /// let field = lazycred::FieldPath::try_from("a/b")?;
    /// assert_eq!(field.pointer(), "/a~1b");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn pointer(&self) -> String {
        let below = |path: String, step: &String| pointer(&path, step);
        self.steps.iter().fold(String::new(), below)
    }

    /// The field as it was typed.
    ///
    /// # Examples
    ///
    /// ```
    /// let field = lazycred::FieldPath::try_from("password")?;
    /// assert_eq!(field.as_str(), "password");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.typed
    }
}

impl FromStr for FieldPath {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::usage("a field's name cannot be empty"));
        }
        let steps = match text.strip_prefix('/') {
            Some(pointer) => {
                let steps = pointer.split('/').map(step);
                let wrong = || {
                    Error::usage_hint(
                        format!(
                            "`{}` is not a valid JSON pointer: `~` must be followed by 0 or 1",
                            OneLine(text)
                        ),
                        "`~0` stands for `~`, and `~1` for `/`",
                    )
                };
                steps.collect::<Option<_>>().ok_or_else(wrong)?
            }
            None => vec![text.to_owned()],
        };
        Ok(Self {
            typed: text.to_owned(),
            steps,
        })
    }
}

/// Decodes a step as in RFC 6901; `None` for a `~` without 0 or 1 after it.
fn step(written: &str) -> Option<String> {
    let mut parts = written.split('~');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (plain, rest) = match part.strip_prefix('0') {
            Some(rest) => ('~', rest),
            None => ('/', part.strip_prefix('1')?),
        };
        out.push(plain);
        out.push_str(rest);
    }
    Some(out)
}

/// A JSON pointer (RFC 6901) to the member `step` under `base`.
pub(crate) fn pointer(base: &str, step: &str) -> String {
    let mut path = base.to_owned();
    push_step(&mut path, step);
    path
}

/// Appends a step to a JSON pointer.
pub(crate) fn push_step(path: &mut String, step: &str) {
    path.push('/');
    for c in step.chars() {
        match c {
            '~' => path.push_str("~0"),
            '/' => path.push_str("~1"),
            c => path.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_split_at_its_first_hash_and_the_first_at_before_it() {
        for (typed, name, version, field, target) in [
            ("db", "db", None, None, ""),
            ("db@v1", "db", Some("v1"), None, ""),
            ("db#f", "db", None, Some("f"), ""),
            ("db@v#f@g#h", "db", Some("v"), Some("f@g#h"), ""),
            ("db@a@b", "db", Some("a@b"), None, ""),
            ("A=db#x=y", "db", None, Some("x=y"), "A="),
            ("A_+=db", "db", None, None, "A_+="),
            ("A=B=db", "B=db", None, None, "A="),
            ("web/a=b", "web/a=b", None, None, ""),
            ("db#A=b", "db", None, Some("A=b"), ""),
            ("1=b", "1=b", None, None, ""),
            ("A%3Db", "A=b", None, None, ""),
            ("A%2B%3db", "A+=b", None, None, ""),
            ("a%23b%40c%25d%zz%", "a#b@c%d%zz%", None, None, ""),
            ("db@a%40#/x%23", "db", Some("a@"), Some("/x#"), ""),
        ] {
            let read: Reference = typed.parse().unwrap();
            assert_eq!(read.name.as_str(), name, "{typed}");
            assert_eq!(read.version.as_deref(), version, "{typed}");
            assert_eq!(read.field.as_ref().map(FieldPath::as_str), field, "{typed}");
            let written = match read.target {
                Target::Fields => String::new(),
                Target::Prefixed(prefix) => format!("{prefix}+="),
                Target::Named(variable) => format!("{variable}="),
            };
            assert_eq!(written, target, "{typed}");
        }
    }

    #[test]
    fn an_empty_part_is_an_error_that_shows_the_grammar() {
        for typed in ["", "#f", "@v", "db@", "db#", "A=", "A+=", "A=#f"] {
            let error = typed.parse::<Reference>().unwrap_err();
            assert_eq!(error.exit_code(), 2, "{typed}");
            assert!(error.hint().unwrap().contains("NAME[@VERSION][#FIELD]"));
        }
    }
}
