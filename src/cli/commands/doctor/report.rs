//! Findings, and their output.

use serde::Serialize;
use serde_json::Value;

use super::remedy::{self, Needs};
use crate::cli::output::Printer;
use crate::cli::table::{Cell, Colour, Column, Table};
use crate::text::OneLine;
use crate::{Error, Result};

/// The result of one check.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    detail: String,
    remedy: Option<String>,
    status: Status,
}

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Ok,
    /// We may not check it, and nothing depends on it.
    Unknown,
    /// It works, but could be safer.
    Warning,
    /// A get or a put would fail.
    Error,
}

impl Status {
    fn text(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    fn colour(self) -> Colour {
        match self {
            Self::Ok => Colour::Green,
            Self::Unknown => Colour::Cyan,
            Self::Warning => Colour::Yellow,
            Self::Error => Colour::Red,
        }
    }
}

/// The widths of the columns, since findings are printed one by one.
const STATUS: usize = 7;
const CHECK: usize = 15;

/// What has been shown to work; each shows more than the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Proof {
    Nothing,
    /// The store permitted something that was asked.
    Permitted,
    /// All names were listed, and none is a secret.
    Empty,
    /// A secret was opened.
    Opened,
    /// A secret was stored, and opened.
    Stored,
}

/// All findings, in the order of the checks; each is printed when it is added.
#[derive(Debug)]
pub(super) struct Report {
    printer: Printer,
    /// Whether the findings are one JSON document at the end.
    as_json: bool,
    findings: Vec<Finding>,
    /// The findings at a terminal.
    table: Option<Table>,
    unprinted: Option<Error>,
    proof: Proof,
    /// The secret that was to be opened, if only that is missing.
    lacking: Option<String>,
    /// For the remedies of failures in AWS, once the configuration is known.
    pub(super) needs: Option<Needs>,
}

impl Report {
    pub(super) fn new(printer: Printer, as_json: bool) -> Self {
        Self {
            printer,
            as_json,
            findings: Vec::new(),
            table: printer.screen().map(|screen| {
                let status = Column::left("STATUS").at_least(STATUS);
                let check = Column::left("CHECK").at_least(CHECK);
                Table::new(screen, vec![status, check, Column::words("DETAIL")])
            }),
            unprinted: None,
            proof: Proof::Nothing,
            lacking: None,
            needs: None,
        }
    }

    fn add(&mut self, check: &'static str, status: Status, detail: &str, remedy: Option<String>) {
        let remedy = remedy.map(|remedy| self.printer.hint(&remedy));
        let finding = Finding {
            check,
            detail: OneLine(detail).to_string(),
            remedy,
            status,
        };
        let text = match &mut self.table {
            Some(table) => finding.row(table, &self.findings),
            None => finding.text(),
        };
        self.print(&text);
        self.findings.push(finding);
    }

    /// Prints a line at once, unless all of it is one document.
    fn print(&mut self, line: &str) {
        if self.as_json || self.unprinted.is_some() {
            return;
        }
        self.unprinted = self.printer.data(line.as_bytes()).err();
    }

    pub(super) fn ok(&mut self, check: &'static str, detail: &str) {
        self.add(check, Status::Ok, detail, None);
    }

    pub(super) fn problem(
        &mut self,
        check: &'static str,
        status: Status,
        detail: &str,
        remedy: impl Into<String>,
    ) {
        self.add(check, status, detail, Some(remedy.into()));
    }

    /// A failure and its remedy.
    pub(super) fn failed(&mut self, check: &'static str, status: Status, error: &Error) {
        let remedy = remedy::of(error, self.needs.as_ref());
        self.problem(check, status, &error.to_string(), remedy);
    }

    /// Notes that something works.
    pub(super) fn shows(&mut self, proof: Proof) {
        self.proof = self.proof.max(proof);
    }

    /// The failure to find a secret, which is none of the configuration.
    pub(super) fn lacks(&mut self, check: &'static str, name: &str, error: &Error) {
        self.failed(check, Status::Error, error);
        self.lacking = Some(name.to_owned());
    }

