//! What `--dry-run` prints: what would be set, and never a value.

use std::ffi::OsStr;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::output::Printer;
use crate::environ::{Change, Environ};
use crate::error::Result;
use crate::name::OneLine;

/// Prints what would be set, a line a variable or as JSON.
pub(super) fn print(environ: &Environ, as_json: bool, printer: Printer) -> Result<()> {
    let changes = environ.changes();
    if as_json {
        let all: Vec<_> = changes
            .map(|(name, change)| json_of(name, change))
            .collect();
        return printer.json(&all.into());
    }
    let lines: String = changes
        .map(|(name, change)| line_of(name, change))
        .collect();
    printer.data(lines.as_bytes())
}

fn json_of(name: &OsStr, change: &Change) -> Value {
    json!({
        "name": name.to_string_lossy(),
        "reference": change.origin.reference,
        "path": change.origin.path,
        "bytes": change.bytes,
        "overrides": change.overrides,
        "file": change.origin.file,
        "refused": change.refused,
    })
}

fn line_of(name: &OsStr, change: &Change) -> String {
    let name = name.to_string_lossy();
    let (reference, path) = (&change.origin.reference, &change.origin.path);
    let mut line = format!(
        "{}\t{}\t{}",
        OneLine(name),
        OneLine(reference),
        OneLine(path)
    );
    let mut add = |text: std::fmt::Arguments<'_>| {
        line.write_fmt(text)
            .expect("a String takes all that is written");
    };
    match change.bytes {
        Some(bytes) => add(format_args!("\t{bytes} bytes")),
        None => add(format_args!("\tunset")),
    }
    if change.origin.file {
        add(format_args!(" in a file"));
    }
    if let Some(overrides) = &change.overrides {
        add(format_args!(", overrides {}", OneLine(overrides)));
    }
    if change.refused {
        add(format_args!(", refused"));
    }
    line.push('\n');
    line
}
