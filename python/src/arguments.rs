//! Arguments as Python gives them. No error here shows a value.

use std::marker::PhantomData;
use std::path::PathBuf;
use std::time::Duration;

use lazycred::Secret;
use lazycred::config::LARGEST;
use lazycred::text::OneLine;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::{errors, unicode};

/// The longest time that a call may be given: a year.
const LONGEST: u64 = 366 * 86_400;

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
    PyTypeError::new_err(format!(
        "{call}() got an unexpected keyword argument '{name}'"
    ))
}

/// Text that is not a secret.
pub(crate) fn text(name: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    let Ok(text) = value.cast::<PyString>() else {
        return Err(wrong_type(name, "str", value));
    };
    // Python's own error would hold the text.
    let text = text.to_cow().map_err(|_| {
        let message = format!("`{name}` is not Unicode: it has a lone surrogate");
        errors::usage(value.py(), message, None)
    })?;
    Ok(text.into_owned())
}

/// One text, or a list or tuple of them.
pub(crate) fn texts(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    if value.is_instance_of::<PyString>() {
        return Ok(vec![text(name, value)?]);
    }
    list(name, value)
        .unwrap_or_else(|| Err(wrong_type(name, "str, or a list or tuple of str", value)))
}

/// A list or tuple of texts.
pub(crate) fn several(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    list(name, value).unwrap_or_else(|| Err(wrong_type(name, "a list or tuple of str", value)))
}

fn list(name: &str, value: &Bound<'_, PyAny>) -> Option<PyResult<Vec<String>>> {
    if !value.is_instance_of::<PyList>() && !value.is_instance_of::<PyTuple>() {
        return None;
    }
    let texts = value
        .try_iter()
        .map(|values| values.map(|value| text(name, &value?)));
    Some(texts.and_then(Iterator::collect))
}

/// A path: str, or what has a path that is.
pub(crate) fn path(name: &str, value: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    let path = value.extract::<PathBuf>();
    path.map_err(|error| {
        if error.is_instance_of::<PyTypeError>(value.py()) {
            return wrong_type(name, "str or os.PathLike", value);
        }
        error
    })
}

/// True or False.
pub(crate) fn boolean(name: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let flag = value.cast::<PyBool>();
    flag.map(PyBoolMethods::is_true)
        .map_err(|_| wrong_type(name, "bool", value))
}

/// Whether it is a whole number, as bool is not.
fn is_int(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyInt>() && !value.is_instance_of::<PyBool>()
}

/// A whole number.
pub(crate) fn number(name: &str, value: &Bound<'_, PyAny>) -> PyResult<i64> {
    if !is_int(value) {
        return Err(wrong_type(name, "int", value));
    }
    // Whatever is larger is as wrong as this.
    Ok(value.extract().unwrap_or(i64::MAX))
}

/// What an argument is called, for errors.
pub(crate) trait Named {
    const NAME: &'static str;
}

macro_rules! names {
    ($($type:ident = $name:literal),+ $(,)?) => {$(
        pub(crate) struct $type;

        impl Named for $type {
            const NAME: &'static str = $name;
        }
    )+};
}

names! {
    Name = "name",
    Field = "field",
    Version = "version",
    Prefix = "prefix",
    References = "reference",
    IfAbsent = "if_absent",
    IfVersion = "if_version",
}

/// An argument that is text and not a secret.
pub(crate) struct Text<N>(pub(crate) String, PhantomData<N>);

impl<N> From<&str> for Text<N> {
    fn from(text: &str) -> Self {
        Self(text.to_owned(), PhantomData)
    }
}

impl<'py, N: Named> FromPyObject<'_, 'py> for Text<N> {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Ok(Self(text(N::NAME, &value)?, PhantomData))
    }
}

/// An argument that is True or False.
pub(crate) struct Flag<N>(pub(crate) bool, PhantomData<N>);

impl<N> From<bool> for Flag<N> {
    fn from(flag: bool) -> Self {
        Self(flag, PhantomData)
    }
}

