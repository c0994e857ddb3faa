//! `history`: lists the versions of a secret.

use std::time::SystemTime;

use serde_json::{Value, json};

use crate::cli::ago::ago;
use crate::cli::args::HistoryArgs;
use crate::cli::context::Context;
use crate::cli::output::Screen;
use crate::cli::short;
use crate::cli::table::{Cell, Colour, Column, Table};
use crate::text::OneLine;
use crate::{Result, Version, rfc3339};

pub(in crate::cli) fn run(args: &HistoryArgs, context: &Context) -> Result<()> {
    let printer = context.printer;
    let versions = context.with_client(async |client| client.history(&args.name).await)?;
    if args.json {
        let versions: Vec<Value> = versions.iter().map(json_of).collect();
        return printer.json(&versions.into());
    }
    if let Some(screen) = printer.screen() {
        return printer.data(table_of(&versions, screen).text().as_bytes());
    }
    let lines: String = versions.iter().map(line_of).collect();
    printer.data(lines.as_bytes())
}

fn json_of(version: &Version) -> Value {
    json!({
        "version": version.version,
        "modified": rfc3339(version.modified),
        "size": version.size,
        "deleted": version.deleted,
        "current": version.current,
    })
}

fn table_of(versions: &[Version], screen: Screen) -> Table {
    let mut table = Table::new(
        screen,
        vec![
            Column::left("VERSION"),
            Column::left("MODIFIED"),
            Column::right("SIZE"),
            Column::left("STATE"),
        ],
    );
    let now = SystemTime::now();
    for (version, short) in versions.iter().zip(short::unique(versions)) {
        let state = state_of(version);
        let (size, colour) = if version.deleted {
            (String::new(), Colour::Red)
        } else {
            (version.size.to_string(), Colour::Green)
        };
        table.row(vec![
            Cell::new(&short),
            Cell::new(&ago(version.modified, now)),
            Cell::new(&size),
            Cell::new(state).coloured(colour),
        ]);
    }
    table
}

fn line_of(version: &Version) -> String {
    let (modified, size) = (rfc3339(version.modified), version.size);
    let state = state_of(version);
    let tab = if state.is_empty() { "" } else { "\t" };
    format!(
        "{}\t{modified}\t{size}{tab}{state}\n",
        OneLine(&version.version)
    )
}

fn state_of(version: &Version) -> &'static str {
    match (version.current, version.deleted) {
        (_, true) => "removed",
        (true, false) => "current",
        (false, false) => "",
    }
}
