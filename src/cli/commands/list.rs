//! `list`: the names of secrets, and details of their records.

use std::time::SystemTime;

use serde_json::{Value, json};

use crate::cli::ago::ago;
use crate::cli::args::ListArgs;
use crate::cli::context::Context;
use crate::cli::output::{Reader, Screen};
use crate::cli::progress::Progress;
use crate::cli::short;
use crate::cli::table::{Cell, Column, Table};
use crate::cli::throttle::in_order;
use crate::text::{OneLine, escaped_in_json};
use crate::{Client, Description, Entry, Error, Result, rfc3339};

/// A secret and details of its record: `None` without `--long`, or if it could not
/// be read.
type Row = (Entry, Option<Description>);

pub(in crate::cli) fn run(args: &ListArgs, context: &Context) -> Result<()> {
    let printer = context.printer;
    let screen = printer.screen().filter(|_| args.long && !args.json);
    let mut table = screen.map(table_on);
    context.with_client(async |client| {
        let mut list = client.list(&args.prefix);
        let mut errors = Vec::new();
        let mut listed = 0;
        // At a terminal, the names themselves show how far it is.
        let counts = args.long || !printer.shows_data();
        let progress = counts.then(|| {
            Progress::open_ended(if args.long {
                "records read"
            } else {
                "names listed"
            })
        });
        loop {
            let entries = match list.page().await {
                Ok(Some(entries)) => entries,
                Ok(None) => break,
                Err(error) => {
                    errors.push(error);
                    return Error::several(errors);
                }
            };
            let rows = if args.long {
                described(client, entries, &mut errors, progress.as_ref()).await
            } else {
                if let Some(progress) = &progress {
                    progress.add(entries.len());
                }
                entries.into_iter().map(|entry| (entry, None)).collect()
            };
            // One page at a time, so that none waits for the next and none is kept.
            let mut text = String::new();
            for row in &rows {
                if args.json {
                    text.push_str(if listed == 0 { "[" } else { "," });
                    let row = escaped_in_json(&format!("{:#}", json_of(row, args.long)));
                    for line in row.lines() {
                        text.extend(["\n  ", line]);
                    }
                } else if let Some(table) = &mut table {
                    table.row(cells_of(row));
                } else {
                    text.push_str(&line_of(row, args.long));
                }
                listed += 1;
            }
            if let Some(table) = &mut table {
                text.push_str(&table.text());
            }
            if printer.piece(text.as_bytes())? == Reader::Gone {
                return Error::several(errors);
            }
        }
        match listed {
            0 if !args.json && args.prefix.is_empty() => printer.nothing("no secrets yet"),
            0 if !args.json => {
                let prefix = OneLine(&args.prefix);
                printer.nothing(&format!("no names start with `{prefix}`"));
            }
            _ if !args.json => {}
            0 => printer.data(b"[]\n")?,
            _ => printer.data(b"\n]\n")?,
        }
        Error::several(errors)
    })
}

/// Adds details of each record. Leaves out one that has been removed since; lists a
/// file that is not a record, or any other that fails, without details.
async fn described(
    client: &Client,
    entries: Vec<Entry>,
    errors: &mut Vec<Error>,
    progress: Option<&Progress>,
) -> Vec<Row> {
    let look = async |entry: &Entry| {
        let description = client.describe(&entry.name, None).await;
        if let Some(progress) = progress {
            progress.step();
        }
        description
    };
    let mut found = Vec::with_capacity(entries.len());
    in_order(client, &entries, look, |_, about| found.push(about)).await;
    let mut rows = Vec::new();
    for (entry, about) in entries.into_iter().zip(found) {
        match about {
            Ok(description) => rows.push((entry, Some(description))),
            Err(Error::Missing { .. }) => {}
            Err(Error::NoRecord { .. }) => rows.push((entry, None)),
            Err(error) => {
                rows.push((entry, None));
                errors.push(error);
            }
        }
    }
    rows
}

fn json_of((entry, about): &Row, long: bool) -> Value {
    let mut row = json!({
        "name": entry.name.as_str(),
        "size": entry.size,
        "modified": rfc3339(entry.modified),
    });
    if long {
        row["version"] = about.as_ref().map(|about| about.version.as_str()).into();
        row["format"] = about.as_ref().map(|about| about.format).into();
    }
    row
}

fn table_on(screen: Screen) -> Table {
    let columns = vec![
        Column::left("NAME"),
        Column::right("SIZE"),
        Column::left("MODIFIED"),
        Column::left("VERSION"),
        Column::left("FORMAT"),
    ];
    Table::new(screen, columns)
}

fn cells_of((entry, about): &Row) -> Vec<Cell> {
    let (version, format) = match about {
        Some(about) => {
            let version = short::alone(&about.version, entry.etag.as_deref());
            (version, about.format.to_string())
        }
        None => ("-".to_owned(), "-".to_owned()),
    };
    let modified = ago(entry.modified, SystemTime::now());
    let cells = [
        entry.name.as_str(),
        &entry.size.to_string(),
        &modified,
        &version,
        &format,
    ];
    cells.map(Cell::new).into()
}

fn line_of((entry, about): &Row, long: bool) -> String {
    if !long {
        return format!("{}\n", entry.name);
    }
    let (version, format) = match about {
        Some(about) => (about.version.as_str(), about.format.to_string()),
        None => ("-", "-".to_owned()),
    };
    let (size, modified) = (entry.size, rfc3339(entry.modified));
    let version = OneLine(version);
    format!("{}\t{size}\t{modified}\t{version}\t{format}\n", entry.name)
}
