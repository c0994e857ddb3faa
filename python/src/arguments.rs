//! Arguments as Python gives them. No error here shows a value.

use std::time::Duration;

use lazycred::Secret;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyFloat, PyInt, PyList, PyString, PyTuple};

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

fn wrong_type(must: &str, value: &Bound<'_, PyAny>) -> PyErr {
    PyTypeError::new_err(format!("must be {must}, not {}", type_name(value)))
}

/// Text that is not a secret.
pub(crate) struct Text(pub(crate) String);

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<'py> FromPyObject<'_, 'py> for Text {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let text = value.cast::<PyString>();
        let text = text.map_err(|_| wrong_type("str", &value))?;
        // Python's own error would hold the text.
        let text = text.to_cow().map_err(|_| {
            errors::usage(value.py(), "text with a lone surrogate is not Unicode", None)
        })?;
        Ok(Self(text.into_owned()))
    }
}

/// One text, or a list or tuple of them.
#[derive(Default)]
pub(crate) struct Texts(pub(crate) Vec<String>);

impl<'py> FromPyObject<'_, 'py> for Texts {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if value.is_instance_of::<PyString>() {
            return Ok(Self(vec![value.extract::<Text>()?.0]));
        }
        if !value.is_instance_of::<PyList>() && !value.is_instance_of::<PyTuple>() {
            return Err(wrong_type("str, or a list or tuple of str", &value));
        }
        let texts = value.try_iter()?.map(|text| Ok(text?.extract::<Text>()?.0));
        texts.collect::<PyResult<_>>().map(Self)
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

impl<'py> FromPyObject<'_, 'py> for Seconds {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if !value.is_instance_of::<PyFloat>() && !value.is_instance_of::<PyInt>() {
            return Err(wrong_type("a number of seconds", &value));
        }
        let seconds = value.extract::<f64>().ok();
        let seconds = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let fits = |seconds: &Duration| !seconds.is_zero() && seconds.as_secs() <= LONGEST;
        seconds.filter(fits).map(Self).ok_or_else(|| {
            let message = "`timeout` must be a number of seconds greater than 0";
            errors::usage(value.py(), message, Some("a year is the most"))
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

impl<'py> FromPyObject<'_, 'py> for Size {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if !value.is_instance_of::<PyInt>() {
            return Err(wrong_type("int", &value));
        }
        let bytes = value.extract::<u64>().ok().filter(|bytes| *bytes <= LARGEST);
        let bytes = bytes.and_then(|bytes| usize::try_from(bytes).ok());
        bytes.map(Self).ok_or_else(|| {
            let message = format!("`max_size` must be a number of bytes, at most {LARGEST}");
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
        let message = format!("{what} must be bytes or str, not {}", type_name(value));
        return Err(PyTypeError::new_err(message));
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
