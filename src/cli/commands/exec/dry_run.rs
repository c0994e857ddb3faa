//! What `--dry-run` prints: what would be set, and never a value.

use std::ffi::OsStr;

use serde_json::{Value, json};

use crate::Result;
use crate::cli::output::Printer;
use crate::launch::{Change, Environ};
use crate::text::OneLine;

/// Prints what would be set, a line a variable or as JSON.
pub(in crate::cli) fn print(environ: &Environ, as_json: bool, printer: Printer) -> Result<()> {
    let changes = environ.changes();
    if as_json {
        return printer.json(&changes.map(json_of).collect());
    }
    let lines: String = changes.map(line_of).collect();
    printer.data(lines.as_bytes())
}

fn json_of((name, change): (&OsStr, &Change)) -> Value {
    json!({
        "name": name.to_string_lossy(),
        "reference": change.reference,
        "path": change.path,
        "bytes": change.bytes,
        "overrides": change.overrides,
        "file": change.file,
        "refused": change.refused,
    })
}

fn line_of((name, change): (&OsStr, &Change)) -> String {
    let bytes = change.bytes.map(|bytes| format!("{bytes} bytes"));
    let overrides = change.overrides.as_ref();
    let overrides = overrides.map(|by| format!(", overrides {}", OneLine(by)));
    format!(
        "{}\t{}\t{}\t{}{}{}{}\n",
        OneLine(&name.to_string_lossy()),
        OneLine(&change.reference),
        OneLine(&change.path),
        bytes.as_deref().unwrap_or("unset"),
        if change.file { " in a file" } else { "" },
        overrides.unwrap_or_default(),
        if change.refused { ", refused" } else { "" },
    )
}
