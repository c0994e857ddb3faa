//! The name `lazycred-exec`: every argument is the command's, and the options
//! come from a variable, for places that take a program and nothing else.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::args::Command;
use super::context::Called;
use crate::{Error, Result};

/// The name that the program must be called by.
const NAME: &str = "lazycred-exec";

/// Options of `exec`, as a shell splits words.
pub(super) const OPTIONS: &str = "LAZYCRED_OPTIONS";

/// References that are added to those of the command line.
pub(super) const SECRETS: &str = "LAZYCRED_SECRETS";

/// The arguments as `lazycred exec` would have them.
///
/// # Errors
///
/// [`Error::Usage`] if the options cannot be split, or end where the command starts.
pub(super) fn expand(
    args: Vec<OsString>,
    lookup: impl Fn(&str) -> Option<OsString>,
) -> Result<(Vec<OsString>, Called)> {
    let own = args.first().map(Path::new).and_then(Path::file_name);
    if own.is_none_or(|own| own != NAME) {
        return Ok((args, Called::Lazycred));
    }
    let options = lookup(OPTIONS).unwrap_or_default();
    let options = words(OPTIONS, &options)?;
    if options.iter().any(|option| option == "--") {
        return Err(runs_nothing("`--`"));
    }
    let mut expanded: Vec<OsString> = vec!["lazycred".into(), "exec".into()];
    expanded.extend(options.into_iter().map(OsString::from));
    expanded.push("--".into());
    expanded.extend(args.into_iter().skip(1));
    Ok((expanded, Called::LazycredExec))
}

/// The words of a variable, as a shell splits them; any line end separates words.
///
/// # Errors
///
/// [`Error::Usage`] if it is not UTF-8, or a quote does not end.
pub(super) fn words(variable: &str, value: &OsStr) -> Result<Vec<String>> {
    let wrong = |what: &str| Error::usage(format!("the variable {variable} {what}"));
    let text = value.to_str().ok_or_else(|| wrong("is not UTF-8"))?;
    let text = text.replace(['\r', '\u{b}', '\u{c}'], "\n");
    shell_words::split(&text).map_err(|_| wrong("has an unclosed quote"))
}

/// Whether the options leave the command alone.
///
/// # Errors
///
/// [`Error::Usage`] for options that run another command or none: nobody would
/// notice that it did not run.
pub(super) fn check(command: &Command) -> Result<()> {
    match command {
        Command::Exec(args) if args.dry_run => Err(runs_nothing("--dry-run")),
        Command::Exec(args) if args.command_string.is_some() => Err(runs_nothing("-c")),
        _ => Ok(()),
    }
}

/// Whether the options ask for the version, which `exec` has no option for.
pub(super) fn asks_for_version(error: &clap::Error) -> bool {
    let option = error.get(ContextKind::InvalidArg);
    let version = |option: &str| option == "--version" || option == "-V";
    error.kind() == ErrorKind::UnknownArgument
        && matches!(option, Some(ContextValue::String(option)) if version(option))
}

/// The error for an option with which the command would not run.
pub(super) fn runs_nothing(option: &str) -> Error {
    Error::usage(format!(
        "the variable {OPTIONS} cannot contain {option}: {NAME} always runs its arguments"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(args: &[&str], options: Option<&str>) -> Result<Vec<OsString>> {
        let args = args.iter().map(OsString::from).collect();
        expand(args, |_| options.map(OsString::from)).map(|(args, _)| args)
    }

    #[test]
    fn only_the_wrappers_own_name_makes_all_arguments_the_command() {
        let args = ["/bin/lazycred", "get", "x"];
        assert_eq!(expanded(&args, Some("--pristine")).unwrap(), args);
        assert_eq!(
            expanded(
                &["/opt/lazycred-exec", "./server", "-v"],
                Some("--prefix 'A B'")
            )
            .unwrap(),
            [
                "lazycred", "exec", "--prefix", "A B", "--", "./server", "-v"
            ]
        );
        assert_eq!(
            expanded(&["lazycred-exec"], None).unwrap(),
            ["lazycred", "exec", "--"]
        );
    }

    #[test]
    fn options_that_would_hide_the_command_are_refused() {
        for options in ["--pristine -- x", "--prefix x\r\n--\r\n", "'open"] {
            assert_eq!(
                expanded(&["lazycred-exec", "x"], Some(options))
                    .unwrap_err()
                    .exit_code(),
                2
            );
        }
    }
}
