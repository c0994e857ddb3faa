//! The calls that give variables.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use lazycred::launch::Plan;
use lazycred::text::OneLine;
use lazycred::{Error, Filter, Reference, Result, Rules, VarName};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::{self, References, Text, refused};
use crate::client::Client;
use crate::ending::Inside;
use crate::errors;
use crate::unicode::decoded;

/// How fields become variables, as the keywords of `load` and `environ` say it.
#[derive(Default)]
struct Wanted {
    rules: Rules,
    only: Vec<String>,
    exclude: Vec<String>,
    allow: Vec<String>,
    no_override: bool,
}

impl Wanted {
    fn of(py: Python<'_>, call: &str, given: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut wanted = Self::default();
        for (name, value) in given.into_iter().flat_map(PyDictMethods::iter) {
            wanted.take(py, call, &name.extract::<String>()?, &value)?;
        }
        Ok(wanted)
    }

    fn take(
        &mut self,
        py: Python<'_>,
        call: &str,
        name: &str,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let rules = &mut self.rules;
        let word = || arguments::text(name, value);
        match name {
            "prefix" => rules.prefix = word()?,
            "separator" => rules.separator = word()?,
            "case" => rules.case = parsed(py, &word()?)?,
            "arrays" => rules.arrays = parsed(py, &word()?)?,
            "null" => rules.null = parsed(py, &word()?)?,
            "format" => rules.format = parsed(py, &word()?)?,
            "only" => self.only = arguments::texts(name, value)?,
            "exclude" => self.exclude = arguments::texts(name, value)?,
            "allow" => self.allow = arguments::texts(name, value)?,
            "no_override" if call == "environ" => {
                self.no_override = arguments::boolean(name, value)?;
            }
            _ => return Err(refused(call, name)),
        }
        Ok(())
    }

    /// The plan for references, in an environment.
    fn plan(
        self,
        call: &str,
        references: &[Text<References>],
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Plan> {
        let mut plan = Plan::new(environment);
        let references = references
            .iter()
            .map(|reference| parsed_reference(&reference.0));
        plan.listed = references.collect::<Result<Vec<Reference>>>()?;
        let allow = self.allow.iter();
        let allow = allow.map(|name| {
            let wrong = |error| Error::usage(format!("`allow`: {error}"));
            name.parse::<VarName>().map_err(wrong)
        });
        plan.allow = allow.collect::<Result<_>>()?;
        plan.rules = Rules {
            filter: Filter::new(&self.only, &self.exclude)?,
            ..self.rules
        };
        plan.inherit.no_override = self.no_override;
        if plan.listed.is_empty() {
            let hint = format!("name one, as in `client.{call}(\"db\")`");
            return Err(Error::usage_hint("no secret given", hint));
        }
        plan.check()?;
        Ok(plan)
    }
}

/// A reference. What follows a `=` may be a secret that was meant for something else.
fn parsed_reference(text: &str) -> Result<Reference> {
    text.parse()
        .map_err(|error| match (error, text.split_once('=')) {
            (Error::Usage { message, hint }, Some((variable, _))) => {
                let (shown, hidden) = (OneLine(text), OneLine(variable));
                let message = message.replace(&shown.to_string(), &format!("{hidden}=…"));
                Error::Usage { message, hint }
            }
            (error, _) => error,
        })
}

fn parsed<T: std::str::FromStr<Err = Error>>(py: Python<'_>, word: &str) -> PyResult<T> {
    word.parse().map_err(|error| errors::raised(py, &error))
}

pub(crate) fn load<'py>(
    client: &Client,
    py: Python<'py>,
    references: &[Text<References>],
    rules: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    let wanted = Wanted::of(py, "load", rules)?;
    let plan = wanted.plan("load", references, []);
    let plan = plan.map_err(|error| errors::raised(py, &error))?;
    let variables = client.call(
        py,
        |live| async move { plan.variables(live.client()).await },
    )?;
    let dict = PyDict::new(py);
    for variable in &variables {
        if let Some(value) = &variable.value {
            let name = decoded(py, variable.name.as_str().as_bytes())?;
            dict.set_item(name, decoded(py, value.as_bytes())?)?;
        }
    }
    Ok(dict)
}

/// What `os.environ` holds. The process itself may have more, which its libraries set.
fn inherited(py: Python<'_>) -> PyResult<Vec<(OsString, OsString)>> {
    let _inside = Inside::new(py);
    let environ = py.import("os")?.getattr("environ")?;
    let copy = environ.call_method0("copy")?;
    let copy = copy.cast::<PyDict>()?;
    copy.iter()
        .map(|(name, value)| Ok((name.extract()?, value.extract()?)))
        .collect()
}

pub(crate) fn environ<'py>(
    client: &Client,
    py: Python<'py>,
    references: &[Text<References>],
    rules: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    let wanted = Wanted::of(py, "environ", rules)?;
    let plan = wanted.plan("environ", references, inherited(py)?);
    let plan = plan.map_err(|error| errors::raised(py, &error))?;
    let environ = client.call(py, |live| async move {
        let environ = plan.environ(live.client()).await?;
        environ.check()?;
        Ok(environ)
    })?;
    let dict = PyDict::new(py);
    for (name, value) in environ.variables() {
        dict.set_item(decoded(py, name.as_bytes())?, decoded(py, value)?)?;
    }
    Ok(dict)
}
