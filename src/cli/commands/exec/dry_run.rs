//! `exec --dry-run`: the variables that would be set, but no values.

use std::ffi::OsStr;

use serde_json::{Value, json};

use crate::Result;
use crate::cli::output::Printer;
use crate::cli::table::{Cell, Colour, Column, Table};
use crate::launch::{Change, Environ};
use crate::text::OneLine;

/// Prints a variable on each line, or all as JSON.
pub(super) fn print(environ: &Environ, as_json: bool, printer: Printer) -> Result<()> {
    let changes = environ.changes();
    if as_json {
        return printer.json(&changes.map(json_of).collect());
    }
    if let Some(screen) = printer.screen() {
        let mut table = Table::new(screen, columns());
        changes.for_each(|change| table.row(row_of(change)));
        return printer.data(table.text().as_bytes());
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

fn columns() -> Vec<Column> {
    vec![
        Column::left("VARIABLE"),
        Column::left("REFERENCE").if_any(),
        Column::left("PATH").if_any(),
        Column::right("BYTES"),
        Column::left("OVERRIDES").if_any(),
        Column::left("FILE").if_any(),
        Column::left("REFUSED").if_any(),
    ]
}

fn row_of((name, change): (&OsStr, &Change)) -> Vec<Cell> {
    let bytes = change.bytes.map(|bytes| bytes.to_string());
    let yes = |is: bool| if is { "yes" } else { "" };
    let name = Cell::new(&name.to_string_lossy());
    vec![
        if change.refused {
            name.coloured(Colour::Red)
        } else {
            name
        },
        Cell::new(change.reference.as_deref().unwrap_or_default()),
        Cell::new(&change.path),
        Cell::new(bytes.as_deref().unwrap_or("unset")),
        Cell::new(change.overrides.as_deref().unwrap_or_default()).coloured(Colour::Yellow),
        Cell::new(yes(change.file)),
        Cell::new(yes(change.refused)).coloured(Colour::Red),
    ]
}

fn line_of((name, change): (&OsStr, &Change)) -> String {
    let bytes = change.bytes.map(|bytes| format!("{bytes} bytes"));
    let overrides = change.overrides.as_ref();
    let overrides = overrides.map(|by| format!(", overrides {}", OneLine(by)));
    format!(
        "{}\t{}\t{}\t{}{}{}{}\n",
        OneLine(&name.to_string_lossy()),
        OneLine(change.reference.as_deref().unwrap_or_default()),
        OneLine(&change.path),
        bytes.as_deref().unwrap_or("unset"),
        if change.file { " in a file" } else { "" },
        overrides.unwrap_or_default(),
        if change.refused { ", refused" } else { "" },
    )
}