    /// Prints what follows from all findings.
    ///
    /// # Errors
    ///
    /// A get or a put would fail, or nothing shows that it would not.
    pub(super) fn end(mut self, offline: bool) -> Result<()> {
        let is_error = |finding: &&Finding| finding.status == Status::Error;
        let findings = self.findings.iter().filter(is_error).count();
        let lacking = self.lacking.take().filter(|_| findings == 1);
        let lacking = lacking
            .map(|name| format!("the configuration works, but there is no secret named `{name}`"));
        let (status, verdict) = match (findings, self.proof) {
            (1.., _) => (
                Status::Error,
                lacking
                    .as_deref()
                    .unwrap_or("not usable yet: each error has its remedy"),
            ),
            _ if offline => (Status::Ok, "this is the configuration; nothing was asked"),
            (_, Proof::Stored) => (Status::Ok, "everything needed to read and to store works"),
            (_, Proof::Opened) => (
                Status::Ok,
                "everything needed to read works; --write tries storing too",
            ),
            (_, Proof::Empty) => (
                Status::Ok,
                "nothing would fail so far, but there is no secret to open yet; --write tries both",
            ),
            (_, Proof::Permitted) => (
                Status::Ok,
                "nothing would fail so far, but no secret was opened: lazycred doctor NAME",
            ),
            (_, Proof::Nothing) => (Status::Unknown, "not proven: lazycred doctor NAME"),
        };
        let line = match &self.table {
            Some(table) => table.note(0, &Cell::new("verdict:").coloured(status.colour()), verdict),
            None => format!("verdict: {verdict}\n"),
        };
        self.print(&line);
        if self.as_json {
            self.findings.push(Finding {
                check: "verdict",
                detail: verdict.to_owned(),
                remedy: None,
                status,
            });
            self.printer.json(&self.json())?;
        }
        match (self.unprinted, status) {
            (Some(error), _) => Err(error),
            (None, Status::Error) => Err(Error::Unfit { findings }),
            (None, Status::Unknown) => Err(Error::Unproven),
            (None, _) => Ok(()),
        }
    }

    /// An array with one object per finding, and the verdict as its last.
    fn json(&self) -> Value {
        serde_json::to_value(&self.findings).expect("findings are text")
    }
}

impl Finding {
    /// One line, and one for the remedy.
    fn text(&self) -> String {
        let line = format!("{:<8}{}: {}\n", self.status.text(), self.check, self.detail);
        match &self.remedy {
            Some(remedy) => format!("{line}        remedy: {}\n", OneLine(remedy)),
            None => line,
        }
    }

    /// The same below a table's header. A cause that was told before is not repeated.
    fn row(&self, table: &mut Table, before: &[Self]) -> String {
        let told = before
            .iter()
            .find_map(|it| Some((it, self.before_cause_of(it)?)));
        let detail = match told {
            Some((before, what)) => format!("{what}: as for `{}`", before.check),
            None => self.detail.clone(),
        };
        let status = Cell::new(&self.status.text()).coloured(self.status.colour());
        table.row(vec![status, Cell::new(self.check), Cell::new(&detail)]);
        let mut text = table.text().to_string();
        let is_new = told.is_none_or(|(before, _)| before.remedy != self.remedy);
        if let Some(remedy) = self.remedy.as_ref().filter(|_| is_new) {
            let label = Cell::new("remedy:").coloured(Colour::Cyan);
            text += &table.note(STATUS + 2, &label, remedy);
        }
        text
    }

    /// What failed here, if it failed for the reason for which something else did.
    fn before_cause_of(&self, other: &Self) -> Option<&str> {
        let is_failure = |finding: &Self| finding.remedy.is_some();
        let mut splits = self.detail.match_indices(": ");
        let at =
            splits.find_map(|(at, _)| other.detail.ends_with(&self.detail[at..]).then_some(at));
        at.filter(|_| is_failure(self) && is_failure(other))
            .map(|at| &self.detail[..at])
    }
}
