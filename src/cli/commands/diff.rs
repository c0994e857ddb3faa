//! `diff`: the fields in which two secrets differ.

use std::process::ExitCode;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use zeroize::Zeroizing;

use crate::cli::args::DiffArgs;
use crate::cli::context::Context;
use crate::cli::output::{Printer, Screen};
use crate::cli::table::{Cell, Colour, Column, Table};
use crate::text::{OneLine, is_hidden};
use crate::{Difference, Result, Secret};

/// The status of `--exit-code` where they differ.
const THEY_DIFFER: u8 = 7;

pub(in crate::cli) fn run(args: &DiffArgs, context: &Context) -> Result<ExitCode> {
    let differences = context.with_client(async |client| {
        let before = (&args.name, args.version.as_deref());
        let after = (args.other.as_ref().unwrap_or(&args.name), None);
        client.diff(before, after).await
    })?;
    print(&differences, args, context.printer)?;
    Ok(if args.exit_code && !differences.is_empty() {
        ExitCode::from(THEY_DIFFER)
    } else {
        ExitCode::SUCCESS
    })
}

fn print(differences: &[Difference], args: &DiffArgs, printer: Printer) -> Result<()> {
    let show = args.show;
    if args.json {
        return printer.json_text(&json_of(differences, show));
    }
    if let Some(screen) = printer.screen() {
        return printer.data(table_of(differences, show, screen).text().as_bytes());
    }
    for difference in differences {
        printer.data(line_of(difference, show).as_bytes())?;
    }
    Ok(())
}

fn change_of(difference: &Difference) -> &'static str {
    match (&difference.before, &difference.after) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    }
}

/// A difference, as `--json` prints it. A side that has no value is left out.
#[derive(Serialize)]
struct Told<'a> {
    path: &'a str,
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<Box<RawValue>>,
}

fn json_of(differences: &[Difference], show: bool) -> Zeroizing<String> {
    let value = |secret: &Option<Secret>| secret.as_ref().filter(|_| show).map(json_value);
    let differences = differences.iter().map(|difference| Told {
        path: &difference.path,
        change: change_of(difference),
        old: value(&difference.before),
        new: value(&difference.after),
    });
    let document = serde_json::to_string_pretty(&differences.collect::<Vec<_>>());
    Zeroizing::new(document.expect("differences are text and JSON"))
}

/// JSON as it is written; any other text as a string, with bytes that are no text
/// escaped.
fn json_value(secret: &Secret) -> Box<RawValue> {
    let text = std::str::from_utf8(secret.as_bytes());
    let json = text.ok().and_then(|text| serde_json::from_str(text).ok());
    json.unwrap_or_else(|| {
        let string = match text {
            Ok(text) => to_raw_value(text),
            Err(_) => to_raw_value(&*shown(Some(secret), true)),
        };
        string.expect("a text")
    })
}

fn table_of(differences: &[Difference], show: bool, screen: Screen) -> Table {
    let mut columns = vec![Column::left("CHANGE"), Column::left("PATH")];
    if show {
        columns.extend([Column::left("OLD"), Column::left("NEW")]);
    }
    let mut table = Table::new(screen, columns);
    for difference in differences {
        let change = change_of(difference);
        let colour = match change {
            "added" => Colour::Green,
            "removed" => Colour::Red,
            _ => Colour::Yellow,
        };
        let values = [&difference.before, &difference.after];
        let mut row = vec![
            Cell::new(change).coloured(colour),
            Cell::new(&difference.path),
        ];
        row.extend(values.map(|value| Cell::from(shown(value.as_ref(), show))));
        table.row(row);
    }
    table
}

fn line_of(difference: &Difference, show: bool) -> Zeroizing<String> {
    let plain = format!("{}\t{}", change_of(difference), OneLine(&difference.path));
    let values = [&difference.before, &difference.after].map(|value| shown(value.as_ref(), show));
    let size = values.iter().map(|value| value.len() + 1).sum::<usize>();
    // A string that grows would leave copies behind.
    let mut line = Zeroizing::new(String::with_capacity(plain.len() + size + 1));
    line.push_str(&plain);
    if show {
        for value in values {
            line.push('\t');
            line.push_str(&value);
        }
    }
    line.push('\n');
    line
}

/// A value on one line. JSON needs no escapes: it has no control characters.
fn shown(value: Option<&Secret>, show: bool) -> Zeroizing<String> {
    let bytes = value.filter(|_| show).map_or(&[][..], Secret::as_bytes);
    // A byte becomes at most six characters: `\u{7f}`.
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 6));
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if is_hidden(character) {
                text.extend(character.escape_default());
            } else {
                text.push(character);
            }
        }
        for byte in chunk.invalid() {
            text.extend(byte.escape_ascii().map(char::from));
        }
    }
    text
}
