//! Arguments as Python gives them. No error here shows a value.

use std::time::Duration;

use lazycred::Secret;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::errors;

/// The longest time that a call may be given: a year.
const LONGEST: u64 = 366 * 86_400;

/// The largest secret, in bytes.
const LARGEST: u64 = 1 << 30;

/// The name of a value's type, for an error.
fn type_name(value: &Bound<'_, PyAny>) -> String {
    let name = value.get_type().name();
    name.map_or_else(|_| "another type".into(), |name| name.to_string())
}

fn wrong_type(name: &str, must: &str, value: &Bound<'_, PyAny>) -> PyErr {
    PyTypeError::new_err(format!("{name} must be {must}, not {}", type_name(value)))
}

/// The error for a keyword that a call does not know.
pub(crate) fn refused(call: &str, name: &str) -> PyErr {
    PyTypeError::new_err(format!("{call}() got an unexpected keyword argument '{name}'"))
}

/// Text that is not a secret.
pub(crate) fn text(name: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    let Ok(text) = value.cast::<PyString>() else {
        return Err(wrong_type(name, "str", value));
    };
    // Python's own error would hold the text.
    let bytes = text.encode_utf8().map_err(|_| {
        let message = format!("{name} is not Unicode: it has a lone surrogate");
        errors::usage(value.py(), message, None)
    })?;
    Ok(String::from_utf8_lossy(bytes.as_bytes()).into_owned())
}

/// One text, or a list or tuple of them.
pub(crate) fn texts(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    if value.is_instance_of::<PyString>() {
        return Ok(vec![text(name, value)?]);
    }
    if !value.is_instance_of::<PyList>() && !value.is_instance_of::<PyTuple>() {
        return Err(wrong_type(name, "str, or a list or tuple of str", value));
    }
    value.try_iter()?.map(|value| text(name, &value?)).collect()
}

/// True or False.
pub(crate) fn boolean(name: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let flag = value.cast::<PyBool>();
    flag.map(|flag| flag.is_true())
        .map_err(|_| wrong_type(name, "bool", value))
}

/// A whole number.
pub(crate) fn number(name: &str, value: &Bound<'_, PyAny>) -> PyResult<i64> {
    if !value.is_instance_of::<PyInt>() || value.is_instance_of::<PyBool>() {
        return Err(wrong_type(name, "int", value));
    }
    // Whatever is larger is as wrong as this.
    Ok(value.extract().unwrap_or(i64::MAX))
}

/// A positional argument that is text and not a secret.
pub(crate) struct Text(pub(crate) String);

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<'py> FromPyObject<'_, 'py> for Text {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        text("a name, field, version, prefix or reference", &value).map(Self)
    }
}

/// An argument whose absence is not None.
pub(crate) struct Given<'py>(pub(crate) Option<Bound<'py, PyAny>>);

impl<'a, 'py> FromPyObject<'a, 'py> for Given<'py> {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        Ok(Self(Some(value.to_owned())))
    }
}

/// A number of seconds.
pub(crate) struct Seconds(pub(crate) Duration);

impl Default for Seconds {
    fn default() -> Self {
        Self(Duration::from_secs(30))
    }
}

impl Seconds {
    pub(crate) fn of(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        let is_number = value.is_instance_of::<PyFloat>() || value.is_instance_of::<PyInt>();
        if !is_number || value.is_instance_of::<PyBool>() {
            return Err(wrong_type("timeout", "a number of seconds", value));
        }
        let seconds = value.extract::<f64>().ok();
        let seconds = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let fits = |seconds: &Duration| !seconds.is_zero() && seconds.as_secs() <= LONGEST;
        seconds.filter(fits).map(Self).ok_or_else(|| {
            let message = "`timeout` must be a number of seconds greater than 0, a year at most";
            errors::usage(value.py(), message, None)
        })
    }
}

/// A number of bytes.
pub(crate) struct Size(pub(crate) usize);

impl Default for Size {
    fn default() -> Self {
        Self(64 << 20)
    }
}

impl Size {
    pub(crate) fn of(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        if !value.is_instance_of::<PyInt>() || value.is_instance_of::<PyBool>() {
            return Err(wrong_type("max_size", "int", value));
        }
        let bytes = value.extract::<u64>().ok();
        let bytes = bytes.filter(|bytes| *bytes <= LARGEST);
        let bytes = bytes.and_then(|bytes| usize::try_from(bytes).ok());
        bytes.map(Self).ok_or_else(|| {
            let message = format!("`max_size` must be a number of bytes, {LARGEST} at most");
            errors::usage(value.py(), message, None)
        })
    }
}

/// The bytes of a secret: bytes as they are, text as UTF-8.
pub(crate) fn secret(what: &str, value: &Bound<'_, PyAny>) -> PyResult<Secret> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(Secret::from(bytes.as_bytes()));
    }
    let Ok(text) = value.cast::<PyString>() else {
        return Err(wrong_type(what, "bytes or str", value));
    };
    utf8(what, text)
}

/// The bytes of a text that is secret.
pub(crate) fn utf8(what: &str, text: &Bound<'_, PyString>) -> PyResult<Secret> {
    lazycred::wipe::begin();
    match text.encode_utf8() {
        Ok(bytes) => Ok(Secret::from(bytes.as_bytes())),
        // Python's own error would hold the text.
        Err(_) => Err(errors::usage(
            text.py(),
            format!("{what} is not Unicode: it has a lone surrogate"),
            Some("give bytes, as `text.encode(\"utf-8\", \"surrogatepass\")` makes them"),
        )),
    }
}
