//! The calls that give variables.

use lazycred::launch::Plan;
use lazycred::{Arrays, Case, Error, Filter, Format, Null, Reference, Result, Rules, VarName};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::{Text, Texts};
use crate::client::Client;
use crate::errors;

/// How fields become variables, as `load` and `environ` take it.
pub(crate) struct Naming {
    pub(crate) prefix: Text,
    pub(crate) separator: Text,
    pub(crate) case: Text,
    pub(crate) arrays: Text,
    pub(crate) null: Text,
    pub(crate) format: Text,
    pub(crate) only: Texts,
    pub(crate) exclude: Texts,
    pub(crate) allow: Texts,
}

/// What one word of a list stands for.
fn choice<T: Copy>(argument: &str, given: &str, words: &[(&str, T)]) -> Result<T> {
    let chosen = words.iter().find(|(word, _)| *word == given);
    chosen.map(|(_, choice)| *choice).ok_or_else(|| {
        let words: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        Error::Usage {
            message: format!("`{argument}` must be one of {}", words.join(", ")),
            hint: None,
        }
    })
}

impl Naming {
    fn rules(&self) -> Result<Rules> {
        let case = [
            ("upper", Case::Upper),
            ("keep", Case::Keep),
            ("lower", Case::Lower),
        ];
        let arrays = [("json", Arrays::Json), ("index", Arrays::Index)];
        let null = [
            ("omit", Null::Omit),
            ("empty", Null::Empty),
            ("error", Null::Error),
        ];
        let format = [
            ("auto", Format::Auto),
            ("json", Format::Json),
            ("dotenv", Format::Dotenv),
            ("text", Format::Text),
        ];
        Ok(Rules {
            prefix: self.prefix.0.clone(),
            separator: self.separator.0.clone(),
            case: choice("case", &self.case.0, &case)?,
            arrays: choice("arrays", &self.arrays.0, &arrays)?,
            null: choice("null", &self.null.0, &null)?,
            format: choice("format", &self.format.0, &format)?,
            filter: Filter::new(&self.only.0, &self.exclude.0)?,
        })
    }

    /// Sets references and rules of a plan.
    fn plan(&self, mut plan: Plan, references: &[Text]) -> Result<Plan> {
        let references = references.iter().map(|reference| reference.0.parse());
        plan.listed = references.collect::<Result<Vec<Reference>>>()?;
        plan.rules = self.rules()?;
        let allow = self.allow.0.iter();
        let allow = allow.map(|name| name.parse::<VarName>().map_err(Error::from));
        plan.allow = allow.collect::<Result<_>>()?;
        if plan.listed.is_empty() {
            return Err(Error::Usage {
                message: "no secret given".to_owned(),
                hint: Some("name one, as in `client.load(\"db\")`".to_owned()),
            });
        }
        plan.check()?;
        Ok(plan)
    }
}

pub(crate) fn load<'py>(
    client: &Client,
    py: Python<'py>,
    references: &[Text],
    naming: &Naming,
) -> PyResult<Bound<'py, PyDict>> {
    let plan = naming.plan(Plan::new([]), references);
    let plan = plan.map_err(|error| errors::raised(py, &error))?;
    let variables = client.call(py, |live| async move { plan.variables(live.client()).await })?;
    let dict = PyDict::new(py);
    for variable in &variables {
        if let Some(value) = &variable.value {
            use std::ffi::OsStr;
            use std::os::unix::ffi::OsStrExt;
            dict.set_item(variable.name.as_str(), OsStr::from_bytes(value.as_bytes()))?;
        }
    }
    Ok(dict)
}
