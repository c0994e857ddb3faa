//! Files of variables that the user passes: plain values, and references.
//!
//! Reads no file: the caller passes the text. Errors name the file, the line and the
//! rule, and contain no byte of a value.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};

use crate::base::{Error, OneLine, Reference, Result, Secret, Target};
use crate::client::load::{Fetched, all};
use crate::launch::environ::{Chosen, Given, Source};
use crate::launch::from_env::{MARK, is_near};
use crate::launch::require::pairs;
use crate::plaintext::dotenv::Pair;
use crate::plaintext::rules::Rules;

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
    names: HashSet<OsString>,
    variables: Vec<Variable>,
}

/// A variable of a file.
#[derive(Debug, Clone)]
struct Variable {
    line: usize,
    name: OsString,
    value: Value,
}

/// What a line gives its variable.
#[derive(Debug, Clone)]
enum Value {
    Text(Secret),
    Of(Reference),
}

impl EnvFile {
    /// Parses lines of `NAME=VALUE`, as [`dotenv`](crate::dotenv) reads them.
    ///
    /// **Shape**: `name` is what errors call the file. A value is plain text, or
    /// `lazycred:REFERENCE`.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for the first line that is not in dotenv format, or else
    /// [`Error::Several`] for all values that look like references but are not valid.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::launch::EnvFile;
    /// let error = EnvFile::parse(".env", b"A=1\nB='lazycred:'\n").unwrap_err();
    /// assert_eq!(error.to_string(), "`.env`: line 2: the value of `B`: the name is missing");
    /// ```
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self> {
        let pairs = pairs(name, bytes)?;
        let variables = all(pairs.into_iter().map(|pair| variable(name, pair)))?;
        let names = variables.iter().map(|variable| variable.name.clone());
        Ok(Self {
            name: name.to_owned(),
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

    /// What it gives the command.
    pub(super) fn given<'a>(
        &'a self,
        fetched: &'a Fetched<'_>,
        rules: &'a Rules,
    ) -> impl Iterator<Item = Result<Given>> + 'a {
        self.variables.iter().map(move |variable| {
            let (value, source, path) = match &variable.value {
                Value::Text(text) => {
                    let line = format!("{}:{}", self.name, variable.line);
                    (Some(text.clone()), Source::Line(line), String::new())
                }
                Value::Of(reference) => {
                    let (value, path) = fetched.value(reference, rules)?;
                    let typed = reference.as_str().to_owned();
                    (value, Source::Reference(typed), path)
                }
            };
            Ok(Given {
                name: variable.name.clone(),
                bytes: value.as_ref().map(Secret::len),
                value,
                source,
                path,
                chosen: Chosen::InFile,
                file: None,
            })
        })
    }

    /// The references in its values.
    pub(super) fn references(&self) -> impl Iterator<Item = &Reference> {
        self.variables
            .iter()
            .filter_map(|variable| match &variable.value {
                Value::Text(_) => None,
                Value::Of(reference) => Some(reference),
            })
    }
}

fn variable(file: &str, pair: Pair) -> Result<Variable> {
    let wrong = |what: &str, hint: String| {
        let (file, name) = (OneLine(file), OneLine(&pair.name));
        let message = format!("`{file}`: line {}: the value of `{name}`{what}", pair.line);
        Error::usage_hint(message, hint)
    };
    let text = std::str::from_utf8(pair.value.as_bytes()).expect("part of a UTF-8 text");
    let value = match text.strip_prefix(MARK) {
        Some(rest) => Value::Of(reference(rest).map_err(|what| {
            let hint = "a reference is lazycred:NAME[@VERSION][#FIELD]";
            wrong(&format!(": {what}"), hint.to_owned())
        })?),
        None if is_near(text.as_ref()) => {
            let what = format!(
                " is almost a reference: it must start with `{MARK}` in lower case, with nothing before it"
            );
            let hint = "if it is plain text, set the variable in the environment instead";
            return Err(wrong(&what, hint.to_owned()));
        }
        None => Value::Text(pair.value),
    };
    Ok(Variable {
        line: pair.line,
        name: pair.name.into(),
        value,
    })
}

/// Parses what follows the mark, or says what is wrong without repeating it.
fn reference(text: &str) -> Result<Reference, String> {
    let parsed = text.parse::<Reference>().map_err(|error| {
        let message = error.to_string();
        let rule = message.strip_prefix(&format!("`{}`: ", OneLine(text)));
        let rule = rule.unwrap_or("in its JSON pointer, `~` must be followed by 0 or 1");
        rule.to_owned()
    })?;
    match parsed.target {
        Target::Fields => Ok(parsed),
        _ => Err("its reference must not name a variable".to_owned()),
    }
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
