//! Findings, and their output.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::remedy::{self, Needs};
use crate::Error;
use crate::text::OneLine;

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

/// All findings, in the order of the checks.
#[derive(Debug, Default)]
pub(super) struct Report {
    findings: Vec<Finding>,
    /// For the remedies of failures in AWS, once the configuration is known.
    pub(super) needs: Option<Needs>,
}

impl Report {
    fn add(&mut self, check: &'static str, status: Status, detail: &str, remedy: Option<String>) {
        self.findings.push(Finding {
            check,
            detail: OneLine(detail).to_string(),
            remedy,
            status,
        });
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

    /// The number of findings that would make a get or a put fail.
    pub(super) fn errors(&self) -> usize {
        let is_error = |finding: &&Finding| finding.status == Status::Error;
        self.findings.iter().filter(is_error).count()
    }

    /// One line per finding, and one for its remedy.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for finding in &self.findings {
            let status = format!("{:?}", finding.status).to_lowercase();
            writeln!(text, "{status:<8}{}: {}", finding.check, finding.detail).ok();
            if let Some(remedy) = &finding.remedy {
                writeln!(text, "        remedy: {}", OneLine(remedy)).ok();
            }
        }
        text
    }

    /// An array with one object per finding.
    pub(super) fn json(&self) -> Value {
        serde_json::to_value(&self.findings).expect("findings are text")
    }
}
