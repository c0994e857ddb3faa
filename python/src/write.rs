//! The calls that write.

use lazycred::{FieldValue, Precondition, Secret, Written};
use pyo3::exceptions::{PyRecursionError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyType};

use crate::arguments::{
    Field, Flag, IfAbsent, IfVersion, Limit, Name, Text, Version, is_json, is_json_container,
    secret, utf8,
};
use crate::client::Client;
use crate::ending::Inside;
use crate::errors;

/// The new version; None where the store keeps none.
fn version(written: Written) -> Option<String> {
    Some(written.version).filter(|version| !version.is_empty())
}

fn limit<'a>(client: &Client, name: &'a Text<Name>) -> Limit<'a> {
    Limit {
        name: &name.0,
        bytes: client.max_size,
    }
}

pub(crate) fn put(
    client: &Client,
    py: Python<'_>,
    name: Text<Name>,
    data: &Bound<'_, PyAny>,
    (if_absent, if_version): (Flag<IfAbsent>, Option<Text<IfVersion>>),
) -> PyResult<Option<String>> {
    let limit = limit(client, &name);
    let instead = is_json_container(data).then_some("json.dumps makes text of it");
    let data = secret(("put: data", instead), data, &limit)?;
    let precondition = match (if_absent.0, if_version) {
        (true, Some(_)) => {
            let message = "`if_absent` and `if_version` contradict each other";
            return Err(errors::usage(py, message, None));
        }
        (true, None) => Precondition::Absent,
        (false, Some(version)) => Precondition::Version(version.0),
        (false, None) => Precondition::None,
    };
    let written = client.call(py, |live| async move {
        let name = name.0.as_str();
        live.client().put_if(name, data, &precondition).await
    })?;
    Ok(version(written))
}

pub(crate) fn set(
    client: &Client,
    py: Python<'_>,
    (name, field): (Text<Name>, Text<Field>),
    value: Option<Bound<'_, PyAny>>,
    json: Option<Bound<'_, PyAny>>,
) -> PyResult<Option<String>> {
    let limit = limit(client, &name);
    let value = match (value, json) {
        (Some(value), None) => {
            let instead = is_json(&value).then_some("`json=` stores any JSON value");
            FieldValue::Text(secret(("set: value", instead), &value, &limit)?)
        }
        (None, Some(json)) => FieldValue::Json(dumped(&json, &limit)?),
        _ => {
            let message = "set() takes exactly one of value and json";
            return Err(PyTypeError::new_err(message));
        }
    };
    let written = client.call(py, |live| async move {
        let (name, field) = (name.0.as_str(), field.0.as_str());
        live.client().set(name, field, value).await
    })?;
    Ok(version(written))
}

/// A value as JSON.
fn dumped(value: &Bound<'_, PyAny>, limit: &Limit<'_>) -> PyResult<Secret> {
    static DUMPS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = value.py();
    let _inside = Inside::new(py);
    let options = PyDict::new(py);
    options.set_item("allow_nan", false)?;
    options.set_item("ensure_ascii", false)?;
    let dumps = DUMPS.import(py, "json", "dumps")?;
    let dumped = dumps.call((value,), Some(&options));
    let text = dumped.map_err(|error| unfit(py, error))?;
    utf8("set: json", text.cast::<PyString>()?, limit)
}

/// The exception for what `json.dumps` raised. Python's own may hold anything.
fn unfit(py: Python<'_>, error: PyErr) -> PyErr {
    let is = |class: Bound<'_, PyType>| error.get_type(py).is(&class);
    if is(py.get_type::<PyTypeError>()) {
        PyTypeError::new_err(match foreign(py, &error) {
            Some((what, class)) => {
                format!("set: json holds a {what} of type {class}, which JSON does not have")
            }
            None => "set: json has a value or a field name that JSON cannot hold".into(),
        })
    } else if is(py.get_type::<PyValueError>()) {
        PyValueError::new_err("set: json has a number that JSON cannot hold, or contains itself")
    } else if is(py.get_type::<PyRecursionError>()) {
        PyValueError::new_err(
            "set: json is nested deeper than what is left of Python's recursion limit",
        )
    } else {
        // A signal's handler may raise it. Frames of Python's hold the value.
        error.set_traceback(py, None);
        error
    }
}

/// What JSON does not have, and its type, as `json.dumps` says it.
fn foreign(py: Python<'_>, error: &PyErr) -> Option<(&'static str, String)> {
    const KEYS: &str = "keys must be str, int, float, bool or None, not ";
    let said = error.value(py).getattr("args").ok()?.get_item(0).ok()?;
    let said = said.cast::<PyString>().ok()?.to_cow().ok()?;
    let value = said.strip_prefix("Object of type ");
    let value = value.and_then(|rest| rest.strip_suffix(" is not JSON serializable"));
    let (what, class) = match value {
        Some(class) => ("value", class),
        None => ("field name", said.strip_prefix(KEYS)?),
    };
    let is_word = |text: &str| text.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_word(class).then(|| (what, class.to_owned()))
}

pub(crate) fn unset(
    client: &Client,
    py: Python<'_>,
    name: Text<Name>,
    field: Text<Field>,
) -> PyResult<Option<String>> {
    let written = client.call(py, |live| async move {
        let (name, field) = (name.0.as_str(), field.0.as_str());
        live.client().unset(name, field).await
    })?;
    Ok(version(written))
}

pub(crate) fn rollback(
    client: &Client,
    py: Python<'_>,
    name: Text<Name>,
    to: Option<Text<Version>>,
) -> PyResult<Option<String>> {
    let written = client.call(py, |live| async move {
        let name = name.0.as_str();
        match to {
            Some(version) => live.client().rollback(name, &version.0, None).await,
            None => live.client().undo(name, None).await,
        }
    })?;
    Ok(version(written))
}

pub(crate) fn delete(
    client: &Client,
    py: Python<'_>,
    name: Text<Name>,
    if_version: Option<Text<IfVersion>>,
) -> PyResult<Option<String>> {
    let precondition = if_version.map_or(Precondition::None, |version| {
        Precondition::Version(version.0)
    });
    let removed = client.call(py, |live| async move {
        live.client()
            .delete_if(name.0.as_str(), &precondition)
            .await
    })?;
    Ok(removed.version)
}
