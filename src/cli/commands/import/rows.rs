//! What an import stores, a row a secret: never a value.

use serde_json::{Value, json};

use crate::cli::output::{Printer, Screen};
use crate::cli::table::{Cell, Colour, Column, Table};
use crate::{Error, Replace, Result, Secret, SecretName, Written};

/// What becomes of a name, or what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Create,
    Replace,
    /// It exists, and must not be replaced.
    Conflict,
    Created,
    Replaced,
    Failed,
    /// Something else was in the way.
    Pending,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Conflict => "conflict",
            Self::Created => "created",
            Self::Replaced => "replaced",
            Self::Failed => "failed",
            Self::Pending => "pending",
        }
    }
}

/// A secret to store.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: SecretName,
    bytes: usize,
    pub(super) outcome: Outcome,
    /// Its version, once it is stored.
    version: Option<String>,
    error: Option<String>,
}

impl Row {
    pub(super) fn new(name: &SecretName, secret: &Secret, exists: bool, replace: Replace) -> Self {
        let outcome = match (exists, replace) {
            (false, _) => Outcome::Create,
            (true, Replace::Existing) => Outcome::Replace,
            (true, Replace::Never) => Outcome::Conflict,
        };
        Self {
            name: name.clone(),
            bytes: secret.len(),
            outcome,
            version: None,
            error: None,
        }
    }

    /// Notes that it was not stored yet.
    pub(super) fn wait(&mut self) {
        if self.outcome != Outcome::Conflict {
            self.outcome = Outcome::Pending;
        }
    }

    /// Notes that it was stored.
    pub(super) fn store(&mut self, written: Written) {
        self.outcome = match written.replaced {
            Some(_) => Outcome::Replaced,
            None => Outcome::Created,
        };
        self.version = Some(written.version);
    }

    /// Notes that it was not stored.
    pub(super) fn fail(&mut self, error: &Error) {
        self.outcome = match error {
            Error::Conflict { .. } => Outcome::Conflict,
            _ => Outcome::Failed,
        };
        self.error = Some(error.to_string());
    }

    fn json(&self) -> Value {
        let mut row = json!({
            "name": self.name.as_str(),
            "bytes": self.bytes,
            "outcome": self.outcome.word(),
            "error": self.error,
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
        Column::left("OUTCOME"),
    ];
    let mut table = Table::new(screen, columns);
    for row in rows {
        let outcome = Cell::new(row.outcome.word());
        let outcome = match row.outcome {
            Outcome::Replace => outcome.coloured(Colour::Yellow),
            Outcome::Conflict => outcome.coloured(Colour::Red),
            _ => outcome,
        };
        let bytes = row.bytes.to_string();
        table.row(vec![
            Cell::new(row.name.as_str()),
            Cell::new(&bytes),
            outcome,
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
    let line = |row: &Row| format!("{}\t{}\t{}\n", row.name, row.bytes, row.outcome.word());
    let text: String = rows.iter().map(line).collect();
    printer.data(text.as_bytes())
}
