//! Findings, and how they are shown.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::remedy::{self, Needs};
use crate::Error;
use crate::text::OneLine;

/// What a look at one thing gave.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    detail: String,
    remedy: Option<String>,
    status: Status,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Ok,
    /// We may not look, and nothing depends on it.
    Unknown,
    /// It works, and could be safer.
    Warning,
    /// A get or a put would fail.
    Error,
}

impl Status {
    fn text(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// All findings, in the order of the looks.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Finding>);

impl Report {
    pub(super) fn add(
        &mut self,
        check: &'static str,
        status: Status,
        detail: &str,
        remedy: Option<String>,
    ) {
        self.0.push(Finding {
            check,
            detail: OneLine(detail).to_string(),
            remedy,
            status,
        });
    }

    pub(super) fn ok(&mut self, check: &'static str, detail: &str) {
        self.add(check, Status::Ok, detail, None);
    }

    /// A failure, with what would have prevented it.
    pub(super) fn failed(
        &mut self,
        check: &'static str,
        status: Status,
        error: &Error,
        needs: Option<&Needs>,
    ) {
        let remedy = remedy::of(error, needs);
        self.add(check, status, &error.to_string(), Some(remedy));
    }

    /// How many findings say that a get or a put would fail.
    pub(super) fn errors(&self) -> usize {
        let errors = self.0.iter();
        errors
            .filter(|finding| finding.status == Status::Error)
            .count()
    }

    /// A line a finding, and one for its remedy.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for finding in &self.0 {
            let (status, check) = (finding.status.text(), finding.check);
            writeln!(text, "{status:<8}{check}: {}", finding.detail).ok();
            if let Some(remedy) = &finding.remedy {
                writeln!(text, "        remedy: {}", OneLine(remedy)).ok();
            }
        }
        text
    }

    /// A list of objects, one a finding.
    pub(super) fn json(&self) -> Value {
        serde_json::to_value(&self.0).expect("findings are text")
    }
}
