//! Inherited variables whose values are references, or texts with references.
//!
//! CI systems and web servers let strangers set variables, so a value is text unless
//! the user says that its variable may contain a reference.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use crate::base::{Error, OneLine, Reference, Result, Target, is_hidden};
use crate::plaintext::template::Template;

/// The start of a reference in a variable.
const MARK: &str = "lazycred:";

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

/// Why a value that should be a reference is none.
#[derive(Debug)]
pub(super) enum Reason {
    /// It would be one without quotes, blanks or capitals.
    Almost,
    /// The rule that it breaks.
    Rule(&'static str),
    /// What its braces hold, with each line.
    Braces(Error),
}

impl Marked {
    /// What a value stands for that may be a reference; `None` for plain text.
    ///
    /// `source` and `line` are for the errors of a template, as in
    /// [`Template::parse_at`].
    pub(super) fn parse(
        value: &[u8],
        source: &str,
        line: impl Fn(usize) -> usize,
    ) -> Result<Option<Self>, Reason> {
        let Some(rest) = value.strip_prefix(MARK.as_bytes()) else {
            return if is_near(value) {
                Err(Reason::Almost)
            } else {
                Ok(None)
            };
        };
        if rest.windows(2).any(|two| two == b"{{") {
            let template = Template::parse_at(source, line, rest).map_err(Reason::Braces)?;
            return Ok(Some(Self::Parts(template)));
        }
        let text = str::from_utf8(rest).map_err(|_| Reason::Rule("its reference is not UTF-8"))?;
        let reference = Reference::read(text).map_err(|fault| Reason::Rule(fault.rule))?;
        match reference.target {
            Target::Fields => Ok(Some(Self::Whole(reference))),
            _ => Err(Reason::Rule("its reference must not name a variable")),
        }
    }

    /// Its references as one text; `None` if it has none.
    pub(super) fn listed(&self) -> Option<String> {
        match self {
            Self::Whole(reference) => Some(reference.as_str().to_owned()),
            Self::Parts(template) => template.listed(),
        }
    }
}

impl Reason {
    /// The error for a value, of which no byte is repeated: `what` names it, and
    /// `plain` helps if it is plain text.
    pub(super) fn of(self, what: &str, plain: &str) -> Error {
        match self {
            Self::Almost => Error::usage_hint(
                format!(
                    "{what} is almost a reference: it must start with `{MARK}` in lower case, with nothing before it"
                ),
                plain,
            ),
            Self::Rule(rule) => Error::usage_hint(
                format!("{what}: {rule}"),
                "a reference is lazycred:NAME[@VERSION][#FIELD]; in other text it stands in `{{` and `}}`",
            ),
            Self::Braces(error) => error,
        }
    }
}

/// Whether a value starts as a reference does.
pub(super) fn is_marked(value: &OsStr) -> bool {
    value.as_bytes().starts_with(MARK.as_bytes())
}

/// What a variable that may contain references holds; `None` for plain text.
///
/// # Errors
///
/// [`Error::Usage`] if it looks like a reference but is not valid.
pub(super) fn read(name: &OsStr, value: &OsStr) -> Result<Option<Marked>> {
    let what = format!("the variable `{}`", OneLine(name.to_string_lossy()));
    Marked::parse(value.as_bytes(), &what, |ends| ends + 1).map_err(|reason| {
        let plain =
            "if it is plain text, let --from-env GLOB match only variables that contain references";
        reason.of(&what, plain)
    })
}

/// Whether a value would be a reference without quotes, blanks or capitals, an easy
/// mistake in a manifest.
fn is_near(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    let before = |c: char| c.is_whitespace() || is_hidden(c) || "\"'`“”„‘’‚«»".contains(c);
    let text = text.trim_start_matches(before);
    let Some((word, rest)) = text.split_at_checked(MARK.len() - 1) else {
        return false;
    };
    let rest = rest.trim_start_matches(before);
    word.eq_ignore_ascii_case(&MARK[..MARK.len() - 1]) && rest.starts_with(':')
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
