//! `diff`: the fields in which two secrets differ.

use std::process::ExitCode;

use zeroize::Zeroizing;

use crate::cli::args::DiffArgs;
use crate::cli::context::Context;
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
    for difference in &differences {
        let line = line_of(difference, args.show);
        context.printer.data(line.as_bytes())?;
    }
    Ok(if args.exit_code && !differences.is_empty() {
        ExitCode::from(THEY_DIFFER)
    } else {
        ExitCode::SUCCESS
    })
}

fn line_of(difference: &Difference, show: bool) -> Zeroizing<String> {
    let what = match (&difference.before, &difference.after) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    };
    let plain = format!("{what}\t{}", OneLine(&difference.path));
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
