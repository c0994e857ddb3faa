//! Files of variables that the user passes: plain values, and references.
//!
//! Reads no file: the caller passes the text. Errors name the file, the line and the
//! rule, and contain no byte of a value.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};

use crate::base::{Error, OneLine, Result, Secret};
use crate::client::load::Asked;
use crate::launch::from_env::Marked;
use crate::launch::require::pairs;
use crate::plaintext::dotenv::Pair;
use crate::plaintext::template::{Spot, Template};

/// The variables of one dotenv file.
///
/// # Examples
///
/// ```
/// use lazycred::launch::{EnvFile, Plan};
/// let file = EnvFile::parse(".env", b"PORT=80\nDB_PASSWORD=lazycred:db#password\n")?;
/// let mut plan = Plan::new(std::env::vars_os());
/// plan.env_files.push(file);
/// assert_eq!(plan.references().count(), 1);
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct EnvFile {
    name: String,
    /// The name as errors show it.
    shown: String,
    names: HashSet<OsString>,
    pub(super) variables: Vec<Variable>,
}

/// A variable of a file.
#[derive(Debug, Clone)]
pub(super) struct Variable {
    line: usize,
    pub(super) name: OsString,
    pub(super) value: Value,
}

/// What a line gives its variable.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(Secret),
    Of(Marked),
}

impl EnvFile {
    /// Parses lines of `NAME=VALUE`, as [`dotenv`](crate::dotenv) reads them.
    ///
    /// **Shape**: `name` is what errors call the file. A value is plain text,
    /// `lazycred:REFERENCE`, or `lazycred:` and a [`Template`] with braces.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for the first line that is not in dotenv format, or else
    /// all values that look like references but are not valid.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::launch::EnvFile;
    /// let error = EnvFile::parse(".env", b"A=1\nB='lazycred:'\n").unwrap_err();
    /// assert_eq!(error.to_string(), "`.env`: line 2: the value of `B`: the name is missing");
    /// ```
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self> {
        let shown = format!("`{}`", OneLine(name));
        let pairs = pairs(name, bytes)?;
        let variables = Error::all(pairs.into_iter().map(|pair| variable(&shown, pair)))?;
        let names = variables.iter().map(|variable| variable.name.clone());
        Ok(Self {
            name: name.to_owned(),
            shown,
            names: names.collect(),
            variables,
        })
    }

    /// The names of its variables, in no particular order.
    ///
    /// # Examples
    ///
    /// ```
    /// let file = lazycred::launch::EnvFile::parse(".env", b"PORT=80\n")?;
    /// assert_eq!(file.names().collect::<Vec<_>>(), ["PORT"]);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn names(&self) -> impl Iterator<Item = &OsStr> {
        self.names.iter().map(OsString::as_os_str)
    }

    /// Whether the file sets a variable.
    pub(super) fn sets(&self, name: &OsStr) -> bool {
        self.names.contains(name)
    }

    /// Whether a value contains a reference.
    pub(super) fn has_references(&self) -> bool {
        self.variables.iter().any(|variable| match &variable.value {
            Value::Text(_) => false,
            Value::Of(marked) => marked.listed().is_some(),
        })
    }

    /// The references of a variable, and where they stand.
    pub(super) fn asked<'a>(
        &'a self,
        variable: &'a Variable,
    ) -> impl Iterator<Item = Asked<'a>> + Clone {
        let (whole, parts) = match &variable.value {
            Value::Text(_) => (None, None),
            Value::Of(Marked::Whole(reference)) => (Some(reference), None),
            Value::Of(Marked::Parts(template)) => (None, Some(template)),
        };
        let spot = self.spot(variable);
        let parts = parts.into_iter().flat_map(Template::spots);
        let all = whole.map(|reference| (reference, spot)).into_iter();
        all.chain(parts)
            .map(|(reference, spot)| (reference, Some(spot)))
    }

    /// Where a variable stands, for errors.
    pub(super) fn spot(&self, variable: &Variable) -> Spot<'_> {
        Spot {
            source: &self.shown,
            line: variable.line,
        }
    }

    /// Where a variable stands, as what is overridden: `FILE:LINE`.
    pub(super) fn place(&self, variable: &Variable) -> String {
        format!("{}:{}", self.name, variable.line)
    }
}

fn variable(source: &str, pair: Pair) -> Result<Variable> {
    let line = pair.line;
    let marked = Marked::parse(pair.value.as_bytes(), source, |ends| pair.line_after(ends));
    let marked = marked.map_err(|reason| {
        let spot = Spot { source, line };
        let what = format!("{spot}: the value of `{}`", OneLine(&pair.name));
        reason.of(&what, "if it is plain text, `--set VAR=TEXT` sets it")
    })?;
    Ok(Variable {
        line,
        name: pair.name.into(),
        value: marked.map_or(Value::Text(pair.value), Value::Of),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_reference_is_named_with_its_line_and_no_value_is_shown() {
        let text = b"A=hunter2\n\nB=lazycred:hunter2@\nC=\" lazycred:hunter2\"\n\
            D='\nhunter2'\nE=lazycred:hunter2=x\nF=lazycred:x#/hunter2~2\nG=lazycred:#hunter2\n";
        let error = EnvFile::parse("my\n.env", text).unwrap_err();
        let Error::Several(errors) = error else {
            panic!("{error}");
        };
        let shown: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "`my\\n.env`: line 3: the value of `B`: the version after `@` is missing",
                "`my\\n.env`: line 4: the value of `C` is almost a reference: it must start with \
                 `lazycred:` in lower case, with nothing before it",
                "`my\\n.env`: line 7: the value of `E`: its reference must not name a variable",
                "`my\\n.env`: line 8: the value of `F`: in its JSON pointer, `~` must be followed by 0 or 1",
                "`my\\n.env`: line 9: the value of `G`: the name is missing",
            ]
        );
        let read = EnvFile::parse(".env", b"A=hunter2\n").unwrap();
        assert!(!format!("{read:?}").contains("hunter2"));
    }
}
