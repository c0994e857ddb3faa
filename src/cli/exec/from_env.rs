//! Inherited variables whose values are references.
//!
//! CI systems and web servers let strangers fill variables, so a value is text
//! unless the user says of its variable that it holds a reference.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use glob::Pattern;

use super::super::context::Called;
use crate::error::{Error, Result};
use crate::hidden::is_hidden;
use crate::name::OneLine;
use crate::reference::{Reference, Target};

/// What a reference in a variable starts with.
const MARK: &str = "lazycred:";

/// What the value of an inherited variable is.
pub(super) enum Meaning {
    /// Text; `marked` if it would be a reference where those are looked for.
    Text {
        marked: bool,
    },
    Reference(Box<Reference>),
}

/// The variables that may hold references, by their names.
pub(super) struct FromEnv(Vec<Pattern>);

impl FromEnv {
    /// The patterns that the user gave; for `lazycred-exec` all variables if
    /// none is given. An empty one matches no name, and so turns that off.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if something is not a pattern.
    pub(super) fn new(globs: &[String], called: Called) -> Result<Self> {
        let all = ["*".to_owned()];
        let globs = match called {
            Called::LazycredExec if globs.is_empty() => &all[..],
            _ => globs,
        };
        let pattern = |text: &String| {
            Pattern::new(text).map_err(|error| {
                let text = OneLine(text);
                Error::usage(format!("`{text}` of --from-env is not a pattern: {error}"))
            })
        };
        let globs = globs.iter().filter(|text| !text.is_empty());
        globs.map(pattern).collect::<Result<_>>().map(Self)
    }

    /// What a variable's value is.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if it is meant as a reference, and is none.
    pub(super) fn read(&self, name: &OsStr, value: &OsStr) -> Result<Meaning> {
        let reference = value.as_bytes().strip_prefix(MARK.as_bytes());
        let text = name.to_string_lossy();
        if !self.0.iter().any(|pattern| pattern.matches(&text)) {
            let marked = reference.is_some();
            return Ok(Meaning::Text { marked });
        }
        match reference {
            Some(reference) => {
                let reference = replacement(name, reference)?;
                Ok(Meaning::Reference(Box::new(reference)))
            }
            None if is_near(value) => Err(Error::usage_hint(
                format!(
                    "the variable `{}` is almost a reference: its value must start with `{MARK}`, in lower case, with nothing before it",
                    OneLine(&text)
                ),
                "if it is plain text, let --from-env GLOB match only the variables that hold references",
            )),
            None => Ok(Meaning::Text { marked: false }),
        }
    }
}

/// Whether a value is a reference but for quotes, blanks or capitals, which a
/// manifest easily gets wrong.
fn is_near(value: &OsStr) -> bool {
    let text = value.to_string_lossy();
    let before = |c: char| c.is_whitespace() || is_hidden(c) || "\"'`“”„‘’‚«»".contains(c);
    let text = text.trim_start_matches(before);
    let Some((word, rest)) = text.split_at_checked(MARK.len() - 1) else {
        return false;
    };
    let rest = rest.trim_start_matches(before);
    word.eq_ignore_ascii_case(&MARK[..MARK.len() - 1]) && rest.starts_with(':')
}

/// What replaces an inherited variable: `VAR=REFERENCE`, whatever VAR is.
fn replacement(name: &OsStr, rest: &[u8]) -> Result<Reference> {
    let name = name.to_string_lossy();
    let wrong = |what: &str| {
        Error::usage_hint(
            format!("the variable `{}`: {what}", OneLine(&name)),
            "its value must be lazycred:NAME[@VERSION][#FIELD]",
        )
    };
    let text = std::str::from_utf8(rest).map_err(|_| wrong("its reference is not UTF-8"))?;
    if text.contains("{{") {
        return Err(wrong("its value must be a single reference, without `{{`"));
    }
    let mut reference: Reference = text
        .parse()
        .map_err(|error: Error| wrong(&error.to_string()))?;
    if reference.target != Target::Fields {
        return Err(wrong("its reference names another variable"));
    }
    let any = "X".parse().expect("a letter is a variable's name");
    reference.target = Target::Named(any);
    Ok(reference)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_a_reference_is_told_from_text() {
        for near in [
            " lazycred:db",
            "\tlazycred:db",
            "\nlazycred:db",
            "\u{a0}lazycred:db",
            "\u{feff}lazycred:db",
            "'lazycred:db'",
            "\"lazycred:db\"",
            "`lazycred:db`",
            "“lazycred:db”",
            "\" lazycred:db\"",
            "LAZYCRED:db",
            "LazyCred:db",
            "lazycred :db",
            "'lazycred':db",
        ] {
            assert!(is_near(OsStr::new(near)), "{near:?}");
        }
        for text in [
            "",
            "lazycred",
            "see lazycred:db",
            "lazycred-exec",
            "xlazycred:",
            "lazycré:",
            "lazycred/db:1",
        ] {
            assert!(!is_near(OsStr::new(text)), "{text:?}");
        }
    }
}
