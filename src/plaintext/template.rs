//! Text made of parts: literal text, and references in double braces.
//!
//! Only the grammar, and how values are put in. Literal text may be as secret as a
//! value, so no error repeats it, and of what stands in braces only what could be a
//! reference.

mod value;

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::str::FromStr;

use zeroize::Zeroizing;

use self::value::{Value, unclosed, value};
use crate::base::{Error, Place, Reference, Result, Secret};
use crate::plaintext::rules::Rules;

/// Text in which references in double braces stand for values.
///
/// Shape: `{{REFERENCE}}` is the value that `VAR=REFERENCE` gives, `{{REFERENCE|uri}}`
/// its percent-encoding, and `{{REFERENCE|json}}` its JSON; `{{{{` is `{{`. Other
/// braces are themselves. A reference here has no blank, brace or `|`.
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("db", r#"{"password": "p@ss", "host": "db.internal"}"#)?;
/// let template: lazycred::Template =
///     "postgres://app:{{db#password|uri}}@{{db#host}}/app".parse()?;
/// assert_eq!(template.references().count(), 2);
/// let rendered = client.render(template)?;
/// assert_eq!(rendered.as_bytes(), b"postgres://app:p%40ss@db.internal/app");
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Clone)]
pub struct Template {
    source: String,
    parts: Vec<Part>,
}

#[derive(Clone)]
enum Part {
    Text(Secret),
    Value(Box<Value>),
}

/// Where a reference stands, for errors.
///
/// Shape: the file in backquotes, and `: line 3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Spot<'a> {
    pub(crate) source: &'a str,
    pub(crate) line: usize,
}

impl fmt::Display for Spot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: line {}", self.source, self.line)
    }
}

impl Spot<'_> {
    /// Names this place in an error.
    pub(crate) fn of(self, cause: Error) -> Error {
        cause.at(self.to_string())
    }
}

impl Template {
    /// Reads a template; `source` says in errors where it is from.
    ///
    /// **Shape**: any bytes, but UTF-8 in braces.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for what is no reference in braces, with its line; all of them
    /// as [`Error::Several`].
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::Template;
    /// let error = Template::parse("`app.conf`", b"a\n{{db#pw|url}}").unwrap_err();
    /// assert!(error.to_string().starts_with("`app.conf`: line 2: "));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn parse(source: impl Into<String>, text: impl AsRef<[u8]>) -> Result<Self> {
        Self::parse_at(source, |ends| ends + 1, text.as_ref())
    }

    /// The same for text within a source: `line` gives the line there of what stands
    /// after some of the text's line ends.
    pub(crate) fn parse_at(
        source: impl Into<String>,
        line: impl Fn(usize) -> usize,
        text: &[u8],
    ) -> Result<Self> {
        let source = source.into();
        let (mut parts, mut errors) = (Vec::new(), Vec::new());
        let (mut rest, mut ends) = (text, 0);
        while let Some(at) = find(rest, *b"{{") {
            let opened = ends + lines(&rest[..at]);
            if rest[at..].starts_with(b"{{{{") {
                push(&mut parts, &rest[..at + 2]);
                (rest, ends) = (&rest[at + 4..], opened);
                continue;
            }
            push(&mut parts, &rest[..at]);
            let inside = &rest[at + 2..];
            let closed = find(inside, *b"}}");
            let read = match closed {
                Some(end) => value(&inside[..end], line(opened)),
                None => Err(unclosed()),
            };
            match read {
                Ok(value) => parts.push(Part::Value(Box::new(value))),
                Err(error) => errors.push(
                    Spot {
                        source: &source,
                        line: line(opened),
                    }
                    .of(error),
                ),
            }
            let end = closed.map_or(inside.len(), |end| end + 2);
            ends = opened + lines(&inside[..end]);
            rest = &inside[end..];
        }
        push(&mut parts, rest);
        Error::several(errors)?;
        Ok(Self { source, parts })
    }

    /// Its references, in order.
    ///
    /// # Examples
    ///
    /// ```
    /// let template = lazycred::Template::try_from("{{db#user}}:{{ db#password }}")?;
    /// let references: Vec<_> = template.references().map(|found| found.as_str()).collect();
    /// assert_eq!(references, ["db#user", "db#password"]);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.spots().map(|(reference, _)| reference)
    }

    /// Its references, and where each stands.
    pub(crate) fn spots(&self) -> impl Iterator<Item = (&Reference, Spot<'_>)> + Clone {
        self.values()
            .map(|value| (&value.reference, self.spot(value)))
    }

    /// Its references as one text, each once; `None` if it has none.
    pub(crate) fn listed(&self) -> Option<String> {
        let mut seen = HashSet::new();
        let all = self.references().map(Reference::as_str);
        let all: Vec<&str> = all.filter(|typed| seen.insert(*typed)).collect();
        (!all.is_empty()).then(|| all.join(" "))
    }

    /// The text with every value in its place; `of` gives a reference's secret, or none
    /// if it was not read, so that the text is of no use.
    ///
    /// # Errors
    ///
    /// Every failure, with its line.
    pub(crate) fn render<'a>(
        &'a self,
        rules: &Rules,
        of: impl Fn(&'a Reference) -> Option<&'a (Place, Secret)>,
    ) -> Result<Secret> {
        let values = Error::all(self.values().map(|value| {
            match of(&value.reference) {
                Some((place, secret)) => value
                    .text(place, secret, rules)
                    .map_err(|error| self.spot(value).of(error)),
                None => Ok(Secret::default()),
            }
        }))?;
        let mut values = values.iter();
        let mut pieces = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            pieces.extend(match part {
                Part::Text(text) => Some(text),
                Part::Value(_) => values.next(),
            });
        }
        self.joined(&pieces)
    }

    /// Joins pieces in memory that never grows, which would leave copies.
    fn joined(&self, pieces: &[&Secret]) -> Result<Secret> {
        let size = pieces.iter().map(|piece| piece.len()).sum();
        let mut whole = Zeroizing::new(Vec::new());
        whole.try_reserve_exact(size).map_err(|_| {
            let error = io::ErrorKind::OutOfMemory.into();
            Error::io(format!("render {}", self.source), error)
        })?;
        for piece in pieces {
            whole.extend_from_slice(piece.as_bytes());
        }
        Ok(Secret::from(whole))
    }

    fn values(&self) -> impl Iterator<Item = &Value> + Clone {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Value(value) => Some(&**value),
        })
    }

    fn spot(&self, value: &Value) -> Spot<'_> {
        Spot {
            source: &self.source,
            line: value.line,
        }
    }
}

impl FromStr for Template {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse("the template", text)
    }
}

impl TryFrom<&str> for Template {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self> {
        text.parse()
    }
}

impl TryFrom<&String> for Template {
    type Error = Error;

    fn try_from(text: &String) -> Result<Self> {
        text.parse()
    }
}

impl TryFrom<String> for Template {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<&Template> for Template {
    fn from(template: &Template) -> Self {
        template.clone()
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Its text may be secret.
        f.debug_struct("Template")
            .field("source", &self.source)
            .field("references", &self.listed())
            .finish_non_exhaustive()
    }
}

fn push(parts: &mut Vec<Part>, text: &[u8]) {
    if !text.is_empty() {
        parts.push(Part::Text(Secret::from(text)));
    }
}

fn lines(text: &[u8]) -> usize {
    text.split(|byte| *byte == b'\n').skip(1).count()
}

fn find(text: &[u8], pair: [u8; 2]) -> Option<usize> {
    text.windows(2).position(|two| *two == pair)
}

#[cfg(test)]
mod tests;
