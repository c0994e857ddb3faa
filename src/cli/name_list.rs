//! Names, one on each line, below a header if that is at a terminal.

use super::output::Printer;
use super::table::{Cell, Column, Table};
use crate::{Result, SecretName};

/// A list of names that is printed while it grows.
#[derive(Debug)]
pub(super) struct NameList {
    printer: Printer,
    table: Option<Table>,
}

impl NameList {
    pub(super) fn new(printer: Printer) -> Self {
        let screen = printer.screen();
        Self {
            printer,
            table: screen.map(|screen| Table::new(screen, vec![Column::left("NAME")])),
        }
    }

    pub(super) fn print(&mut self, name: &SecretName) -> Result<()> {
        match &mut self.table {
            Some(table) => {
                table.row(vec![Cell::new(name.as_str())]);
                self.printer.data(table.text().as_bytes())
            }
            None => self.printer.data(format!("{name}\n").as_bytes()),
        }
    }
}
