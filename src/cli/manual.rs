//! Manual pages, generated from the arguments and their help.
//!
//! This module adds what `--help` leaves out: variables, files and statuses.

use std::io::{self, Write as _};

use clap::builder::{PossibleValue, Resettable};
use clap::{Arg, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::{Error, Result};

const STATUSES: [(&str, &str); 7] = [
    ("0", "Done."),
    ("1", "AWS, network or I/O error."),
    ("2", "Usage or configuration error."),
    ("3", "No such secret, version or field."),
    ("4", "The record is damaged or fails authentication."),
    ("5", "The secret cannot become variables or has no fields."),
    (
        "6",
        "Conflict: the name is taken, or the secret has changed.",
    ),
];

const VARIABLES: [(&str, &str); 10] = [
    (
        "LAZYCRED_CONFIG",
        "The configuration file, instead of the nearest .lazycred.",
    ),
    (
        "LAZYCRED_ENVIRONMENT",
        "The environment of that file, unless -e names one.",
    ),
    (
        "LAZYCRED_S3_PATH",
        "Where secrets are stored, if no configuration file is found. Set it together with LAZYCRED_KEY_ALIAS.",
    ),
    ("LAZYCRED_KEY_ALIAS", "The wrapping key."),
    (
        "LAZYCRED_SECRETS",
        "References that exec adds to its own, split into words as a shell would.",
    ),
    (
        "LAZYCRED_OPTIONS",
        "Options for exec when it is invoked as lazycred-exec.",
    ),
    (
        "LAZYCRED_LOG",
        "The log level on stderr: off, error, warn, info, debug or trace.",
    ),
    (
        "LAZYCRED_ALLOW_HTTP",
        "Set to 1 to allow plain HTTP to other hosts.",
    ),
    (
        "AWS_REGION",
        "The region of KMS. Other variables of the AWS SDK apply too: AWS_PROFILE, AWS_ENDPOINT_URL, credentials.",
    ),
    ("NO_COLOR", "If set and not empty, disables colour."),
];

const FILES: [(&str, &str); 2] = [
    (
        ".lazycred",
        "The configuration, as JSON: in this folder, a parent, or the home directory.",
    ),
    (
        "~/.local/share/lazycred/NAME.key",
        "The local wrapping key local:NAME. XDG_DATA_HOME replaces ~/.local/share.",
    ),
];

/// A command's page, as roff.
pub(super) fn page(command: Command) -> Result<Vec<u8>> {
    roff(command).map_err(|error| Error::io("generate the page", error))
}

/// The pages of a program and of all its commands that help shows, by their file names.
pub(super) fn pages(root: &Command) -> Result<Vec<(String, Vec<u8>)>> {
    let shown = root.get_subcommands();
    let shown = shown.filter(|command| !command.is_hide_set());
    let all = std::iter::once(root).chain(shown);
    let named = |command: &Command| {
        let name = command.get_display_name().unwrap_or(command.get_name());
        Ok((format!("{name}.1"), page(command.clone())?))
    };
    all.map(named).collect()
}

fn roff(mut command: Command) -> io::Result<Vec<u8>> {
    let help = command.get_after_help().map(ToString::to_string);
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").to_owned();
    let name = command.get_display_name().unwrap_or("lazycred").to_owned();
    let (is_root, is_exec) = (name == "lazycred", command.get_name() == "exec");
    let title = name.to_uppercase();
    let command = command
        .override_usage(usage)
        .after_help(Resettable::Reset)
        .mut_args(whole);
    let mut text = Vec::new();
    Man::new(command).render(&mut text)?;
    let mut page = Vec::new();
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        if line.starts_with(b".TH ") {
            // clap_mangen drops an empty date and shifts the other fields.
            let version = env!("CARGO_PKG_VERSION");
            writeln!(page, ".TH {title} 1 \"\" \"lazycred {version}\" LazyCred")?;
        } else {
            page.extend(line);
        }
    }
    let mut rest = Roff::new();
    let mut statuses = Vec::new();
    for paragraph in help.unwrap_or_default().split("\n\n") {
        match paragraph.strip_prefix("Examples:\n") {
            Some(examples) => {
                rest.control("SH", ["EXAMPLES"]).control("nf", []);
                for line in examples.lines() {
                    rest.text([roman(line.trim_start())]);
                }
                rest.control("fi", []);
            }
            None => statuses.push(paragraph.replace('\n', " ")),
        }
    }
    rest.control("SH", ["EXIT STATUS"]);
    if !is_exec {
        list(&mut rest, &STATUSES);
    }
    for paragraph in statuses.iter().filter(|text| !text.is_empty()) {
        if !is_exec {
            rest.control("PP", []);
        }
        rest.text([roman(paragraph)]);
    }
    if is_root || is_exec {
        rest.control("SH", ["ENVIRONMENT"]);
        list(&mut rest, &VARIABLES);
        rest.control("SH", ["FILES"]);
        list(&mut rest, &FILES);
    }
    if !is_root {
        rest.control("SH", ["SEE ALSO"]);
        rest.text([bold("lazycred"), roman("(1)")]);
    }
    rest.to_writer(&mut page)?;
    Ok(page)
}

/// An argument with all of its `--help`, compactly.
fn whole(arg: Arg) -> Arg {
    let values = arg.get_possible_values();
    let arg = arg.hide_short_help(false);
    if values.is_empty() || !arg.get_action().takes_values() {
        return arg;
    }
    let values: Vec<&str> = values.iter().map(PossibleValue::get_name).collect();
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let help = format!("{help}: {}", values.join(", "));
    arg.hide_possible_values(true).help(help)
}

fn list(page: &mut Roff, items: &[(&str, &str)]) {
    for (item, description) in items {
        page.control("TP", []).text([bold(*item)]);
        page.text([roman(*description)]);
    }
}
