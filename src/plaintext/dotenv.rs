//! Parses lines of `NAME=value`, without interpolation.
//!
//! Parsers of this format (python-dotenv, npm's dotenv, node, godotenv, compose,
//! Ruby's dotenv) agree on a core, which is accepted here. Where they disagree, a
//! value would depend on the parser, so it is an error that names the rule. Three
//! differences are settled instead: `#` without a space before it is part of the
//! value, `\n \r \t \" \\` are the escapes in double quotes, and `$` is literal.
//!
//! Errors contain no byte of the text. Takes linear time.

use std::collections::HashSet;
use std::fmt;

use zeroize::Zeroizing;

use crate::base::Secret;

/// Why text is not in dotenv format.
#[derive(Debug, PartialEq, Eq)]
pub struct NotDotenv {
    /// Counted from 1.
    line: usize,
    rule: &'static str,
}

impl fmt::Display for NotDotenv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.rule)
    }
}

impl std::error::Error for NotDotenv {}

/// A name and its value.
#[derive(Debug)]
pub struct Pair {
    /// The line of the name, counted from 1.
    pub line: usize,
    /// The name, as written.
    pub name: String,
    /// The value, unquoted.
    pub value: Secret,
    /// The line after each line end of the value, if some are escapes.
    lines: Vec<usize>,
}

impl Pair {
    /// The line of what stands after some of the value's line ends.
    pub(crate) fn line_after(&self, ends: usize) -> usize {
        match ends.checked_sub(1).and_then(|at| self.lines.get(at)) {
            Some(line) => *line,
            None => self.line + ends,
        }
    }
}

const BLANKS: [char; 2] = [' ', '\t'];

