//! Trial reads and writes, of any store.

use rand_core::{OsRng, RngCore};

use super::report::{Proof, Report, Status};
use crate::{Client, Error, Operation, Precondition, Result, Secret, SecretName};

/// Opens one secret.
pub(super) async fn open(report: &mut Report, client: &Client, name: &SecretName) {
    const CHECK: &str = "read";
    match client.get(name).await {
        Ok(_) => {
            report.shows(Proof::Opened);
            report.ok(CHECK, &format!("opened `{name}`"));
        }
        Err(error @ Error::Missing { version: None, .. }) => {
            report.lacks(CHECK, &name.to_string(), &error);
        }
        Err(error) => report.failed(CHECK, Status::Error, &error),
    }
}

/// Opens the first secret, skipping files that are not records.
pub(super) async fn read(report: &mut Report, client: &Client) {
    const CHECK: &str = "read";
    let mut others = Vec::new();
    let read = first(client, &mut others).await;
    if read.is_ok() {
        report.shows(Proof::Permitted);
    }
    if let Some(detail) = describe(&others) {
        report.problem(
            "other files",
            Status::Warning,
            &detail,
            "move them elsewhere: they are listed as secrets but cannot be read",
        );
    }
    match read {
        Ok(Some(name)) => {
            report.shows(Proof::Opened);
            report.ok(CHECK, &format!("opened `{name}`"));
        }
        Ok(None) if others.len() == MOST_OTHERS => {
            let detail = format!("no secret among the first {MOST_OTHERS} names");
            report.ok(CHECK, &detail);
        }
        Ok(None) => {
            report.shows(Proof::Empty);
            report.ok(CHECK, "no secret is stored yet");
        }
        Err(
            error @ Error::Aws {
                operation: Operation::List,
                ..
            },
        ) if error.is_denied() => {
            report.failed("list", Status::Warning, &error);
        }
        Err(error) => report.failed(CHECK, Status::Error, &error),
    }
}

/// How many files that are not records are looked at, and how many are named.
const MOST_OTHERS: usize = 100;
const MOST_NAMED: usize = 3;

fn describe(others: &[SecretName]) -> Option<String> {
    let (named, more) = others.split_at(others.len().min(MOST_NAMED));
    let named: Vec<String> = named.iter().map(|name| format!("`{name}`")).collect();
    let named = named.join(", ");
    match (others.len(), more.len()) {
        (0, _) => None,
        (1, _) => Some(format!("{named} is not a record")),
        (_, 0) => Some(format!("{named} are not records")),
        (_, more) => Some(format!("{named} and {more} more are not records")),
    }
}

/// The first secret that opens; until then, collects files that are not records.
async fn first(client: &Client, others: &mut Vec<SecretName>) -> Result<Option<SecretName>> {
    let mut list = client.list("");
    while let Some(page) = list.page().await? {
        for entry in page {
            match client.get(&entry.name).await {
                Ok(_) => return Ok(Some(entry.name)),
                Err(Error::NoRecord { .. }) => others.push(entry.name),
                Err(error) => return Err(error),
            }
            if others.len() == MOST_OTHERS {
                return Ok(None);
            }
        }
    }
    Ok(None)
}

/// Stores a test secret, reads it, and removes it.
pub(super) async fn write(report: &mut Report, client: &Client) {
    const CHECK: &str = "write";
    let name = format!(".lazycred-probe-{:016x}", OsRng.next_u64());
    let name: SecretName = match name.parse() {
        Ok(name) => name,
        Err(error) => return report.failed(CHECK, Status::Error, &error.into()),
    };
    let secret = Secret::from(format!("{:016x}", OsRng.next_u64()).as_str());
    let put = client.put_if(&name, secret.clone(), &Precondition::Absent);
    if let Err(error) = put.await {
        return report.failed(CHECK, Status::Error, &error);
    }
    report.ok(CHECK, &format!("`{name}` was stored"));
    match client.enforces_conditions(&name).await {
        Ok(Some(true)) => report.ok("conditions", "conditional writes are enforced"),
        Ok(Some(false)) => report.problem(
            "conditions",
            Status::Warning,
            "conditional writes are not enforced, so one of two concurrent writes is lost",
            "use a store that honours If-Match and If-None-Match, as S3 does",
        ),
        // The read below reports the failure.
        Ok(None) => {}
        Err(error) => report.failed("conditions", Status::Error, &error),
    }
    match client.get(&name).await {
        Ok(read) if read.as_bytes() == secret.as_bytes() => {
            report.shows(Proof::Stored);
            report.ok("read back", "it matches what was stored");
        }
        Ok(_) => report.problem(
            "read back",
            Status::Error,
            "it differs from what was stored",
            "the store alters data: keep no secrets there",
        ),
        Err(error) => report.failed("read back", Status::Error, &error),
    }
    match client.delete(&name).await {
        Ok(_) => report.ok("remove", &format!("`{name}` was removed")),
        Err(error) => report.failed("remove", Status::Warning, &error),
    }
}
