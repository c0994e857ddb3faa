//! The calls that read.

use lazycred::json;
use lazycred::{Error, ReadOptions, Secret, Version, rfc3339};
use pyo3::exceptions::{PyRecursionError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyString, PyType};

use crate::arguments::{self, Field, Name, Prefix, Text};
use crate::client::Client;
use crate::ending::Inside;
use crate::errors;
use crate::live::Live;

/// What is read: a name, perhaps a field, perhaps a version.
struct Asked {
    name: String,
    field: Option<String>,
    options: ReadOptions,
}

impl Asked {
    fn new(
        name: Text<Name>,
        field: Option<Text<Field>>,
        version: Option<Text<arguments::Version>>,
    ) -> Self {
        let mut options = ReadOptions::default();
        options.version = version.map(|version| version.0);
        Self {
            name: name.0,
            field: field.map(|field| field.0),
            options,
        }
    }

    async fn read(&self, live: &Live) -> lazycred::Result<Secret> {
        let (client, name) = (live.client(), self.name.as_str());
        match self.field.as_deref() {
            Some(field) => client.get_field(name, field, &self.options).await,
            None => client.get_with(name, &self.options).await,
        }
    }

    /// The error for a secret that is not what was asked for.
    fn shape(&self, live: &Live, message: impl Into<String>) -> Error {
        match live.client().place(self.name.as_str()) {
            Ok(place) => Error::Shape {
                place,
                message: message.into(),
                hint: None,
            },
            Err(error) => error,
        }
    }
}

pub(crate) fn bytes<'py>(
    client: &Client,
    py: Python<'py>,
    name: Text<Name>,
    field: Option<Text<Field>>,
    version: Option<Text<arguments::Version>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let asked = Asked::new(name, field, version);
    let secret = client.call(py, |live| async move { asked.read(&live).await })?;
    Ok(PyBytes::new(py, secret.as_bytes()))
}

pub(crate) fn text<'py>(
    client: &Client,
    py: Python<'py>,
    name: Text<Name>,
    field: Option<Text<Field>>,
    version: Option<Text<arguments::Version>>,
) -> PyResult<Bound<'py, PyString>> {
    let asked = Asked::new(name, field, version);
    let secret = client.call(py, |live| async move {
        let secret = asked.read(&live).await?;
        match str::from_utf8(secret.as_bytes()) {
            Ok(_) => Ok(secret),
            Err(_) => Err(asked.shape(&live, "it is not UTF-8, so it is not text")),
        }
    })?;
    in_python(py, secret.as_bytes())
}

pub(crate) fn json<'py>(
    client: &Client,
    py: Python<'py>,
    name: Text<Name>,
    version: Option<Text<arguments::Version>>,
) -> PyResult<Bound<'py, PyAny>> {
    static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let asked = Asked::new(name, None, version);
    let (secret, unfit) = client.call(py, |live| async move {
        let secret = asked.read(&live).await?;
        // The whole document, where a field twice in one object is an error too.
        json::members(secret.as_bytes()).map_err(|error| asked.shape(&live, error.to_string()))?;
        // Python limits how many digits a number may have.
        let unfit = asked.shape(&live, "Python cannot hold one of its numbers");
        Ok((secret, unfit))
    })?;
    let _inside = Inside::new(py);
    let text = secret.as_bytes();
    // Python refuses a byte order mark.
    let text = in_python(py, text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text))?;
    let loads = LOADS.import(py, "json", "loads")?;
    loads.call1((text,)).map_err(|error| {
        // Python's own error may hold the text, and so do the frames of its traceback. A
        // signal's handler may raise others, of its own classes.
        let class = error.get_type(py);
        if class.is(py.get_type::<PyValueError>()) || is_decode_error(&class) {
            errors::raised(py, &unfit)
        } else if class.is(py.get_type::<PyRecursionError>()) {
            PyRecursionError::new_err("get_json: Python's recursion limit is too near")
        } else {
            error.set_traceback(py, None);
            error
        }
    })
}

/// Whether it is what `json.loads` raises for text that is no JSON.
fn is_decode_error(class: &Bound<'_, PyType>) -> bool {
    let decode_error = class.py().import("json");
    let decode_error = decode_error.and_then(|json| json.getattr("JSONDecodeError"));
    decode_error.is_ok_and(|decode_error| class.is(&decode_error))
}

/// Text that was checked to be UTF-8.
fn in_python<'py>(py: Python<'py>, text: &[u8]) -> PyResult<Bound<'py, PyString>> {
    PyString::from_bytes(py, text)
}

pub(crate) fn list(client: &Client, py: Python<'_>, prefix: Text<Prefix>) -> PyResult<Vec<String>> {
    client.call(py, |live| async move {
        let mut names = Vec::new();
        let mut list = live.client().list(&prefix.0);
        while let Some(page) = list.page().await? {
            names.extend(page.into_iter().map(|entry| entry.name.as_str().to_owned()));
        }
        Ok(names)
    })
}

pub(crate) fn history<'py>(
    client: &Client,
    py: Python<'py>,
    name: Text<Name>,
) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let versions = client.call(py, |live| async move {
        live.client().history(name.0.as_str()).await
    })?;
    versions.iter().map(|version| dict(py, version)).collect()
}

fn dict<'py>(py: Python<'py>, version: &Version) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("version", &version.version)?;
    dict.set_item("modified", rfc3339(version.modified))?;
    dict.set_item("size", version.size)?;
    dict.set_item("deleted", version.deleted)?;
    dict.set_item("current", version.current)?;
    Ok(dict)
}
