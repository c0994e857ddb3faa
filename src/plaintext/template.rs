//! Text made of parts: literal text, and references in double braces.
//!
//! Only the grammar, and how values are put in. Literal text may be as secret as a
//! value, so no error repeats it, and of what stands in braces only what could be a
//! reference.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::str::FromStr;

use zeroize::Zeroizing;

use crate::base::{Error, OneLine, Place, Reference, Result, Secret, Target, is_hidden};
use crate::plaintext::references::{self, Nuls};
use crate::plaintext::rules::Rules;

/// The longest text in braces that an error repeats, in bytes.
const SHOWN: usize = 200;

/// The hint for what is no reference.
const GRAMMAR: &str =
    "braces hold NAME[@VERSION][#FIELD], and `|uri` or `|json` after it if wanted; `{{{{` is `{{`";

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

/// A reference in braces.
#[derive(Clone)]
struct Value {
    reference: Reference,
    encoding: Encoding,
    line: usize,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Plain,
    Uri,
    Json,
}

/// Where a reference stands, for errors.
///
/// Shape: the file in backquotes, and `: line 3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        Self::parse_at(source, 1, text.as_ref())
    }

    /// The same for text that starts at a line of its source.
    pub(crate) fn parse_at(source: impl Into<String>, first: usize, text: &[u8]) -> Result<Self> {
        let source = source.into();
        let (mut parts, mut errors) = (Vec::new(), Vec::new());
        let (mut rest, mut line) = (text, first);
        while let Some(at) = find(rest, *b"{{") {
            let opened = line + lines(&rest[..at]);
            if rest[at..].starts_with(b"{{{{") {
                push(&mut parts, &rest[..at + 2]);
                (rest, line) = (&rest[at + 4..], opened);
                continue;
            }
            push(&mut parts, &rest[..at]);
            let inside = &rest[at + 2..];
            let closed = find(inside, *b"}}");
            let read = match closed {
                Some(end) => value(&inside[..end], opened),
                None => Err(unclosed()),
            };
            match read {
                Ok(value) => parts.push(Part::Value(Box::new(value))),
                Err(error) => errors.push(
                    Spot {
                        source: &source,
                        line: opened,
                    }
                    .of(error),
                ),
            }
            let end = closed.map_or(inside.len(), |end| end + 2);
            line = opened + lines(&inside[..end]);
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

    /// The text with every value in its place; `of` gives a reference's secret.
    ///
    /// # Errors
    ///
    /// Every failure, with its line.
    pub(crate) fn render<'a>(
        &'a self,
        rules: &Rules,
        of: impl Fn(&'a Reference) -> &'a (Place, Secret),
    ) -> Result<Secret> {
        let (mut values, mut errors) = (Vec::new(), Vec::new());
        for value in self.values() {
            let (place, secret) = of(&value.reference);
            match value.text(place, secret, rules) {
                Ok(text) => values.push(text),
                Err(error) => errors.push(self.spot(value).of(error)),
            }
        }
        Error::several(errors)?;
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

impl Value {
    fn text(&self, place: &Place, secret: &Secret, rules: &Rules) -> Result<Secret> {
        let plain = |nuls| references::present(&self.reference, place, secret, rules, nuls);
        match self.encoding {
            Encoding::Plain => plain(Nuls::Refused),
            Encoding::Uri => Ok(percent_encoded(plain(Nuls::Allowed)?.as_bytes())),
            Encoding::Json => references::json(&self.reference, place, secret, rules),
        }
    }
}

/// What stands in a pair of braces.
fn value(inside: &[u8], line: usize) -> Result<Value> {
    let wrong = |what: &str| wrong(None, what);
    let inside = str::from_utf8(inside).map_err(|_| wrong("what is in the braces is not UTF-8"))?;
    let inside = inside.trim_matches([' ', '\t']);
    if inside.is_empty() {
        return Err(wrong("there is nothing in the braces"));
    }
    if inside.contains(|c: char| c.is_control() || is_hidden(c)) {
        return Err(wrong(
            "a control character or a line end is in the braces, or `}}` is missing",
        ));
    }
    if inside.contains(char::is_whitespace) {
        return Err(wrong("a blank is inside what is in the braces"));
    }
    if inside.contains(['{', '}']) {
        return Err(wrong("a single brace is inside the double ones"));
    }
    let shown = (inside.len() <= SHOWN).then_some(inside);
    let wrong = |what: &str| self::wrong(shown, what);
    let (typed, encoding) = match inside.split_once('|') {
        None => (inside, Encoding::Plain),
        Some((typed, "uri")) => (typed, Encoding::Uri),
        Some((typed, "json")) => (typed, Encoding::Json),
        Some(_) => return Err(wrong("after `|` only `uri` or `json` may follow")),
    };
    let reference: Reference = match typed.parse() {
        Ok(reference) => reference,
        Err(_) if shown.is_none() => return Err(wrong("what is in the braces is no reference")),
        Err(error) => return Err(error.hinted(GRAMMAR)),
    };
    if reference.target != Target::Fields {
        return Err(wrong("a reference in braces names no variable"));
    }
    Ok(Value {
        reference,
        encoding,
        line,
    })
}

/// The error for what is no reference; shows it if it nearly is one.
fn wrong(inside: Option<&str>, what: &str) -> Error {
    let message = match inside {
        Some(inside) => format!("`{{{{{}}}}}`: {what}", OneLine(inside)),
        None => what.to_owned(),
    };
    Error::usage_hint(message, GRAMMAR)
}

fn unclosed() -> Error {
    wrong(None, "`{{` is not closed by `}}`")
}

/// Every byte but unreserved ones as `%XX`, as in RFC 3986.
fn percent_encoded(bytes: &[u8]) -> Secret {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let stays = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let encoded = bytes.iter().filter(|byte| !stays(byte)).count();
    let mut out = Zeroizing::new(Vec::with_capacity(bytes.len() + 2 * encoded));
    for byte in bytes {
        if stays(byte) {
            out.push(*byte);
        } else {
            let digit = |nibble: u8| DIGITS[usize::from(nibble)];
            out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    Secret::from(out)
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
