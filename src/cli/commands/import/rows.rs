//! What an import stores, a row a secret: never a value.

use serde_json::{Value, json};

use crate::cli::output::Printer;
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

/// Prints the rows, a line each or as one JSON array.
pub(super) fn print(printer: Printer, rows: &[Row], json: bool) -> Result<()> {
    if json {
        return printer.json(&rows.iter().map(Row::json).collect());
    }
    let line = |row: &Row| format!("{}\t{}\t{}\n", row.name, row.bytes, row.action.word());
    let text: String = rows.iter().map(line).collect();
    printer.data(text.as_bytes())
}