/// The offset of an error, and the rule that is broken there.
type Broken = (usize, &'static str);

/// The pairs of a text, in order.
///
/// # Errors
///
/// [`NotDotenv`] for what parsers of this format read differently.
///
/// # Examples
///
/// ```
/// let pairs = lazycred::dotenv::parse(b"PORT=5432 # the database's\n").unwrap();
/// assert_eq!((&*pairs[0].name, pairs[0].value.as_bytes()), ("PORT", &b"5432"[..]));
/// assert_eq!(pairs[0].line, 1);
/// ```
pub fn parse(bytes: &[u8]) -> Result<Vec<Pair>, NotDotenv> {
    read(bytes).map_err(|(at, rule)| NotDotenv {
        line: bytes[..at].split(|byte| *byte == b'\n').count(),
        rule,
    })
}

fn read(bytes: &[u8]) -> Result<Vec<Pair>, Broken> {
    let text = std::str::from_utf8(bytes).map_err(|e| (e.valid_up_to(), "it is not UTF-8"))?;
    if let Some(at) = text.find('\0') {
        return Err((at, "it contains a NUL byte"));
    }
    let lone = |at: &usize| bytes.get(at + 1) != Some(&b'\n');
    if let Some(at) = text.match_indices('\r').map(|(at, _)| at).find(lone) {
        return Err((at, "a carriage return without a line feed"));
    }
    let mut reader = Reader {
        text,
        at: if text.starts_with('\u{feff}') { 3 } else { 0 },
        last_double: text.rfind('"'),
    };
    let mut names = HashSet::new();
    let mut pairs = Vec::new();
    // The line at an offset: counted on from the pair before.
    let (mut number, mut counted) = (1, 0);
    while reader.at < text.len() {
        reader.blanks();
        match reader.line().bytes().next() {
            None => {}
            Some(b'#') => reader.comment()?,
            Some(_) => {
                let start = reader.at;
                let name = reader.name()?;
                if name == "__proto__" {
                    return Err((start, "npm's dotenv loses the name `__proto__`"));
                }
                if !names.insert(name) {
                    return Err((start, "an earlier line has the same name"));
                }
                number += text[counted..start].matches('\n').count();
                counted = start;
                let before = reader.at;
                let value = reader.value()?;
                pairs.push(Pair {
                    line: number,
                    name: name.to_owned(),
                    value,
                    lines: lines(&text[before..reader.at], number),
                });
            }
        }
        reader.next_line();
    }
    Ok(pairs)
}

/// The line after each line end of a value in double quotes, whose escapes end no line
/// of the file; none if there are no escapes.
fn lines(quoted: &str, first: usize) -> Vec<usize> {
    let mut lines = Vec::new();
    if !quoted.contains("\\n") || !quoted.trim_start_matches(BLANKS).starts_with('"') {
        return lines;
    }
    let (mut line, mut bytes) = (first, quoted.bytes());
    while let Some(byte) = bytes.next() {
        let is_escape = byte == b'\\' && bytes.next() == Some(b'n');
        line += usize::from(byte == b'\n');
        if is_escape || byte == b'\n' {
            lines.push(line);
        }
    }
    lines
}

struct Reader<'a> {
    text: &'a str,
    /// The offset of the next byte.
    at: usize,
    /// The offset of the last `"`.
    last_double: Option<usize>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The rest of the line, without its line ending.
    fn line(&self) -> &'a str {
        let line = self.rest().split('\n').next().unwrap_or_default();
        line.strip_suffix('\r').unwrap_or(line)
    }

    fn next_line(&mut self) {
        let end = self.rest().find('\n');
        self.at = end.map_or(self.text.len(), |end| self.at + end + 1);
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(BLANKS).len();
    }

    /// Checks a comment.
    fn comment(&self) -> Result<(), Broken> {
        // npm's dotenv ends a line there.
        match self.line().find(['\u{2028}', '\u{2029}']) {
            Some(found) => Err((
                self.at + found,
                "a comment with a line or paragraph separator (U+2028, U+2029)",
            )),
            None => Ok(()),
        }
    }

    /// A name and the `=` after it.
    fn name(&mut self) -> Result<&'a str, Broken> {
        let name = match self.word() {
            "export" if self.rest().starts_with(BLANKS) => {
                self.at += self.rest().len() - self.rest().trim_start_matches(' ').len();
                match self.word() {
                    "" => return Err((self.at, "`export` must be followed by a space and a name")),
                    name => name,
                }
            }
            name => name,
        };
        self.blanks();
        let broken = match self.line().chars().next() {
            Some('=') if !name.is_empty() => {
                self.at += 1;
                return Ok(name);
            }
            Some('=') => "a value without a name",
            Some(':') if !name.is_empty() => "`:` after a name: write NAME=value",
            None => "a name without `=`",
            Some(_) => "what is before `=` is not a name of letters, digits, `_` and `.`",
        };
        Err((self.at, broken))
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'));
        let word = &rest[..end.unwrap_or(rest.len())];
        self.at += word.len();
        word
    }

    fn value(&mut self) -> Result<Secret, Broken> {
        let spaced = self.rest().starts_with(BLANKS);
        self.blanks();
        let start = self.at;
        let value = match self.rest().bytes().next() {
            Some(b'\'') => self.single()?,
            Some(b'"') => self.double()?,
            Some(b'`') => return Err((start, "a value that starts with a backquote")),
            // godotenv and compose keep it; the others strip it.
            Some(b'#') if spaced => {
                return Err((
                    start,
                    "a comment where a value is expected: write `\"\"` before it",
                ));
            }
            _ => return self.unquoted(),
        };
        self.blanks();
        let after = self.line();
        if !after.is_empty() && !after.starts_with('#') {
            return Err((
                self.at,
                "only a comment may follow the quote that ends a value",
            ));
        }
        // Ruby's dotenv would end the value there.
        if after.contains(&self.text[start..=start]) {
            return Err((
                self.at,
                "a comment that contains the quote of its line's value",
            ));
        }
        self.comment()?;
        Ok(value)
    }

    /// A value up to the end of the line or a comment.
    fn unquoted(&mut self) -> Result<Secret, Broken> {
        let line = self.line();
        let comment = line.find(" #");
        let value = line[..comment.unwrap_or(line.len())].trim_end_matches(BLANKS);
        if value.starts_with(is_other_space) || value.ends_with(is_other_space) {
            return Err((
                self.at,
                "an unquoted value that starts or ends with white space other than spaces and tabs",
            ));
        }
        // Parsers disagree on which white space starts a comment.
        let hash = |c: char| c == '\t' || is_other_space(c);
        if let Some(at) = before_hash(value, hash) {
            return Err((
                self.at + at,
                "white space other than a space before `#`, in an unquoted value",
            ));
        }
        if let Some(comment) = comment {
            self.at += comment + 1;
            let more = &self.line()[1..];
            // godotenv cuts at the last one; the others at the first.
            if before_hash(more, char::is_whitespace).is_some() {
                return Err((
                    self.at,
                    "a comment that contains ` #`, after an unquoted value",
                ));
            }
            self.comment()?;
        }
        Ok(Secret::from(value))
    }

    fn single(&mut self) -> Result<Secret, Broken> {
        let start = self.at;
        let inner = &self.text[start + 1..];
        let Some(end) = inner.find('\'') else {
            return Err((start, "the quote that starts a value is never closed"));
        };
        let value = &inner[..end];
        if value.ends_with('\\') {
            return Err((
                start + 1 + end,
                "a backslash before a single quote: parsers disagree on its meaning",
            ));
        }
        self.at = start + end + 2;
        one_line_end(value, start + 1)?;
        Ok(Secret::from(value))
    }

    fn double(&mut self) -> Result<Secret, Broken> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let (mut end, mut escapes) = (start + 1, 0);
        while bytes.get(end).is_some_and(|byte| *byte != b'"') {
            if bytes[end] == b'\\' {
                escapes += 1;
                end += 1;
            }
            end += 1;
        }
        if end >= bytes.len() {
            return Err((start, "the quote that starts a value is never closed"));
        }
        let raw = &self.text[start + 1..end];
        self.at = end + 1;
        one_line_end(raw, start + 1)?;
        let mut value = Zeroizing::new(Vec::with_capacity(raw.len() - escapes));
        let mut rest = raw;
        while let Some(found) = rest.find('\\') {
            value.extend_from_slice(&rest.as_bytes()[..found]);
            value.push(match rest.as_bytes()[found + 1] {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                same @ (b'"' | b'\\') => same,
                _ => {
                    return Err((
                        end - rest.len() + found,
                        "only \\n \\r \\t \\\" and \\\\ are escapes in double quotes",
                    ));
                }
            });
            rest = &rest[found + 2..];
        }
        value.extend_from_slice(rest.as_bytes());
        // Some parsers take the second backslash as escaping the quote, and read on to the next one.
        if rest.is_empty() && raw.ends_with("\\\\") && self.last_double > Some(end) {
            return Err((
                end,
                "a double-quoted value that ends with a backslash, and another `\"` after it",
            ));
        }
        Ok(Secret::from(value))
    }
}

/// White space that only some parsers treat as a blank.
fn is_other_space(c: char) -> bool {
    !BLANKS.contains(&c) && (c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}' | '\u{feff}'))
}

/// The offset of the first `#` after a character of some kind.
fn before_hash(text: &str, kind: impl Fn(char) -> bool) -> Option<usize> {
    text.match_indices('#')
        .map(|(at, _)| at)
        .find(|at| text[..*at].ends_with(&kind))
}

/// compose keeps the `\r` of a line ending inside quotes; the others drop it.
fn one_line_end(quoted: &str, start: usize) -> Result<(), Broken> {
    match quoted.find('\r') {
        Some(found) => Err((
            start + found,
            "a quoted value of several lines with CR LF line endings: use LF",
        )),
        None => Ok(()),
    }
}
