//! What the variables of a plan get, from the secrets that were fetched.

use std::ffi::{OsStr, OsString};

use super::Plan;
use crate::base::{Error, FieldPath, OneLine, Result, Secret, Target, VarName};
use crate::client::load::{Asked, Fetched};
use crate::launch::env_file::{EnvFile, Value, Variable};
use crate::launch::environ::{Chosen, Given};
use crate::launch::from_env::Marked;
use crate::launch::memfd::sealed_file;
use crate::plaintext::template::Template;

impl Plan {
    /// All references, in ascending rank, and where in templates they stand.
    pub(super) fn asked(&self) -> impl Iterator<Item = Asked<'_>> + Clone {
        let marked = self.marked.iter().map(|(_, reference)| reference);
        let files = self.files.iter().map(|(_, reference)| reference);
        let composed = self.composed.iter().map(|(_, template)| template);
        let sets = self.sets.iter().map(|(_, template)| template);
        let templates = self.templates.iter().map(|(_, template)| template);
        let listed = self.listed.iter().map(|reference| (reference, None));
        let marked = marked.map(|reference| (reference, None));
        let files = files.map(|reference| (reference, None));
        let lines = self.lines().filter(|(.., is_overridden)| !is_overridden);
        let lines = lines.flat_map(|(file, variable, _)| file.asked(variable));
        lines
            .chain(listed)
            .chain(marked)
            .chain(composed.chain(sets).flat_map(spots))
            .chain(files)
            .chain(templates.flat_map(spots))
    }

    /// The variables of all files, and whether another source is sure to override each,
    /// so that nothing need be fetched for it.
    fn lines(&self) -> impl Iterator<Item = (&EnvFile, &Variable, bool)> + Clone {
        let by_name = |name: &VarName, variable: &Variable| variable.name == name.as_str();
        let is_set = move |variable: &Variable| {
            let sets = self.sets.iter().map(|(name, _)| name);
            let files = self.files.iter().map(|(name, _)| name);
            let templates = self.templates.iter().map(|(name, _)| name);
            let listed = self
                .listed
                .iter()
                .filter_map(|reference| match &reference.target {
                    Target::Named(name) if !self.inherit.no_override => Some(name),
                    _ => None,
                });
            let mut names = sets.chain(files).chain(templates).chain(listed);
            names.any(|name| by_name(name, variable))
        };
        self.env_files
            .iter()
            .enumerate()
            .flat_map(move |(at, file)| {
                file.variables.iter().map(move |variable| {
                    let mut later = self.env_files[at + 1..].iter();
                    let is_again = later.any(|later| later.sets(&variable.name));
                    (file, variable, is_again || is_set(variable))
                })
            })
    }

    /// What a line of a file gives its variable.
    fn of_line(
        &self,
        (file, variable, is_overridden): (&EnvFile, &Variable, bool),
        fetched: &Fetched<'_>,
    ) -> Result<Given> {
        let spot = file.spot(variable);
        let (value, reference, path) = match &variable.value {
            Value::Text(text) => (Some(text.clone()), None, String::new()),
            // Only its name is needed, for what overrides it.
            Value::Of(marked) if is_overridden => (None, marked.listed(), String::new()),
            Value::Of(Marked::Whole(reference)) => {
                let (value, path) = fetched
                    .value(reference, &self.rules)
                    .map_err(|error| spot.of(error))?;
                (value, Some(reference.as_str().to_owned()), path)
            }
            Value::Of(Marked::Parts(template)) => {
                let value = self.rendered(&variable.name, template, fetched)?;
                (Some(value), template.listed(), String::new())
            }
        };
        Ok(Given {
            name: variable.name.clone(),
            bytes: value.as_ref().map(Secret::len),
            value,
            reference,
            line: Some(file.place(variable)),
            path,
            chosen: Chosen::InFile,
            file: None,
        })
    }

    /// The text of a template for a variable.
    fn rendered(&self, name: &OsStr, template: &Template, fetched: &Fetched<'_>) -> Result<Secret> {
        let value = fetched.rendered(template, &self.rules)?;
        if value.as_bytes().contains(&0) {
            return Err(with_nul(name));
        }
        Ok(value)
    }

    /// The variables of files and secrets, in ascending rank; reports every failure.
    pub(super) fn given(&self, fetched: &Fetched<'_>) -> Result<Vec<Vec<Given>>> {
        let listed = fetched.variables(&self.listed, &self.rules);
        let listed = listed.map(|vars| vars.into_iter().map(Given::from).collect());
        let marked = self.marked.iter().map(|(name, reference)| {
            let (value, path) = fetched.value(reference, &self.rules)?;
            Ok(Given {
                name: name.clone(),
                bytes: value.as_ref().map(Secret::len),
                value,
                reference: Some(reference.as_str().to_owned()),
                path,
                line: None,
                chosen: Chosen::ByUser,
                file: None,
            })
        });
        let rendered = |name: OsString, template: &Template| {
            let value = self.rendered(&name, template, fetched)?;
            Ok(Given {
                name,
                bytes: Some(value.len()),
                value: Some(value),
                reference: template.listed(),
                path: String::new(),
                line: None,
                chosen: Chosen::ByUser,
                file: None,
            })
        };
        let composed = self.composed.iter();
        let composed = composed.map(|(name, template)| rendered(name.clone(), template));
        let sets = self.sets.iter();
        let sets = sets.map(|(name, template)| rendered(name.as_str().into(), template));
        let files = self.files.iter().map(|(variable, reference)| {
            let bytes = fetched.file(reference, &self.rules)?;
            let path = reference.field.as_ref().map(FieldPath::pointer);
            let given = in_file(
                variable,
                bytes.as_ref(),
                Some(reference.as_str().to_owned()),
            )?;
            Ok(Given {
                path: path.unwrap_or_default(),
                ..given
            })
        });
        let templates = self.templates.iter().map(|(variable, template)| {
            let bytes = fetched.rendered(template, &self.rules)?;
            in_file(variable, Some(&bytes), template.listed())
        });
        let lines = self.lines().map(|line| self.of_line(line, fetched));
        Error::all([
            Error::all(lines),
            listed,
            Error::all(marked),
            Error::all(composed),
            Error::all(sets),
            Error::all(files),
            Error::all(templates),
        ])
    }
}

/// A variable with the path of a sealed file; none for no bytes.
fn in_file(variable: &VarName, bytes: Option<&Secret>, reference: Option<String>) -> Result<Given> {
    let file = bytes.map(|bytes| sealed_file(variable, bytes));
    let (file, path_of_file) = file.transpose()?.unzip();
    Ok(Given {
        name: variable.as_str().into(),
        value: path_of_file.map(Secret::from),
        file,
        bytes: bytes.map(Secret::len),
        reference,
        path: String::new(),
        line: None,
        chosen: Chosen::ForFile,
    })
}

fn spots(template: &Template) -> impl Iterator<Item = Asked<'_>> + Clone {
    let spots = template.spots();
    spots.map(|(reference, spot)| (reference, Some(spot)))
}

fn with_nul(name: &OsStr) -> Error {
    Error::Environment {
        message: format!(
            "the text for `{}` contains a NUL, which no variable can hold",
            OneLine(name.to_string_lossy())
        ),
        hint: Some("`--template VAR=FILE` passes such a text as a file".into()),
    }
}
