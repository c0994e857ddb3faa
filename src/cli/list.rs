//! `list`: the names of secrets, and what their records say of themselves.

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::Context;
use super::args::ListArgs;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::load::several;
use crate::name::OneLine;
use crate::read::Description;
use crate::store::{Entry, rfc3339};

/// How many records `--long` fetches at once.
const AT_ONCE: usize = 32;

/// A secret, and what its record says of itself: `None` where nobody asked, or
/// where it says nothing that makes sense.
type Row = (Entry, Option<Description>);

pub(super) fn run(args: &ListArgs, context: &Context) -> Result<()> {
    let (rows, errors) = Context::with_client(context.config()?, async |client| {
        let entries = all(client, &args.prefix).await?;
        Ok(if args.long {
            described(client, entries).await
        } else {
            (
                entries.into_iter().map(|entry| (entry, None)).collect(),
                vec![],
            )
        })
    })?;
    if args.json {
        let rows: Vec<Value> = rows.iter().map(|row| json_of(row, args.long)).collect();
        context.printer.json(&rows.into())?;
    } else {
        let lines: String = rows.iter().map(|row| line_of(row, args.long)).collect();
        context.printer.data(lines.as_bytes())?;
    }
    several(errors)
}

async fn all(client: &Client, prefix: &str) -> Result<Vec<Entry>> {
    let mut list = client.list(prefix);
    let mut entries = Vec::new();
    while let Some(page) = list.page().await? {
        entries.extend(page);
    }
    Ok(entries)
}

/// Looks into each record. One that is gone since is left out; any other
/// failure is told, and the secret stays in the list.
async fn described(client: &Client, entries: Vec<Entry>) -> (Vec<Row>, Vec<Error>) {
    let look = |entry: Entry| async move {
        let told = client.describe(&entry.name, None).await;
        (entry, told)
    };
    let mut looks = stream::iter(entries.into_iter().map(look)).buffered(AT_ONCE);
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    while let Some((entry, told)) = looks.next().await {
        match told {
            Ok(description) => rows.push((entry, Some(description))),
            Err(Error::Missing { .. }) => {}
            Err(error) => {
                rows.push((entry, None));
                errors.push(error);
            }
        }
    }
    (rows, errors)
}

fn json_of((entry, told): &Row, long: bool) -> Value {
    let mut row = json!({
        "name": entry.name.as_str(),
        "size": entry.size,
        "modified": rfc3339(entry.modified),
    });
    if long {
        row["version"] = told.as_ref().map(|told| told.version.as_str()).into();
        row["format"] = told.as_ref().map(|told| told.format).into();
    }
    row
}

fn line_of((entry, told): &Row, long: bool) -> String {
    if !long {
        return format!("{}\n", entry.name);
    }
    let unknown = || "-".to_owned();
    let version = told
        .as_ref()
        .map_or_else(unknown, |told| told.version.clone());
    let format = told
        .as_ref()
        .map_or_else(unknown, |told| told.format.to_string());
    let (size, modified) = (entry.size, rfc3339(entry.modified));
    let version = OneLine(version);
    format!("{}\t{size}\t{modified}\t{version}\t{format}\n", entry.name)
}
