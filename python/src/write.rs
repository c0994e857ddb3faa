//! The calls that write.

use lazycred::{FieldValue, Precondition, Secret, Written};
use pyo3::exceptions::{PyException, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString};

use crate::arguments::{Field, Flag, IfAbsent, IfVersion, Name, Text, Version, secret, utf8};
use crate::client::Client;
use crate::ending::Inside;
use crate::errors;

/// The new version; None where the store keeps none.
fn version(written: Written) -> Option<String> {
    Some(written.version).filter(|version| !version.is_empty())
}

pub(crate) fn put(
    client: &Client,
    py: Python<'_>,
    name: Text<Name>,
    data: &Bound<'_, PyAny>,
    (if_absent, if_version): (Flag<IfAbsent>, Option<Text<IfVersion>>),
) -> PyResult<Option<String>> {
    let data = secret("put: data", data)?;
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
    let value = match (value, json) {
        (Some(value), None) => FieldValue::Text(secret("set: value", &value)?),
        (None, Some(json)) => FieldValue::Json(dumped(&json)?),
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
fn dumped(value: &Bound<'_, PyAny>) -> PyResult<Secret> {
    static DUMPS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = value.py();
    let _inside = Inside::new(py);
    let options = PyDict::new(py);
    options.set_item("allow_nan", false)?;
    options.set_item("ensure_ascii", false)?;
    let dumps = DUMPS.import(py, "json", "dumps")?;
    let text = dumps.call((value,), Some(&options)).map_err(|error| {
        // Python's own errors may come from the value's classes, and hold anything.
        if error.is_instance_of::<PyTypeError>(py) {
            PyTypeError::new_err("set: json has a value or a field name that JSON cannot hold")
        } else if error.is_instance_of::<PyValueError>(py) {
            PyValueError::new_err(
                "set: json has a number that JSON cannot hold, or contains itself",
            )
        } else if error.is_instance_of::<PyException>(py) {
            PyValueError::new_err("set: json cannot be written as JSON")
        } else {
            error
        }
    })?;
    utf8("set: json", text.cast::<PyString>()?)
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
