//! The name `lazycred-exec`: all arguments are the command, and the options come
//! from a variable, for places that accept only a program.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::args::Command;
use super::context::Called;
use crate::{Error, Result};

/// The name that the program must be invoked by.
const NAME: &str = "lazycred-exec";

/// The variable with options of `exec`, split into words as a shell would.
pub(super) const OPTIONS: &str = "LAZYCRED_OPTIONS";

/// The variable with references in addition to those of the command line.
pub(super) const SECRETS: &str = "LAZYCRED_SECRETS";

/// The arguments as `lazycred exec` takes them. Refuses options that cannot be
/// split, or that contain `--`, which would start the command.
pub(super) fn expand(args: Vec<OsString>) -> Result<(Vec<OsString>, Called)> {
    let own = args.first().map(Path::new).and_then(Path::file_name);
    if own.is_none_or(|own| own != NAME) {
        return Ok((args, Called::Lazycred));
    }
    let options = words(OPTIONS, &env::var_os(OPTIONS).unwrap_or_default())?;
    if options.iter().any(|option| option == "--") {
        return Err(runs_nothing("`--`"));
    }
    let mut expanded: Vec<OsString> = vec!["lazycred".into(), "exec".into()];
    expanded.extend(options.into_iter().map(OsString::from));
    expanded.push("--".into());
    expanded.extend(args.into_iter().skip(1));
    Ok((expanded, Called::LazycredExec))
}

/// The patterns of `--from-env`: as given, or `*` for `lazycred-exec` without any.
pub(super) fn from_env(called: Called, given: &[String]) -> Vec<&str> {
    if called == Called::LazycredExec && given.is_empty() {
        return vec!["*"];
    }
    given.iter().map(String::as_str).collect()
}

/// The words of a variable, split as a shell would, and at line ends of any kind.
pub(super) fn words(variable: &str, value: &OsStr) -> Result<Vec<String>> {
    let wrong =
        |what: &str, hint: &str| Error::usage_hint(format!("the variable {variable} {what}"), hint);
    let not_utf8 = || wrong("is not UTF-8", "write it in UTF-8");
    let text = value.to_str().ok_or_else(not_utf8)?;
    let text = text.replace(['\r', '\u{b}', '\u{c}'], "\n");
    let unclosed = || {
        wrong(
            "has an unclosed quote",
            "close it, or write `\\'` for a quote",
        )
    };
    split(&text).ok_or_else(unclosed)
}

/// Words as a shell splits them, but `#` begins no comment, which would drop what
/// follows unnoticed; `None` for an unclosed quote.
pub(super) fn split(text: &str) -> Option<Vec<String>> {
    let stands_in = ('\u{e000}'..='\u{f8ff}').find(|c| !text.contains(*c))?;
    let words = shell_words::split(&text.replace('#', &stands_in.to_string())).ok()?;
    let with_hash = |word: String| word.replace(stands_in, "#");
    Some(words.into_iter().map(with_hash).collect())
}

/// Refuses options that run another command or none: nobody would notice.
pub(super) fn check(command: &Command) -> Result<()> {
    match command {
        Command::Exec(args) if args.dry_run => Err(runs_nothing("--dry-run")),
        Command::Exec(args) if args.command_string.is_some() => Err(runs_nothing("-c")),
        _ => Ok(()),
    }
}

/// The command whose help and manual page tell of a word: those of `exec` tell of this name.
pub(super) fn documented(word: &str) -> &str {
    if word == NAME { "exec" } else { word }
}

/// Whether the options ask for the version, for which `exec` has no option.
pub(super) fn asks_for_version(error: &clap::Error) -> bool {
    let option = error.get(ContextKind::InvalidArg);
    let version = |option: &str| option == "--version" || option == "-V";
    error.kind() == ErrorKind::UnknownArgument
        && matches!(option, Some(ContextValue::String(option)) if version(option))
}

/// Whether the options hold a command, beside the arguments.
pub(super) fn holds_command(error: &clap::Error) -> bool {
    let kinds = [ContextKind::InvalidArg, ContextKind::PriorArg];
    let is_it = |text: &str| text.starts_with("-c ");
    error.kind() == ErrorKind::ArgumentConflict
        && kinds.iter().any(|kind| match error.get(*kind) {
            Some(ContextValue::String(text)) => is_it(text),
            Some(ContextValue::Strings(texts)) => texts.iter().any(|text| is_it(text)),
            _ => false,
        })
}

/// The error for an option that would keep the command from running.
pub(super) fn runs_nothing(option: &str) -> Error {
    Error::usage(format!(
        "the variable {OPTIONS} cannot contain {option}: {NAME} always runs its arguments"
    ))
}
