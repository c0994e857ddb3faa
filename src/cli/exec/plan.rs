//! What one start is made of: references from everywhere, by what their
//! variables override.

use std::ffi::{OsStr, OsString};

use super::super::args::ExecArgs;
use super::super::wrapper::{SECRETS, words};
use super::from_env::{FromEnv, Meaning};
use crate::environ::{Environ, Origin};
use crate::error::several;
use crate::error::{Error, Result};
use crate::inherit::Inherit;
use crate::load::Fetched;
use crate::name::{OneLine, VarName};
use crate::reference::{FieldPath, Reference, Target};
use crate::rules::Rules;
use crate::sealed::sealed_file;
use crate::secret::Secret;

/// How many names a warning has.
const NAMED: usize = 5;

/// The references of one start.
pub(super) struct Plan {
    /// Of `LAZYCRED_SECRETS`, then of the command line.
    listed: Vec<Reference>,
    /// Inherited variables that are replaced.
    marked: Vec<(OsString, Reference)>,
    files: Vec<(VarName, Reference)>,
    /// Inherited variables that look like references, and are text.
    texts: Vec<OsString>,
}

impl Plan {
    pub(super) fn new(
        args: &ExecArgs,
        inherited: &[(OsString, OsString)],
        inherit: &Inherit,
        from_env: &FromEnv,
    ) -> Result<Self> {
        let mut plan = Self {
            listed: Vec::new(),
            marked: Vec::new(),
            files: args.file.iter().map(file).collect::<Result<_>>()?,
            texts: Vec::new(),
        };
        for (name, value) in inherited {
            if name == SECRETS {
                let words = words(SECRETS, value)?;
                let references = words.iter().map(|word| word.parse());
                plan.listed.extend(references.collect::<Result<Vec<_>>>()?);
            }
            if inherit.instructions.iter().any(|it| name == *it) {
                continue;
            }
            match from_env.read(name, value)? {
                Meaning::Reference(reference) => plan.marked.push((name.clone(), *reference)),
                Meaning::Text { marked: true } if inherit.takes(name) => {
                    plan.texts.push(name.clone());
                }
                Meaning::Text { .. } => {}
            }
        }
        plan.listed.extend(args.references.iter().cloned());
        if plan.references().next().is_none() {
            return Err(plan.nothing());
        }
        Ok(plan)
    }

    fn nothing(&self) -> Error {
        let hint = match self.texts.first() {
            Some(name) => format!(
                "`--from-env {}` uses the reference in that variable",
                name.display()
            ),
            None => {
                "name one, as in `lazycred exec db_credentials -- ./server`, or in LAZYCRED_SECRETS"
                    .into()
            }
        };
        Error::usage_hint("no secret is named", hint)
    }

    pub(super) fn references(&self) -> impl Iterator<Item = &Reference> {
        let marked = self.marked.iter().map(|(_, reference)| reference);
        let files = self.files.iter().map(|(_, reference)| reference);
        self.listed.iter().chain(marked).chain(files)
    }

    /// Sets the variables, the lowest rank first; every failure is told.
    pub(super) fn merge(
        &self,
        fetched: &Fetched<'_>,
        rules: &Rules,
        environ: &mut Environ,
    ) -> Result<()> {
        let mut errors = Vec::new();
        match fetched.variables(&self.listed, rules) {
            Ok(vars) => {
                for var in vars {
                    let shown = var.value.as_ref().map(Secret::len);
                    let origin = origin(&var.reference, &var.path, var.named);
                    environ.set(OsStr::new(var.name.as_str()), var.value, shown, origin);
                }
            }
            Err(error) => errors.push(error),
        }
        for (name, reference) in &self.marked {
            match fetched.named(reference, rules) {
                Ok(vars) => {
                    for var in vars {
                        let shown = var.value.as_ref().map(Secret::len);
                        let origin = Origin {
                            holds: true,
                            ..origin(reference.as_str(), &var.path, true)
                        };
                        environ.set(name, var.value, shown, origin);
                    }
                }
                Err(error) => errors.push(error),
            }
        }
        for (variable, reference) in &self.files {
            match file_of(variable, reference, fetched, rules) {
                Ok((value, shown)) => {
                    let field = reference.field.as_ref();
                    let path = field.map(FieldPath::pointer).unwrap_or_default();
                    let origin = Origin {
                        holds: true,
                        file: true,
                        ..origin(reference.as_str(), &path, true)
                    };
                    environ.set(OsStr::new(variable.as_str()), value, shown, origin);
                }
                Err(error) => errors.push(error),
            }
        }
        several(errors)
    }

    /// Says which variables the command gets as text although they look like
    /// references: by name, since their values may be anybody's.
    pub(super) fn warn_of_text(&self, environ: &Environ) {
        let passed = self.texts.iter().filter(|name| !environ.changed(name));
        let names: Vec<_> = passed.map(|name| name.to_string_lossy()).collect();
        let Some(first) = names.first() else { return };
        let shown = names.iter().take(NAMED);
        let shown: Vec<_> = shown.map(|name| format!("`{}`", OneLine(name))).collect();
        let more = match names.len() - shown.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let (values, are) = match names.len() {
            1 => ("value of", "starts with `lazycred:` but is"),
            _ => ("values of", "start with `lazycred:` but are"),
        };
        tracing::warn!(
            "the {values} {}{more} {are} passed as plain text; `--from-env {}` resolves the reference",
            shown.join(", "),
            OneLine(first)
        );
    }
}

/// What the variable of a file holds, and how long the file is.
fn file_of(
    variable: &VarName,
    reference: &Reference,
    fetched: &Fetched<'_>,
    rules: &Rules,
) -> Result<(Option<Secret>, Option<usize>)> {
    let Some(bytes) = fetched.file(reference, rules)? else {
        return Ok((None, None));
    };
    let path = sealed_file(variable, &bytes)?;
    Ok((Some(Secret::from(path)), Some(bytes.len())))
}

fn origin(reference: &str, path: &str, named: bool) -> Origin {
    Origin {
        reference: reference.to_owned(),
        path: path.to_owned(),
        named,
        holds: false,
        file: false,
    }
}

fn file(reference: &Reference) -> Result<(VarName, Reference)> {
    match &reference.target {
        Target::Named(variable) => Ok((variable.clone(), reference.clone())),
        _ => Err(Error::usage(format!(
            "--file `{reference}`: it is VAR=REFERENCE"
        ))),
    }
}
