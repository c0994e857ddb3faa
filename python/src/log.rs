//! What the library tells, in Python's logging.
//!
//! Events are collected in the thread that runs a call, and logged when it has the GIL
//! again: a handler of Python's logging may do anything, even call the client.

use std::cell::RefCell;
use std::fmt::{self, Write as _};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{self, Interest};
use tracing::{Event, Level, Metadata, Subscriber};

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

/// Logs what was told.
pub(crate) fn tell(py: Python<'_>, told: Vec<Told>) -> PyResult<()> {
    if told.is_empty() {
        return Ok(());
    }
    let loaded = MODULES
        .get(py)
        .map(|modules| modules.bind(py).get_item("logging"));
    let loaded = loaded
        .transpose()?
        .flatten()
        .filter(|module| !module.is_none());
    let logging = match loaded {
        Some(module) => module,
        // Without logging in use, nobody has asked for details.
        None if told.iter().all(|(level, _)| *level <= DEBUG) => return Ok(()),
        None => match py.import("logging") {
            Ok(module) => module.into_any(),
            // The interpreter ends.
            Err(_) => return Ok(()),
        },
    };
    let logger = logging.call_method1("getLogger", (LOGGER,))?;
    for (level, text) in told {
        logger.call_method1("log", (level, text))?;
    }
    Ok(())
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
                events.push((level(*event.metadata().level()), text.0));
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
