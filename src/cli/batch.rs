//! One operation on many secrets: several at once, reported in the order of
//! their names; a failure of one does not stop the others.

use std::fmt;

use serde::Serialize;

use super::output::{Label, Printer};
use super::progress::Progress;
use super::throttle::in_order;
use crate::text::OneLine;
use crate::{Client, Error, Result, SecretName, Written};

/// The most names at once: all of them are in memory.
const MOST_NAMES: usize = 1_000_000;

/// A run over many secrets, and its results so far.
pub(super) struct Batch<'a> {
    client: &'a Client,
    printer: Printer,
    pub(super) changed: usize,
    /// Secrets that needed no change.
    pub(super) unchanged: usize,
    not_records: usize,
    errors: Vec<Error>,
    /// What became of each, if that is to be told at the end.
    told: Option<Vec<Told>>,
}

/// What became of one secret, for `--json`.
#[derive(Debug, Serialize)]
struct Told {
    name: String,
    outcome: &'static str,
    error: Option<String>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(client: &'a Client, printer: Printer) -> Self {
        Self {
            client,
            printer,
            changed: 0,
            unchanged: 0,
            not_records: 0,
            errors: Vec::new(),
            told: None,
        }
    }

    /// Remembers what becomes of each secret, for [`Batch::print`], if it is asked to.
    pub(super) fn telling(mut self, asked: bool) -> Self {
        self.told = asked.then(Vec::new);
        self
    }

    /// Notes what became of a secret.
    pub(super) fn note(&mut self, name: &SecretName, outcome: &'static str) {
        self.tell(name, outcome, None);
    }

    fn tell(&mut self, name: &SecretName, outcome: &'static str, error: Option<&Error>) {
        if let Some(told) = &mut self.told {
            told.push(Told {
                name: name.as_str().to_owned(),
                outcome,
                error: error.map(ToString::to_string),
            });
        }
    }

    /// Prints what became of each as one JSON array, if it was asked to.
    pub(super) fn print(&self) -> Result<()> {
        let Some(told) = &self.told else {
            return Ok(());
        };
        // Several rounds over the names are told as one.
        let mut told: Vec<&Told> = told.iter().collect();
        told.sort_by(|one, other| one.name.cmp(&other.name));
        let told = serde_json::to_value(told).expect("outcomes are text");
        self.printer.json(&told)
    }

    /// The names that start with a prefix; warns if there are none.
    pub(super) async fn names(&self, prefix: &str) -> Result<Vec<SecretName>> {
        let mut names = Vec::new();
        let mut list = self.client.list(prefix);
        let progress = Progress::open_ended("names listed");
        while let Some(page) = list.page().await? {
            progress.add(page.len());
            names.extend(page.into_iter().map(|entry| entry.name));
            if names.len() > MOST_NAMES {
                let prefix = OneLine(prefix);
                return Err(Error::usage_hint(
                    format!("more than {MOST_NAMES} names start with `{prefix}`"),
                    "run it for longer prefixes, one at a time",
                ));
            }
        }
        if names.is_empty() && !prefix.is_empty() {
            let message = format!("no secret names start with `{}`", OneLine(prefix));
            self.printer.message(Label::Warning, &message);
        }
        Ok(names)
    }

    /// Runs a task for each name and handles the results in order. Files that are
    /// not records are reported, and are not failures.
    pub(super) async fn each<T>(
        &mut self,
        names: &[SecretName],
        task: impl AsyncFn(&SecretName) -> Result<T>,
        mut then: impl FnMut(&mut Self, &SecretName, T) -> Result<()>,
    ) {
        let progress = Progress::start(names.len());
        let counted = async |name: &SecretName| {
            let result = task(name).await;
            progress.step();
            result
        };
        let client = self.client;
        let handle = |name: &SecretName, result: Result<T>| match result
            .and_then(|value| then(self, name, value))
        {
            Ok(()) => {}
            Err(Error::NoRecord { .. }) => {
                self.not_records += 1;
                self.note(name, "skipped");
                let message = format!("skipped `{name}`: not a record");
                self.printer.message(Label::Warning, &message);
            }
            Err(error) => {
                self.tell(name, "failed", Some(&error));
                self.errors.push(error);
            }
        };
        in_order(client, names, counted, handle).await;
    }

    /// Changes each of the names and reports what changed: `rekeyed web/prod`, and
    /// last `rekeyed 12 records, 3 already up to date, 1 failed`.
    pub(super) async fn change(
        &mut self,
        verb: &'static str,
        names: &[SecretName],
        task: impl AsyncFn(&SecretName) -> Result<Written>,
    ) {
        let report = |batch: &mut Self, name: &SecretName, written: Written| {
            if written.changed {
                batch.changed += 1;
                batch.note(name, verb);
                batch.printer.done(&format!("{verb} {name}"));
            } else {
                batch.unchanged += 1;
                batch.note(name, "unchanged");
            }
            Ok(())
        };
        self.each(names, task, report).await;
        self.printer.done(&format!("{verb} {self}"));
    }

    /// Whether any secret failed.
    pub(super) fn has_failed(&self) -> bool {
        !self.errors.is_empty()
    }

    /// All failures as one, each reported once: a wrong configuration fails for
    /// every record.
    pub(super) fn outcome(mut self) -> Result<()> {
        let mut seen: Vec<String> = Vec::new();
        self.errors.retain(|error| {
            let text = error.to_string();
            let new = !seen.contains(&text);
            seen.push(text);
            new
        });
        Error::several(self.errors)
    }
}

impl fmt::Display for Batch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.changed == 1 { "" } else { "s" };
        write!(f, "{} record{plural}", self.changed)?;
        if self.unchanged > 0 {
            write!(f, ", {} already up to date", self.unchanged)?;
        }
        if !self.errors.is_empty() {
            write!(f, ", {} failed", self.errors.len())?;
        }
        match self.not_records {
            0 => Ok(()),
            1 => write!(f, ", skipped 1 that is not a record"),
            others => write!(f, ", skipped {others} that are not records"),
        }
    }
}
