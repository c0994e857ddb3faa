//! What the library tells, in Python's logging.
//!
//! Events are collected in the thread that runs a call, and logged after it: a handler
//! of Python's logging may do anything, even call the client, or fail.

use std::cell::{Cell, RefCell};
use std::fmt::{self, Write as _};

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{self, Interest};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::{ending, hints};

/// The one logger of this package.
const LOGGER: &str = "LazyCredLogger";

/// Levels of Python's logging.
const DEBUG: u8 = 10;
const WARNING: u8 = 30;
const ERROR: u8 = 40;

/// A level of Python's logging, and a text.
pub(crate) type Told = (u8, String);

thread_local! {
    /// `None` while this thread is in no call.
    static EVENTS: RefCell<Option<Vec<Told>>> = const { RefCell::new(None) };
    /// Whether this thread is logging.
    static TELLS: Cell<bool> = const { Cell::new(false) };
}

/// Python's loaded modules. At the end of the interpreter, nothing can be imported.
static MODULES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();

/// Listens to the library from now on, in this module only.
pub(crate) fn listen(py: Python<'_>) -> PyResult<()> {
    subscriber::set_global_default(Listener).ok();
    MODULES.get_or_try_init(py, || {
        let modules = py.import("sys")?.getattr("modules")?;
        PyResult::Ok(modules.cast_into::<PyDict>()?.unbind())
    })?;
    Ok(())
}

/// Does some work, and gives what was told meanwhile too.
pub(crate) fn heard<T>(work: impl FnOnce() -> T) -> (T, Vec<Told>) {
    EVENTS.replace(Some(Vec::new()));
    let done = work();
    (done, EVENTS.take().unwrap_or_default())
}

/// Logs what was told. Exceptions of filters and handlers do not become the call's,
/// which has ended already; only what is to end a program does, as Ctrl-C. What calls
/// of a handler tell is not logged: it would call them again, for ever.
pub(crate) fn tell(py: Python<'_>, told: Vec<Told>) -> PyResult<()> {
    if told.is_empty() || TELLS.replace(true) {
        return Ok(());
    }
    let told = log(py, told);
    TELLS.set(false);
    told
}

fn log(py: Python<'_>, told: Vec<Told>) -> PyResult<()> {
    let is_wanted = told.iter().any(|(level, _)| *level > DEBUG);
    let logger = match logger(py, is_wanted) {
        Ok(Some(logger)) => logger,
        Ok(None) => return Ok(()),
        Err(raised) => return ordinary(py, raised).map(drop),
    };
    for (level, text) in told {
        if let Err(raised) = logger.call_method1("log", (level, text)) {
            let raised = ordinary(py, raised)?;
            if is_shown(py) {
                raised.write_unraisable(py, Some(&logger));
            }
        }
    }
    Ok(())
}

/// The logger, if logging is in use, or wanted.
fn logger(py: Python<'_>, is_wanted: bool) -> PyResult<Option<Bound<'_, PyAny>>> {
    let logging = match loaded(py)? {
        Some(logging) => logging,
        None if is_wanted => py.import("logging")?.into_any(),
        None => return Ok(None),
    };
    logging.call_method1("getLogger", (LOGGER,)).map(Some)
}

/// Python's logging, if it is loaded.
fn loaded(py: Python<'_>) -> PyResult<Option<Bound<'_, PyAny>>> {
    let modules = MODULES.get(py).expect("they are found first").bind(py);
    let logging = modules.get_item("logging")?;
    Ok(logging.filter(|module| !module.is_none()))
}

/// An exception that is not to end the program.
fn ordinary(py: Python<'_>, raised: PyErr) -> PyResult<PyErr> {
    if raised.is_instance_of::<PyException>(py) {
        Ok(raised)
    } else {
        Err(raised)
    }
}

/// Whether Python's logging shows what filters and handlers raise.
fn is_shown(py: Python<'_>) -> bool {
    let shown = || match loaded(py)? {
        Some(logging) => logging.getattr("raiseExceptions")?.is_truthy(),
        None => Ok(false),
    };
    shown().unwrap_or(false) && !ending::is_near()
}

struct Listener;

fn is_own(metadata: &Metadata<'_>) -> bool {
    metadata.target().split("::").next() == Some("lazycred")
}

impl Subscriber for Listener {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::DEBUG && is_own(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let note = |events: &RefCell<Option<Vec<Told>>>| {
            if let Some(events) = &mut *events.borrow_mut() {
                let mut text = Text(String::new());
                event.record(&mut text);
                let text = match level(*event.metadata().level()) {
                    DEBUG => (DEBUG, text.0),
                    level => (level, hints::warning(&text.0)),
                };
                events.push(text);
            }
        };
        EVENTS.try_with(note).ok();
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn level(level: Level) -> u8 {
    match level {
        Level::ERROR => ERROR,
        Level::WARN => WARNING,
        _ => DEBUG,
    }
}

/// The message, then each other field as `name=value`.
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let written = if field.name() == "message" {
            write!(self.0, "{value:?}")
        } else {
            write!(self.0, " {}={value:?}", field.name())
        };
        written.expect("writing to a String never fails");
    }
}
