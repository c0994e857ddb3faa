//! Inherited variables whose values are references, or texts with references.
//!
//! CI systems and web servers let strangers set variables, so a value is text unless
//! the user says that its variable may contain a reference.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use crate::base::{Error, OneLine, Reference, Result, Target, is_hidden};
use crate::plaintext::template::Template;

/// The start of a reference in a variable.
pub(super) const MARK: &str = "lazycred:";

/// How many names a warning lists.
const NAMED: usize = 5;

/// What an inherited variable, or one in a file, is replaced with.
#[derive(Debug, Clone)]
pub(super) enum Marked {
    /// The value of a reference.
    Whole(Reference),
    /// A text with values in it.
    Parts(Template),
}

impl Marked {
    /// Its references as one text; `None` if it has none.
    pub(super) fn listed(&self) -> Option<String> {
        match self {
            Self::Whole(reference) => Some(reference.as_str().to_owned()),
            Self::Parts(template) => template.listed(),
        }
    }
}

/// The text of a reference or a template, not parsed yet.
pub(super) fn marked(value: &OsStr) -> Option<&[u8]> {
    value.as_bytes().strip_prefix(MARK.as_bytes())
}

/// What a variable that may contain references holds; `None` for plain text.
///
/// # Errors
///
/// [`Error::Usage`] if it looks like a reference but is not valid.
pub(super) fn read(name: &OsStr, value: &OsStr) -> Result<Option<Marked>> {
    match marked(value) {
        Some(rest) => replacement(name, rest).map(Some),
        None if is_near(value) => Err(Error::usage_hint(
            format!(
                "the variable `{}` is almost a reference: its value must start with `{MARK}` in lower case, with nothing before it",
                OneLine(&name.to_string_lossy())
            ),
            "if it is plain text, let --from-env GLOB match only variables that contain references",
        )),
        None => Ok(None),
    }
}

/// Whether a value would be a reference without quotes, blanks or capitals, an easy
/// mistake in a manifest.
pub(super) fn is_near(value: &OsStr) -> bool {
    let text = value.to_string_lossy();
    let before = |c: char| c.is_whitespace() || is_hidden(c) || "\"'`“”„‘’‚«»".contains(c);
    let text = text.trim_start_matches(before);
    let Some((word, rest)) = text.split_at_checked(MARK.len() - 1) else {
        return false;
    };
    let rest = rest.trim_start_matches(before);
    word.eq_ignore_ascii_case(&MARK[..MARK.len() - 1]) && rest.starts_with(':')
}

/// Parses the reference or the template in a variable.
fn replacement(name: &OsStr, rest: &[u8]) -> Result<Marked> {
    let name = name.to_string_lossy();
    if rest.windows(2).any(|two| two == b"{{") {
        let source = format!("the variable `{name}`");
        return Template::parse(source, rest).map(Marked::Parts);
    }
    let wrong = |what: &str| {
        Error::usage_hint(
            format!("the variable `{}`: {what}", OneLine(&name)),
            "its value must be lazycred:NAME[@VERSION][#FIELD], or text with such references in `{{` and `}}`",
        )
    };
    let text = std::str::from_utf8(rest).map_err(|_| wrong("its reference is not UTF-8"))?;
    let reference: Reference = text
        .parse()
        .map_err(|error: Error| wrong(&error.to_string()))?;
    match reference.target {
        Target::Fields => Ok(Marked::Whole(reference)),
        _ => Err(wrong("its reference must not name a variable")),
    }
}

/// Warns of variables that are passed as text although they look like references:
/// by name only, since their values may be secret.
pub(super) fn warn_of_texts<'a>(names: impl Iterator<Item = &'a OsString>) {
    let names: Vec<_> = names.map(|name| name.to_string_lossy()).collect();
    let Some(first) = names.first() else { return };
    let shown = names.iter().take(NAMED);
    let shown: Vec<_> = shown.map(|name| format!("`{}`", OneLine(name))).collect();
    let more = match names.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (values, are, remedy) = match names.len() {
        1 => (
            "value of",
            "starts with `lazycred:` but is",
            format!("`--from-env {}` resolves the reference", OneLine(first)),
        ),
        _ => (
            "values of",
            "start with `lazycred:` but are",
            "`--from-env VAR`, once for each, resolves them".to_owned(),
        ),
    };
    tracing::warn!(
        "the {values} {}{more} {are} passed as plain text; {remedy}",
        shown.join(", ")
    );
}
