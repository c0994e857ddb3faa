//! What the variables of a plan get, from the secrets that were fetched.

use std::ffi::{OsStr, OsString};

use super::Plan;
use crate::base::{Error, FieldPath, OneLine, Result, Secret, VarName};
use crate::client::load::{Asked, Fetched, all};
use crate::launch::environ::{Chosen, Given};
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
        listed
            .chain(marked)
            .chain(composed.chain(sets).flat_map(spots))
            .chain(files)
            .chain(templates.flat_map(spots))
    }

    /// The variables of secrets, in ascending rank; reports every failure.
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
                chosen: Chosen::ByUser,
                file: None,
            })
        });
        let rendered = |name: OsString, template: &Template| {
            let value = fetched.rendered(template, &self.rules)?;
            if value.as_bytes().contains(&0) {
                return Err(with_nul(&name));
            }
            Ok(Given {
                name,
                bytes: Some(value.len()),
                value: Some(value),
                reference: template.listed(),
                path: String::new(),
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
        all([
            listed,
            all(marked),
            all(composed),
            all(sets),
            all(files),
            all(templates),
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
