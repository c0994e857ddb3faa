//! Findings, and their output.

use serde::Serialize;
use serde_json::Value;

use super::remedy::{self, Needs};
use crate::cli::output::Printer;
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

/// What has been shown to work.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// A secret was opened.
    pub(super) opened: bool,
    /// A secret was stored.
    pub(super) stored: bool,
    /// All names were listed, and none is a secret.
    pub(super) empty: bool,
    /// The store permitted something that was asked.
    pub(super) permitted: bool,
}

/// All findings, in the order of the checks; each is printed when it is added.
#[derive(Debug)]
pub(super) struct Report {
    printer: Printer,
    /// Whether the findings are one JSON document at the end.
    as_json: bool,
    findings: Vec<Finding>,
    unprinted: Option<Error>,
    pub(super) proof: Proof,
    /// For the remedies of failures in AWS, once the configuration is known.
    pub(super) needs: Option<Needs>,
}

impl Report {
    pub(super) fn new(printer: Printer, as_json: bool) -> Self {
        Self {
            printer,
            as_json,
            findings: Vec::new(),
            unprinted: None,
            proof: Proof::default(),
            needs: None,
        }
    }

    fn add(&mut self, check: &'static str, status: Status, detail: &str, remedy: Option<String>) {
        let finding = Finding {
            check,
            detail: OneLine(detail).to_string(),
            remedy,
            status,
        };
        self.print(&finding.text());
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

    /// Prints what follows from all findings.
    ///
    /// # Errors
    ///
    /// A get or a put would fail, or nothing shows that it would not.
    pub(super) fn end(mut self, offline: bool) -> Result<()> {
        let is_error = |finding: &&Finding| finding.status == Status::Error;
        let findings = self.findings.iter().filter(is_error).count();
        let Proof {
            opened,
            stored,
            empty,
            permitted,
        } = self.proof;
        let proven = opened || stored || empty || permitted;
        if findings == 0 && (offline || proven) {
            let verdict = match () {
                () if offline => "this is the configuration; nothing was asked",
                () if stored => "everything needed to read and to store works",
                () if opened => "everything needed to read works; --write tries storing too",
                () if empty => {
                    "nothing would fail so far, but there is no secret to open yet; --write tries both"
                }
                () => "nothing would fail so far, but no secret was opened: lazycred doctor NAME",
            };
            self.print(&format!("verdict: {verdict}\n"));
        }
        if self.as_json {
            self.printer.json(&self.json())?;
        }
        match self.unprinted {
            Some(error) => Err(error),
            None if findings == 0 && (offline || proven) => Ok(()),
            None if findings == 0 => Err(Error::Unproven),
            None => Err(Error::Unfit { findings }),
        }
    }

    /// An array with one object per finding.
    fn json(&self) -> Value {
        serde_json::to_value(&self.findings).expect("findings are text")
    }
}

impl Finding {
    /// One line, and one for the remedy.
    fn text(&self) -> String {
        let status = format!("{:?}", self.status).to_lowercase();
        let line = format!("{status:<8}{}: {}\n", self.check, self.detail);
        match &self.remedy {
            Some(remedy) => format!("{line}        remedy: {}\n", OneLine(remedy)),
            None => line,
        }
    }
}
