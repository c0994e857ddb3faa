//! One thing done to many secrets: so many at a time, in the order of their
//! names, and none stops because another failed.

use futures_util::{StreamExt, pin_mut, stream};

use super::output::{Label, Printer};
use super::progress::Progress;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::load::several;
use crate::name::{OneLine, SecretName};

/// How many secrets are worked on at once.
const AT_ONCE: usize = 16;

/// The names that start with a prefix; says so if there is none.
pub(super) async fn names(
    client: &Client,
    prefix: &str,
    printer: Printer,
) -> Result<Vec<SecretName>> {
    let mut names = Vec::new();
    let mut list = client.list(prefix);
    while let Some(page) = list.page().await? {
        names.extend(page.into_iter().map(|entry| entry.name));
    }
    if names.is_empty() && !prefix.is_empty() {
        let message = format!("no secret's name starts with `{}`", OneLine(prefix));
        printer.message(Label::Warning, &message);
    }
    Ok(names)
}

/// Does something to each, and hands on what comes of it, in their order.
///
/// Gives the failures.
pub(super) async fn each<T>(
    names: &[SecretName],
    printer: Printer,
    work: impl AsyncFn(&SecretName) -> Result<T>,
    mut then: impl FnMut(&SecretName, T) -> Result<()>,
) -> Vec<Error> {
    let progress = Progress::start(printer, names.len());
    let one = async |name| {
        let result = work(name).await;
        progress.step();
        (name, result)
    };
    let all = stream::iter(names.iter().map(one)).buffered(AT_ONCE);
    pin_mut!(all);
    let mut errors = Vec::new();
    while let Some((name, result)) = all.next().await {
        if let Err(error) = result.and_then(|value| then(name, value)) {
            errors.push(error);
        }
    }
    errors
}

/// All failures as one, each told once: what is wrong with the configuration
/// is so for every record.
pub(super) fn outcome(mut errors: Vec<Error>) -> Result<()> {
    let mut told: Vec<String> = Vec::new();
    errors.retain(|error| {
        let text = error.to_string();
        let new = !told.contains(&text);
        told.push(text);
        new
    });
    several(errors)
}
