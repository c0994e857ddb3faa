//! The log of `-v`: `tracing` events as lines on stderr.
//!
//! Includes the AWS SDK's events at `-vv` only, and never beyond DEBUG: at TRACE it
//! logs bodies. Ignores `RUST_LOG`.

use std::ffi::OsStr;
use std::fmt::{self, Write as _};
use std::sync::{Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry;

use super::args::GlobalArgs;
use super::output::{Label, Printer};

/// The variable that sets the log level, as `-v` does.
const VARIABLE: &str = "LAZYCRED_LOG";

/// The target of lazycred's own events.
const OWN: &str = "lazycred";

/// Starts the log at the level of the variable or of the flags, whichever is more
/// verbose. Warns about an unknown level in the variable.
pub(super) fn start(global: &GlobalArgs, printer: Printer) {
    let word = std::env::var_os(VARIABLE).filter(|word| !word.is_empty());
    let known = word.as_deref().map_or(Some(LevelFilter::WARN), of_word);
    let said = known.unwrap_or(LevelFilter::WARN);
    let level = match global.verbose {
        0 => said,
        1 => said.max(LevelFilter::INFO),
        _ => said.max(LevelFilter::DEBUG),
    };
    let subscriber = registry().with(Lines {
        level,
        printer,
        warnings: Mutex::default(),
    });
    // If a program that uses the library has its own subscriber, that one stays.
    tracing::subscriber::set_global_default(subscriber).ok();
    if known.is_none() {
        tracing::warn!(
            "the variable {VARIABLE} is ignored: it must be off, error, warn, info, debug or trace"
        );
    }
}

fn of_word(word: &OsStr) -> Option<LevelFilter> {
    Some(match word.to_str()? {
        "off" => LevelFilter::OFF,
        "error" => LevelFilter::ERROR,
        "warn" => LevelFilter::WARN,
        "info" => LevelFilter::INFO,
        "debug" => LevelFilter::DEBUG,
        "trace" => LevelFilter::TRACE,
        _ => return None,
    })
}

struct Lines {
    level: LevelFilter,
    printer: Printer,
    /// All warnings so far: each is printed once.
    warnings: Mutex<Vec<String>>,
}

impl Lines {
    /// Whether a warning is new.
    fn is_new(&self, warning: &str) -> bool {
        let mut known = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !known.iter().any(|known| known == warning);
        if is_new {
            known.push(warning.to_owned());
        }
        is_new
    }
}

fn is_own(metadata: &Metadata<'_>) -> bool {
    metadata.target().split("::").next() == Some(OWN)
}

impl<S: Subscriber> Layer<S> for Lines {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let most = if is_own(metadata) {
            self.level
        } else if self.level >= LevelFilter::DEBUG {
            LevelFilter::DEBUG
        } else {
            LevelFilter::OFF
        };
        metadata.is_event() && *metadata.level() <= most
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let mut text = Text(String::new());
        if !is_own(metadata) {
            text.0 = format!("{}: ", metadata.target());
        }
        event.record(&mut text);
        let label = match *metadata.level() {
            Level::ERROR => Label::Error,
            Level::WARN => Label::Warning,
            Level::INFO => Label::Info,
            _ => Label::Debug,
        };
        if *metadata.level() != Level::WARN || self.is_new(&text.0) {
            self.printer.message(label, &text.0);
        }
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
