//! Errors of the library as exceptions of `lazycred._errors`.

use lazycred::Error;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList};

use crate::ending::Inside;
use crate::hints;
use crate::panics::Panicked;

/// Why some work gave nothing.
pub(crate) enum Failure {
    Error(Error),
    Panicked(Panicked),
}

impl Failure {
    /// The exception for it.
    pub(crate) fn raised(&self, py: Python<'_>) -> PyErr {
        match self {
            Self::Error(error) => raised(py, error),
            Self::Panicked(panicked) => internal(py, panicked),
        }
    }

    /// Whether other credentials might have helped.
    pub(crate) fn may_be_of_credentials(&self) -> bool {
        fn may_be(error: &Error) -> bool {
            match error.innermost() {
                Error::Several(errors) => errors.iter().any(may_be),
                Error::Aws { .. } => !error.is_denied() && !error.is_throttled(),
                _ => false,
            }
        }
        matches!(self, Self::Error(error) if may_be(error))
    }
}

/// The exception for an error.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    let _inside = Inside::new(py);
    let made = instance(py, error).and_then(|made| {
        // As Python itself does for what is raised while another exception is handled.
        let handled = EXC_INFO.get(py).expect("it is found first").call0(py)?;
        let handled = handled.bind(py).get_item(1)?;
        if !handled.is_none() {
            made.setattr("__context__", handled)?;
        }
        Ok(made)
    });
    made.map_or_else(|failed| failed, PyErr::from_value)
}

/// The exception for a wrong call.
pub(crate) fn usage(py: Python<'_>, message: impl Into<String>, hint: Option<&str>) -> PyErr {
    let (message, hint) = (message.into(), hint.map(str::to_owned));
    raised(py, &Error::Usage { message, hint })
}

/// The exception for a panic, without what it said.
fn internal(py: Python<'_>, Panicked(place): &Panicked) -> PyErr {
    other(
        py,
        "internal",
        &format!("internal error{place}; this is a bug of lazycred"),
    )
}

/// The exception for a call that a child of a fork goes on with.
pub(crate) fn forked(py: Python<'_>) -> PyErr {
    other(py, "other", "this process was forked during the call")
}

fn other(py: Python<'_>, kind: &str, message: &str) -> PyErr {
    let _inside = Inside::new(py);
    let made = class(py, "Error").and_then(|class| {
        let error = class.call1((message,))?;
        error.setattr("kind", kind)?;
        Ok(error)
    });
    made.map_or_else(|failed| failed, PyErr::from_value)
}

fn instance<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    let more = PyDict::new(py);
    more.set_item("hint", hints::hint(error))?;
    let name = match error.innermost() {
        Error::Usage { .. } => "UsageError",
        Error::Missing { .. } => "MissingError",
        Error::NoVersion { .. } => "NoVersionError",
        Error::MissingField { .. } => "MissingFieldError",
        Error::Damaged { .. } => "DamagedError",
        Error::NoRecord { .. } => "NoRecordError",
        Error::Shape { .. } => "ShapeError",
        Error::Environment { .. } => "VariablesError",
        Error::Conflict { .. } => "ConflictError",
        Error::Aws { .. } => {
            more.set_item("code", error.code())?;
            "AwsError"
        }
        Error::Io { .. } => "IoError",
        Error::TimedOut { .. } => "TimedOutError",
        Error::Several(errors) => {
            let errors: PyResult<Vec<_>> = errors.iter().map(|error| instance(py, error)).collect();
            more.set_item("errors", PyList::new(py, errors?)?)?;
            "SeveralError"
        }
        _ => "Error",
    };
    let made = class(py, name)?.call((hints::message(error),), Some(&more))?;
    if name == "Error" {
        made.setattr("kind", error.kind())?;
        made.setattr("exit_code", error.exit_code())?;
    }
    Ok(made)
}

static CLASSES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();

/// Tells which exception is handled.
static EXC_INFO: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// Finds the exceptions: at the end of the interpreter, nothing can be imported, and
/// modules are emptied.
pub(crate) fn prepare(py: Python<'_>) -> PyResult<()> {
    EXC_INFO.import(py, "sys", "exc_info")?;
    let find = || PyResult::Ok(py.import("lazycred._errors")?.dict().copy()?.unbind());
    CLASSES.get_or_try_init(py, find).map(drop)
}

fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    let classes = CLASSES.get(py).expect("they are found first");
    classes.bind(py).as_any().get_item(name)
}
