//! Converts YAML to JSON: plain scalars by YAML 1.2's core schema, numbers as
//! written.
//!
//! Accepts only what all YAML parsers read alike and JSON can represent. Anchors,
//! tags, several documents, names that are not text, numbers that JSON cannot
//! represent, indentation by tabs, and plain scalars on which parsers disagree are
//! errors, which give a line and never a value.
//!
//! Source: YAML 1.2.2, <https://yaml.org/spec/1.2.2/#103-core-schema>.

mod input;
mod lines;
mod plain;
#[cfg(test)]
mod tests;

use std::fmt;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use zeroize::Zeroizing;

use input::Tabs;
use lines::Lines;
use plain::Plain;

use crate::Secret;
use crate::json::MAX_DEPTH;

const ODD_CHARACTER: &str = "a control character or line ending on which YAML parsers disagree; \
                             write it as an escape in double quotes";
const VALUE_DIFFERS: &str =
    "a value on which YAML parsers disagree, such as `yes`, `1e3` or a date; quote it";
const NO_JSON: &str = "a number that JSON cannot represent; quote it";
const NAME_DIFFERS: &str =
    "a name on which YAML parsers disagree, such as `yes`, `1.0` or a date; quote it";

/// Why a text is rejected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotYaml {
    line: usize,
    what: &'static str,
}

impl fmt::Display for NotYaml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// An open array or object, and how much of it is written.
struct Open {
    object: bool,
    /// The number of elements, or of names and values.
    parts: usize,
}

/// The JSON text of a YAML document; `None` for an empty one.
pub(crate) fn to_json(text: &str) -> Result<Option<Secret>, NotYaml> {
    let wrong = |line, what| Err(NotYaml { line, what });
    if let Some(line) = lines::odd_character(text) {
        return wrong(line, ODD_CHARACTER);
    }
    if lines::starts_with_end(text) {
        return wrong(1, "`...` ends a document that has not started");
    }
    let mut out = Zeroizing::new(String::with_capacity(8 * text.len() + 16));
    let mut open: Vec<Open> = Vec::new();
    let mut documents = 0;
    let unfinished = UnfinishedLine::of(text);
    let mut lines = Lines::default();
    for event in Parser::new(Tabs::new(text)) {
        let (event, span) = event.map_err(|error| NotYaml {
            line: error.marker().line(),
            what: "it is not valid YAML",
        })?;
        let refused = |what| NotYaml {
            line: span.start.line(),
            what,
        };
        match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return Err(refused("a second document starts; keep one per file"));
                }
            }
            Event::MappingEnd | Event::SequenceEnd => {
                let closed = open.pop().is_some_and(|open| open.object);
                out.push(if closed { '}' } else { ']' });
            }
            Event::Alias(_) => return Err(refused("aliases are not supported")),
            Event::Scalar(_, _, anchor, _)
            | Event::SequenceStart(anchor, _)
            | Event::MappingStart(anchor, _)
                if anchor != 0 =>
            {
                return Err(refused("anchors are not supported"));
            }
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => return Err(refused("tags are not supported")),
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() >= MAX_DEPTH {
                    return Err(refused("it is nested deeper than 64 levels"));
                }
                if separate(&mut open, &mut out) {
                    return Err(refused("a field's name is not text"));
                }
                let object = matches!(event, Event::MappingStart(..));
                out.push(if object { '{' } else { '[' });
                open.push(Open { object, parts: 0 });
            }
            // An empty document, with or without `---`.
            Event::Scalar(text, ScalarStyle::Plain, ..) if open.is_empty() && text.is_empty() => {}
            Event::Scalar(text, ScalarStyle::Plain, ..) if text.starts_with(['|', '>']) => {
                return Err(refused("text that starts with `|` or `>` needs quotes"));
            }
            Event::Scalar(text, ScalarStyle::Plain, ..) if text.starts_with('?') => {
                return Err(refused("text that starts with `?` needs quotes"));
            }
            Event::Scalar(text, style, ..) => {
                let name = separate(&mut open, &mut out);
                if name && style == ScalarStyle::Plain && text.is_empty() {
                    return Err(refused("a field has an empty name"));
                }
                // Some parsers merge it even if it is quoted.
                if name && &*text == "<<" {
                    return Err(refused(
                        "some YAML parsers merge mappings named `<<`; rename it",
                    ));
                }
                lines.passed(style, span);
                let text = match style {
                    ScalarStyle::Literal | ScalarStyle::Folded => unfinished.without(&text, span),
                    _ => &text,
                };
                let plain = match (style, name) {
                    (ScalarStyle::Plain, false) => plain::value(text),
                    (ScalarStyle::Plain, true) if !plain::is_name(text) => Plain::Differs,
                    _ => Plain::Text,
                };
                match plain {
                    Plain::Text => {
                        let quoted = serde_json::to_string(text).expect("a string is always JSON");
                        out.push_str(&Zeroizing::new(quoted));
                    }
                    Plain::Json(word) => out.push_str(word),
                    Plain::NoJson => return Err(refused(NO_JSON)),
                    Plain::Differs if name => return Err(refused(NAME_DIFFERS)),
                    Plain::Differs => return Err(refused(VALUE_DIFFERS)),
                }
            }
            _ => {}
        }
    }
    if let Some(line) = lines.tab(text) {
        return wrong(line, "a line is indented with a tab; use spaces");
    }
    Ok((!out.is_empty()).then(|| Secret::from(out.as_bytes())))
}

/// The end of a text whose last line is only spaces, without a line ending.
struct UnfinishedLine {
    spaces: usize,
    /// The length of the text, in characters.
    end: usize,
}

impl UnfinishedLine {
    fn of(text: &str) -> Self {
        let rest = text.trim_end_matches(' ');
        let spaces = if rest.ends_with(['\n', '\r']) {
            text.len() - rest.len()
        } else {
            0
        };
        let end = text.chars().count();
        Self { spaces, end }
    }

    /// Strips the empty line that the parser adds to a block scalar for trailing
    /// spaces that are only its indentation.
    fn without<'a>(&self, scalar: &'a str, span: Span) -> &'a str {
        let holds_text = scalar.bytes().any(|byte| byte != b'\n');
        let is_last = span.end.index() == self.end;
        if holds_text && is_last && self.spaces > 0 && span.start.col() == self.spaces {
            scalar.strip_suffix('\n').unwrap_or(scalar)
        } else {
            scalar
        }
    }
}

/// Writes the separator before the next node. Returns whether the node is a name.
fn separate(open: &mut [Open], out: &mut String) -> bool {
    let Some(Open { object, parts }) = open.last_mut() else {
        return false;
    };
    let name = *object && parts.is_multiple_of(2);
    if *parts > 0 {
        out.push(if *object && !name { ':' } else { ',' });
    }
    *parts += 1;
    name
}
