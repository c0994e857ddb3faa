//! Getting and putting in earnest: what holds for any store.

use rand_core::{OsRng, RngCore};

use super::remedy::Needs;
use super::report::{Report, Status};
use crate::{Client, Error, Operation, Precondition, Result, Secret, SecretName};

/// Opens the first secret that there is, and passes over what is no record.
pub(super) async fn read(report: &mut Report, client: &Client, needs: &Needs) {
    const CHECK: &str = "read";
    let mut others = Others::default();
    let read = first(client, &mut others).await;
    if let Some(detail) = others.told() {
        report.add(
            "other files",
            Status::Warning,
            &detail,
            Some("move them elsewhere: they are listed as secrets but cannot be read".into()),
        );
    }
    match read {
        Ok(FirstSecret::Nothing) => report.ok(CHECK, "no secret is stored yet"),
        Ok(FirstSecret::NothingSoFar) => report.ok(
            CHECK,
            &format!("no secret among the first {MOST_OTHERS} names"),
        ),
        Ok(FirstSecret::Opened(name)) => report.ok(CHECK, &format!("`{name}` opens")),
        Err(
            error @ Error::Aws {
                operation: Operation::List,
                ..
            },
        ) if error.is_denied() => {
            report.failed("list", Status::Warning, &error, Some(needs));
        }
        Err(error) => report.failed(CHECK, Status::Error, &error, Some(needs)),
    }
}

/// How many names that are no records are looked at, and how many are told.
const MOST_OTHERS: usize = 100;
const TOLD: usize = 3;

/// What there is to read.
enum FirstSecret {
    Opened(SecretName),
    Nothing,
    /// There may be more.
    NothingSoFar,
}

/// What is no record.
#[derive(Default)]
struct Others {
    count: usize,
    names: Vec<SecretName>,
}

impl Others {
    fn add(&mut self, name: SecretName) {
        self.count += 1;
        if self.names.len() < TOLD {
            self.names.push(name);
        }
    }

    fn told(&self) -> Option<String> {
        let names: Vec<String> = self.names.iter().map(|name| format!("`{name}`")).collect();
        let (names, more) = (names.join(", "), self.count - self.names.len());
        match (self.count, more) {
            (0, _) => None,
            (1, _) => Some(format!("{names} is not a record")),
            (_, 0) => Some(format!("{names} are not records")),
            (_, more) => Some(format!("{names} and {more} more are not records")),
        }
    }
}

async fn first(client: &Client, others: &mut Others) -> Result<FirstSecret> {
    let mut list = client.list("");
    while let Some(page) = list.page().await? {
        for entry in page {
            match client.get(&entry.name).await {
                Ok(_) => return Ok(FirstSecret::Opened(entry.name)),
                Err(Error::NoRecord { .. }) => others.add(entry.name),
                Err(error) => return Err(error),
            }
            if others.count == MOST_OTHERS {
                return Ok(FirstSecret::NothingSoFar);
            }
        }
    }
    Ok(FirstSecret::Nothing)
}

/// Stores a secret of its own, reads it, and removes it.
pub(super) async fn write(report: &mut Report, client: &Client, needs: &Needs) {
    const CHECK: &str = "write";
    let name = format!(".lazycred-probe-{:016x}", OsRng.next_u64());
    let name: SecretName = match name.parse() {
        Ok(name) => name,
        Err(error) => return report.failed(CHECK, Status::Error, &error.into(), None),
    };
    let secret = Secret::from(format!("{:016x}", OsRng.next_u64()).as_str());
    let put = client.put_if(&name, &secret, &Precondition::Absent);
    if let Err(error) = put.await {
        return report.failed(CHECK, Status::Error, &error, Some(needs));
    }
    report.ok(CHECK, &format!("`{name}` was stored"));
    match client.enforces_conditions(&name).await {
        Ok(Some(true)) => report.ok("conditions", "conditional writes are enforced"),
        Ok(Some(false)) => report.add(
            "conditions",
            Status::Warning,
            "conditional writes are not enforced, so one of two concurrent writes is lost",
            Some("use a store that honours If-Match and If-None-Match, as S3 does".into()),
        ),
        // What could not be read is said just below.
        Ok(None) => {}
        Err(error) => report.failed("conditions", Status::Error, &error, Some(needs)),
    }
    match client.get(&name).await {
        Ok(read) if read.as_bytes() == secret.as_bytes() => {
            report.ok("read back", "it matches what was stored");
        }
        Ok(_) => report.add(
            "read back",
            Status::Error,
            "it differs from what was stored",
            Some("the store alters data: keep no secrets there".into()),
        ),
        Err(error) => report.failed("read back", Status::Error, &error, Some(needs)),
    }
    match client.delete(&name).await {
        Ok(_) => report.ok("remove", &format!("`{name}` was removed")),
        Err(error) => report.failed("remove", Status::Warning, &error, Some(needs)),
    }
}
