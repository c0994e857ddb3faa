//! `diff`: the fields in which two secrets differ.

use std::process::ExitCode;

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
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
    if differences.is_empty() {
        printer.nothing("no differences");
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
    old: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<Json>,
}

fn json_of(differences: &[Difference], show: bool) -> Zeroizing<String> {
    let value = |secret: &Option<Secret>| secret.as_ref().filter(|_| show).map(json_value);
    let differences = differences.iter().map(|difference| Told {
        path: &difference.path,
        change: change_of(difference),
        old: value(&difference.before),
        new: value(&difference.after),
    });
    let differences: Vec<Told> = differences.collect();
    let values = differences.iter().flat_map(|told| [&told.old, &told.new]);
    let values = values.flatten().map(|value| value.0.len());
    let paths = differences.iter().map(|told| 6 * told.path.len() + 128);
    // A text that grows would leave copies behind.
    let mut document = Zeroizing::new(Vec::with_capacity(
        values.sum::<usize>() + paths.sum::<usize>() + 16,
    ));
    serde_json::to_writer_pretty(&mut *document, &differences)
        .expect("differences are text and JSON");
    text_of(document)
}

/// JSON is text; neither is copied.
fn text_of(mut json: Zeroizing<Vec<u8>>) -> Zeroizing<String> {
    let json = String::from_utf8(std::mem::take(&mut *json));
    Zeroizing::new(json.expect("JSON is UTF-8"))
}

/// JSON as it is written; any other text as a string, with bytes that are no text
/// escaped.
fn json_value(secret: &Secret) -> Json {
    let text = std::str::from_utf8(secret.as_bytes());
    if let Ok(text) = text
        && let Ok(json) = serde_json::from_str::<&RawValue>(text)
    {
        return Json(Zeroizing::new(json.get().to_owned()));
    }
    match text {
        Ok(text) => Json(string_of(text)),
        Err(_) => Json(string_of(&shown(Some(secret), true))),
    }
}

/// A text as a JSON string.
fn string_of(text: &str) -> Zeroizing<String> {
    // The longest escape of a byte has six characters.
    let mut string = Zeroizing::new(Vec::with_capacity(6 * text.len() + 2));
    serde_json::to_writer(&mut *string, text).expect("a string is always JSON");
    text_of(string)
}

/// A text that is JSON.
struct Json(Zeroizing<String>);

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let json: &RawValue = serde_json::from_str(&self.0).map_err(S::Error::custom)?;
        json.serialize(serializer)
    }
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
            match &*difference.path {
                "" => Cell::new("(whole secret)"),
                path => Cell::new(path),
            },
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
