//! Finds the members of an object or array in the text, and replaces spans.
//!
//! A new member is formatted like its neighbours: with the white space that the last
//! one has before its name and around its colon.

use std::ops::Range;

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::base::Secret;
use crate::plaintext::json;

/// The span of a value that borrows from the secret's own bytes.
pub(super) fn span(secret: &Secret, part: &RawValue) -> Range<usize> {
    let part = part.get();
    let start = part.as_ptr().addr() - secret.as_bytes().as_ptr().addr();
    start..start + part.len()
}

/// A copy of the secret with one span replaced.
pub(super) fn replace(secret: &Secret, span: Range<usize>, by: &[&str]) -> Secret {
    let bytes = secret.as_bytes();
    let more: usize = by.iter().map(|text| text.len()).sum();
    // The exact size, so that it never reallocates and leaves no copy.
    let mut out = Vec::with_capacity(bytes.len() - span.len() + more);
    out.extend_from_slice(&bytes[..span.start]);
    for text in by {
        out.extend_from_slice(text.as_bytes());
    }
    out.extend_from_slice(&bytes[span.end..]);
    Secret::new(out)
}

/// An object or an array in the text.
pub(super) struct Container<'a> {
    secret: &'a Secret,
    /// The span between its brackets.
    inside: Range<usize>,
    /// The spans of its members, each with its name.
    members: Vec<Range<usize>>,
    /// The text between the last name and its value.
    colon: &'a str,
}

impl<'a> Container<'a> {
    pub(super) fn object(secret: &'a Secret, whole: &RawValue, values: &[&RawValue]) -> Self {
        let mut container = Self::array(secret, whole, values);
        let mut end = container.inside.start;
        for member in &mut container.members {
            let before = text(secret, end..member.start);
            // Only white space and a comma come before the first quote and after
            // the last one.
            let (open, close) = (before.find('"'), before.rfind('"'));
            let value = member.start;
            member.start = end + open.unwrap_or(before.len());
            container.colon = text(secret, end + close.map_or(before.len(), |at| at + 1)..value);
            end = member.end;
        }
        container
    }

    pub(super) fn array(secret: &'a Secret, whole: &RawValue, values: &[&RawValue]) -> Self {
        let whole = span(secret, whole);
        Self {
            secret,
            inside: whole.start + 1..whole.end - 1,
            members: values.iter().map(|value| span(secret, value)).collect(),
            colon: ":",
        }
    }

    /// The text with one more member at the end. `name` is for objects; each step
    /// of `below` wraps the value in another object.
    pub(super) fn with(&self, name: Option<&String>, below: &[String], value: &RawValue) -> Secret {
        let named = |name: &String| Zeroizing::new(format!("{}{}", json::quoted(name), self.colon));
        let mut parts: Vec<Zeroizing<String>> = name.map(named).into_iter().collect();
        for name in below {
            parts.push(Zeroizing::new("{".to_owned()));
            parts.push(named(name));
        }
        let closing = "}".repeat(below.len());
        let (at, before) = self.after_the_last();
        let mut by = before.to_vec();
        by.extend(parts.iter().map(|part| part.as_str()));
        by.extend([value.get(), &closing]);
        replace(self.secret, at..at, &by)
    }

    /// The offset for another member, and the text to put before it.
    fn after_the_last(&self) -> (usize, [&'a str; 2]) {
        let Some(last) = self.members.last() else {
            return (self.inside.start, ["", ""]);
        };
        let space = match self.members.len() {
            1 => text(self.secret, self.inside.start..last.start),
            count => {
                let between = text(self.secret, self.members[count - 2].end..last.start);
                between.split_once(',').map_or("", |(_, space)| space)
            }
        };
        let space = if self.members.len() == 1 && space.is_empty() && self.colon.ends_with(' ') {
            " "
        } else {
            space
        };
        (last.end, [",", space])
    }

    /// The text without one member and its comma.
    pub(super) fn without(&self, at: usize) -> Secret {
        let members = &self.members;
        let removed = match (at, members.get(at + 1)) {
            (0, None) => self.inside.clone(),
            (0, Some(next)) => members[0].start..next.start,
            _ => members[at - 1].end..members[at].end,
        };
        replace(self.secret, removed, &[])
    }
}

/// A part of the text between values.
fn text(secret: &Secret, span: Range<usize>) -> &str {
    std::str::from_utf8(&secret.as_bytes()[span]).expect("JSON is UTF-8")
}
