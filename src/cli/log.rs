//! What happens on the way, for `-v`: `tracing` events as lines on stderr.
//!
//! The AWS SDK is heard at `-vv` only, and never above DEBUG: at TRACE it logs
//! bodies. `RUST_LOG` is not looked at.

use std::ffi::OsStr;
use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry;

use super::args::GlobalArgs;
use super::output::{Label, Printer};
use crate::error::{Error, Result};

/// Says how much is told, as `-v` does.
pub(super) const VARIABLE: &str = "LAZYCRED_LOG";

/// What lazycred itself tells.
const OWN: &str = "lazycred";

/// The level that flags and the variable ask for, the higher of both.
///
/// # Errors
///
/// [`Error::Usage`] if the variable is none of its words.
pub(super) fn level(global: &GlobalArgs, variable: Option<&OsStr>) -> Result<LevelFilter> {
    let flags = match global.verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    let text = variable.map_or(Some(""), OsStr::to_str);
    let variable = match text {
        Some("" | "warn") => LevelFilter::WARN,
        Some("info") => LevelFilter::INFO,
        Some("debug") => LevelFilter::DEBUG,
        _ => {
            return Err(Error::usage(format!(
                "the variable {VARIABLE} must be warn, info or debug"
            )));
        }
    };
    Ok(flags.max(variable))
}

/// Starts to tell.
pub(super) fn start(level: LevelFilter, printer: Printer) {
    let subscriber = registry().with(Lines { level, printer });
    // Where a program that uses the library has its own, that one stays.
    tracing::subscriber::set_global_default(subscriber).ok();
}

struct Lines {
    level: LevelFilter,
    printer: Printer,
}

impl Lines {
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let own = metadata.target().split("::").next() == Some(OWN);
        *metadata.level() <= self.level && (own || self.level == LevelFilter::DEBUG)
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.is_event() && self.wants(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.is_event() && self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if !self.wants(metadata) {
            return;
        }
        let mut text = Text(String::new());
        if metadata.target().split("::").next() != Some(OWN) {
            text.0 = format!("{}: ", metadata.target());
        }
        event.record(&mut text);
        let label = match *metadata.level() {
            Level::ERROR => Label::Error,
            Level::WARN => Label::Warning,
            Level::INFO => Label::Info,
            _ => Label::Debug,
        };
        self.printer.message(label, &text.0);
    }
}

/// The message first, then `name=value` of each other field.
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let written = if field.name() == "message" {
            write!(self.0, "{value:?}")
        } else {
            write!(self.0, " {}={value:?}", field.name())
        };
        written.expect("a String takes all that is written");
    }
}
