//! `--set VAR=TEMPLATE`, `--template VAR=FILE`, and the FILE of `render`.
//!
//! What was typed may be a secret in the wrong place, so no error repeats it, except
//! what could only be a variable's name.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::input::{self, Limit};
use crate::{Error, Result, Template, VarName};

/// Every `--set`, or the errors of all of them.
pub(super) fn sets(given: &[OsString]) -> Result<Vec<(VarName, Template)>> {
    Error::all(given.iter().map(|given| {
        let (variable, text) = split("--set", "TEMPLATE", given)?;
        let template = Template::parse(format!("--set {variable}"), text.as_bytes())?;
        Ok((variable, template))
    }))
}

/// Every `--template` with its file, or the errors of all of them.
pub(super) fn files(given: &[OsString], limit: usize) -> Result<Vec<(VarName, Template)>> {
    Error::all(given.iter().map(|given| {
        let (variable, path) = split("--template", "FILE", given)?;
        if path.is_empty() {
            return Err(expected("--template", "FILE"));
        }
        let path = Path::new(path);
        input::not_standard_input("--template", path)?;
        let template = file(
            path,
            limit,
            "`--set VAR=TEMPLATE` takes the template itself",
        )?;
        Ok((variable, template))
    }))
}

/// The template in a file; `-` is standard input. `instead` is for whoever typed a
/// template for a file.
pub(super) fn file(path: &Path, most: usize, instead: &str) -> Result<Template> {
    let limit = Limit {
        most,
        larger: Some("--max-size BYTES allows more"),
        instead,
    };
    let text = input::read(path, limit)?;
    Template::parse(input::name(path), text.as_bytes())
}

/// The variable and what follows the first `=`.
fn split<'a>(option: &str, what: &str, given: &'a OsStr) -> Result<(VarName, &'a OsStr)> {
    let bytes = given.as_bytes();
    let at = bytes.iter().position(|byte| *byte == b'=');
    let at = at.ok_or_else(|| expected(option, what))?;
    let name = str::from_utf8(&bytes[..at]).unwrap_or_default();
    let variable = name.parse().map_err(|error| {
        if is_nearly_a_name(name) {
            Error::usage(format!("{option}: {error}"))
        } else {
            expected(option, what)
        }
    })?;
    Ok((variable, OsStr::from_bytes(&bytes[at + 1..])))
}

/// Whether text is close enough to a variable's name to be shown.
fn is_nearly_a_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    !text.is_empty() && text.len() <= 64 && text.bytes().all(fits)
}

fn expected(option: &str, what: &str) -> Error {
    Error::usage_hint(
        format!("{option}: expected VAR={what}"),
        "VAR is the variable to set: letters, digits and `_`, not starting with a digit",
    )
}
