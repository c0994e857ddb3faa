//! The words of a command line that clap rejected.

use std::ffi::{OsStr, OsString};
use std::sync::OnceLock;

use clap::{Args as _, Command};

use crate::cli::args::{ExecArgs, GlobalArgs};

/// The longest value that is repeated, in bytes.
const LONGEST: usize = 200;

/// The word that names the command.
pub(in crate::cli) fn named(args: &[OsString]) -> Option<&OsStr> {
    // One option alone, as in `--version`, needs no look at what options there are.
    if let [_, only] = args
        && only.as_encoded_bytes().starts_with(b"-")
    {
        return None;
    }
    words(args).next().map(|(_, name)| name)
}

/// Whether the command is `exec`.
pub(in crate::cli) fn is_exec(named: Option<&OsStr>) -> bool {
    named.is_some_and(|name| name == "exec" || name == "run")
}

/// Whether an option that every command has is followed by its value in one word.
pub(super) fn joins_value(command: &Command, option: &str) -> bool {
    match option.strip_prefix("--") {
        Some(long) => long
            .split_once('=')
            .is_some_and(|(long, _)| takes_next(command, &format!("--{long}"))),
        None => option.len() > 2 && takes_next(command, option.get(..2).unwrap_or_default()),
    }
}

/// The words among arguments that are neither options nor their values, each with its
/// place, as far as only options that every command has come between.
pub(super) fn words(args: &[OsString]) -> impl Iterator<Item = (usize, &OsStr)> {
    let mut is_value = false;
    args.iter()
        .enumerate()
        .skip(1)
        .filter_map(move |(at, arg)| {
            if std::mem::take(&mut is_value) {
                return None;
            }
            if !arg.as_encoded_bytes().starts_with(b"-") {
                return Some((at, arg.as_os_str()));
            }
            is_value = takes_next(global(), &arg.to_string_lossy());
            None
        })
}

/// The options that every command has.
pub(super) fn global() -> &'static Command {
    static GLOBAL: OnceLock<Command> = OnceLock::new();
    GLOBAL.get_or_init(|| GlobalArgs::augment_args(Command::new("")))
}

/// Those that `exec` has.
pub(super) fn exec() -> &'static Command {
    static EXEC: OnceLock<Command> = OnceLock::new();
    EXEC.get_or_init(|| ExecArgs::augment_args(GlobalArgs::augment_args(Command::new(""))))
}

/// Whether the argument after an option is its value.
pub(super) fn takes_next(command: &Command, option: &str) -> bool {
    let takes = |is_it: &dyn Fn(&clap::Arg) -> bool| {
        let mut options = command.get_arguments();
        options.any(|arg| is_it(arg) && arg.get_action().takes_values())
    };
    if let Some(long) = option.strip_prefix("--") {
        return takes(&|arg| arg.get_long() == Some(long));
    }
    let letters = option[1..].char_indices();
    let mut valued = letters.filter(|(_, letter)| takes(&|arg| arg.get_short() == Some(*letter)));
    let first = valued.next();
    first.is_some_and(|(at, letter)| at + 1 + letter.len_utf8() == option.len())
}

/// An argument as clap writes it, less its brackets.
pub(super) fn plain(arg: &str) -> String {
    arg.replace(['<', '>', '[', ']'], "")
        .replace("...", "")
        .replace('|', " or ")
}

/// An option in backquotes, or the name of a value.
pub(super) fn option_or_name(option: &str) -> String {
    if option.starts_with('-') {
        format!("`{option}`")
    } else {
        option.to_owned()
    }
}

pub(super) fn first_word(arg: &str) -> String {
    let plain = plain(arg);
    plain.split(' ').next().unwrap_or_default().to_owned()
}

/// A value as it may be repeated: what follows a `=` may be a secret.
pub(super) fn repeated(value: &str) -> String {
    let end = value.floor_char_boundary(LONGEST);
    match value[..end].split_once('=') {
        Some((name, rest)) if !rest.is_empty() => format!("{name}=…"),
        _ if end < value.len() => format!("{}…", &value[..end]),
        _ => value.to_owned(),
    }
}