impl<'py, N: Named> FromPyObject<'_, 'py> for Flag<N> {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Ok(Self(boolean(N::NAME, &value)?, PhantomData))
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
pub(crate) fn seconds(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let is_number = value.is_instance_of::<PyFloat>() || is_int(value);
    if !is_number {
        return Err(wrong_type(name, "a number of seconds", value));
    }
    let seconds = value.extract::<f64>().ok();
    let seconds = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let fits = |seconds: &Duration| !seconds.is_zero() && seconds.as_secs() <= LONGEST;
    seconds.filter(fits).ok_or_else(|| {
        let message =
            format!("`{name}` must be a number of seconds greater than 0, a year at most");
        errors::usage(value.py(), message, None)
    })
}

/// A number of bytes.
pub(crate) fn size(name: &str, value: &Bound<'_, PyAny>) -> PyResult<usize> {
    if !is_int(value) {
        return Err(wrong_type(name, "int", value));
    }
    let bytes = value.extract::<usize>().ok();
    bytes
        .filter(|bytes| (1..=LARGEST).contains(bytes))
        .ok_or_else(|| {
            let message = format!("`{name}` must be a number of bytes from 1 to {LARGEST}");
            errors::usage(value.py(), message, None)
        })
}

/// How large a secret of some name may be.
pub(crate) struct Limit<'a> {
    pub(crate) name: &'a str,
    pub(crate) bytes: usize,
}

impl Limit<'_> {
    /// Refuses what is too large before it is copied, as the library does after it.
    fn check(&self, py: Python<'_>, least: &str, bytes: usize) -> PyResult<()> {
        if bytes <= self.bytes {
            return Ok(());
        }
        let (name, most) = (OneLine(self.name), self.bytes);
        let message = format!("`{name}` would have {least}{bytes} bytes, more than {most}");
        let hint = "`max_size=BYTES` allows larger secrets; readers need the same";
        Err(errors::usage(py, message, Some(hint)))
    }
}

/// Whether a value is of a type that JSON has, text apart.
pub(crate) fn is_json(value: &Bound<'_, PyAny>) -> bool {
    value.is_none()
        || value.is_instance_of::<PyInt>()
        || value.is_instance_of::<PyFloat>()
        || is_json_container(value)
}

/// Whether a value is of a type that JSON has for several values.
pub(crate) fn is_json_container(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyDict>()
        || value.is_instance_of::<PyList>()
        || value.is_instance_of::<PyTuple>()
}

/// The bytes of a secret: bytes as they are, text as UTF-8. What it is called, and what
/// takes a value of another type, are for errors.
pub(crate) fn secret(
    (what, instead): (&str, Option<&str>),
    value: &Bound<'_, PyAny>,
    limit: &Limit<'_>,
) -> PyResult<Secret> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        let bytes = bytes.as_bytes();
        limit.check(value.py(), "", bytes.len())?;
        let mut copy = unicode::room(bytes.len())?;
        copy.extend_from_slice(bytes);
        return Ok(Secret::new(copy));
    }
    let Ok(text) = value.cast::<PyString>() else {
        let instead = instead.map_or_else(String::new, |instead| format!("; {instead}"));
        let must = "must be bytes or str, not";
        let message = format!("{what} {must} {}{instead}", type_name(value));
        return Err(PyTypeError::new_err(message));
    };
    utf8(what, text, limit)
}

/// The bytes of a text that is secret.
pub(crate) fn utf8(what: &str, text: &Bound<'_, PyString>, limit: &Limit<'_>) -> PyResult<Secret> {
    // No character has less than one.
    limit.check(text.py(), "at least ", text.len()?)?;
    unicode::utf8(text)?.ok_or_else(|| {
        errors::usage(
            text.py(),
            format!("{what} is not Unicode: it has a lone surrogate"),
            Some("give bytes, as `text.encode(\"utf-8\", \"surrogatepass\")` makes them"),
        )
    })
}
