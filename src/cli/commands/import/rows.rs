//! What an import stores, a row a secret: never a value.

use serde_json::{Value, json};

use crate::cli::output::{Printer, Screen};
use crate::cli::table::{Cell, Colour, Column, Table};
use crate::{Replace, Result, Secret, SecretName};

/// What becomes of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Create,
    Replace,
    /// It exists, and must not be replaced.
    Conflict,
}

impl Action {
    fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Conflict => "conflict",
        }
    }
}

/// A secret to store.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: SecretName,
    bytes: usize,
    pub(super) action: Action,
    /// Its version, once it is stored.
    pub(super) version: Option<String>,
}

impl Row {
    pub(super) fn new(name: &SecretName, secret: &Secret, exists: bool, replace: Replace) -> Self {
        let action = match (exists, replace) {
            (false, _) => Action::Create,
            (true, Replace::Existing) => Action::Replace,
            (true, Replace::Never) => Action::Conflict,
        };
        Self {
            name: name.clone(),
            bytes: secret.len(),
            action,
            version: None,
        }
    }

    fn json(&self) -> Value {
        let mut row = json!({
            "name": self.name.as_str(),
            "bytes": self.bytes,
            "action": self.action.word(),
        });
        if let Some(version) = &self.version {
            row["version"] = version.as_str().into();
        }
        row
    }
}

fn table_of(rows: &[Row], screen: Screen) -> Table {
    let columns = vec![
        Column::left("NAME"),
        Column::right("BYTES"),
        Column::left("ACTION"),
    ];
    let mut table = Table::new(screen, columns);
    for row in rows {
        let action = Cell::new(row.action.word());
        let action = match row.action {
            Action::Create => action,
            Action::Replace => action.coloured(Colour::Yellow),
            Action::Conflict => action.coloured(Colour::Red),
        };
        let bytes = row.bytes.to_string();
        table.row(vec![
            Cell::new(row.name.as_str()),
            Cell::new(&bytes),
            action,
        ]);
    }
    table
}

/// Prints the rows, a line each or as one JSON array.
pub(super) fn print(printer: Printer, rows: &[Row], json: bool) -> Result<()> {
    if json {
        return printer.json(&rows.iter().map(Row::json).collect());
    }
    if let Some(screen) = printer.screen() {
        return printer.data(table_of(rows, screen).text().as_bytes());
    }
    let line = |row: &Row| format!("{}\t{}\t{}\n", row.name, row.bytes, row.action.word());
    let text: String = rows.iter().map(line).collect();
    printer.data(text.as_bytes())
}
