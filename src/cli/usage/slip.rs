//! Slips that clap accepts, and that are noticed when a command fails: a `--` that was
//! forgotten, `-field` for `--field`, a text for a reference.

use std::env;
use std::ffi::OsString;
use std::mem::ManuallyDrop;

use clap::{Args as _, FromArgMatches as _};

use super::words::{self, global, joins_value, takes_next, words};
use crate::Error;
use crate::cli::args::GlobalArgs;
use crate::cli::only::only;
use crate::cli::suggest::Verb;
use crate::launch::Command;
use crate::text::{OneLine, shell_word, similar};

/// The longest command that is shown in a hint, in bytes.
const LONGEST: usize = 200;

/// What was typed, after a failure.
pub(in crate::cli) struct Slip<'a> {
    typed: &'a [OsString],
    verb: Verb,
    exec: Option<Exec>,
    dashed: Option<String>,
}

/// The arguments of `exec`, by where they stand.
struct Exec {
    start: usize,
    references: Vec<usize>,
    /// The references and options, but for those that every command has.
    own: Vec<usize>,
    /// Where a command starts before which `--` was forgotten.
    command: Option<usize>,
}

impl<'a> Slip<'a> {
    pub(in crate::cli) fn new(typed: &'a [OsString], verb: Verb) -> Self {
        let dashed = || {
            let name = super::named(typed)?;
            let mut root = only(name)?;
            root.build();
            single_dash(typed, root.find_subcommand(name)?)
        };
        Self {
            typed,
            verb,
            exec: exec(typed),
            dashed: dashed(),
        }
    }

    /// What to do about an error that a slip explains.
    pub(in crate::cli) fn hint(&self, error: &Error) -> Option<String> {
        let missing = match error.innermost() {
            Error::Missing { place, .. } => Some(place.name.as_str()),
            Error::MissingField { .. } | Error::Usage { .. } => None,
            _ => return None,
        };
        if let Some(option) = &self.dashed {
            return Some(format!("did you mean `{option}`?"));
        }
        let exec = self.exec.as_ref().filter(|_| self.verb == Verb::Exec)?;
        if let Some(command) = exec.command {
            let words = &self.typed[command..];
            let is_misread = match missing {
                Some(name) => words.iter().any(|word| word == name),
                // `-e` of the command was taken for ours.
                None => words.iter().any(takes_ours),
            };
            if is_misread {
                return Some(exec.hint(self.typed));
            }
        }
        let texts = exec.references.iter().map(|at| &self.typed[*at]);
        let mut texts = texts.filter_map(|text| text.to_str()?.split_once('='));
        if let Some((name, _)) = texts.find(|(_, text)| text.contains("{{")) {
            return Some(text_hint(name));
        }
        if matches!(error, Error::Usage { .. }) && exec.references.is_empty() {
            return self.taken();
        }
        None
    }

    /// The hint if `-e` took the first reference.
    fn taken(&self) -> Option<String> {
        let at = self.typed.iter().position(|arg| arg == "-e")?;
        let value = self.typed.get(at + 1)?.to_str()?;
        let dashes = self.typed.iter().position(|arg| arg == "--");
        if dashes.is_some_and(|dashes| at > dashes) {
            return None;
        }
        let value = OneLine(value);
        Some(format!(
            "`{value}` was taken as the value of `-e`: name a secret after it, or set LAZYCRED_SECRETS"
        ))
    }
}

/// Whether a word is an option that every command of ours has, with a value.
fn takes_ours(word: &OsString) -> bool {
    takes_next(global(), &word.to_string_lossy())
}

/// What to do about a text that was given as a reference.
pub(super) fn text_hint(name: &str) -> String {
    let text = shell_word(&format!("{name}=TEXT"));
    format!(
        "a text with {{{{REFERENCE}}}} in it is an option's value: `lazycred exec --set {text} -- COMMAND`"
    )
}

/// The flags among arguments that choose the store, as far as they can be understood.
pub(in crate::cli) fn given(args: &[OsString]) -> Vec<String> {
    let mut given: Vec<&OsString> = Vec::new();
    let end = command_start(args).unwrap_or(args.len());
    let args = args[..end].iter().skip(1);
    let mut rest = args.take_while(|arg| *arg != "--");
    while let Some(arg) = rest.next() {
        let text = arg.to_string_lossy();
        if !text.starts_with('-') {
            continue;
        }
        if takes_next(global(), &text) {
            given.extend([arg].into_iter().chain(rest.next()));
        } else if joins_value(global(), &text) {
            given.push(arg);
        }
    }
    let command = GlobalArgs::augment_args(clap::Command::new("").no_binary_name(true));
    let parsed = ManuallyDrop::new(command).try_get_matches_from_mut(given);
    let global = parsed.and_then(|matches| GlobalArgs::from_arg_matches(&matches));
    global.map_or_else(|_| Vec::new(), |global| global.given())
}

/// Where a command starts before which `--` was forgotten.
fn command_start(typed: &[OsString]) -> Option<usize> {
    exec(typed)?.command
}

/// The hint for a command before which `--` was forgotten.
pub(in crate::cli) fn forgotten(typed: &[OsString]) -> Option<String> {
    let exec = exec(typed)?;
    exec.command.map(|_| exec.hint(typed))
}

/// The same if nothing is wrong before that command: what clap rejects is its own.
pub(super) fn misplaced(typed: &[OsString]) -> Option<String> {
    let exec = exec(typed)?;
    let mut before = typed[..exec.command?].to_vec();
    before.extend(["--", "command"].map(OsString::from));
    let mut root = only(super::named(typed)?)?;
    let parsed = root.try_get_matches_from_mut(before);
    parsed.ok().map(|_| exec.hint(typed))
}

/// An option that a command has, typed with one dash: the parser takes its
/// first letter for an option, and the rest for that one's value.
pub(super) fn single_dash(typed: &[OsString], command: &clap::Command) -> Option<String> {
    let end = command_start(typed).unwrap_or(typed.len());
    let typed = typed[..end].iter().take_while(|arg| *arg != "--");
    let words = typed.filter_map(|arg| arg.to_str()?.strip_prefix('-'));
    let words = words.map(|word| word.split('=').next().unwrap_or_default());
    let long: Vec<&str> = command
        .get_arguments()
        .filter_map(clap::Arg::get_long)
        .collect();
    let mut meant = words.filter(|word| word.len() > 1 && long.contains(word));
    meant.next().map(|word| format!("--{word}"))
}

fn exec(typed: &[OsString]) -> Option<Exec> {
    let (at, name) = words(typed).next()?;
    if !super::is_exec(Some(name)) {
        return None;
    }
    let (command, global) = (words::exec(), global());
    let end = typed.iter().position(|arg| arg == "--");
    let mut found = Exec {
        start: at + 1,
        references: Vec::new(),
        own: Vec::new(),
        command: None,
    };
    let mut at = found.start;
    while at < end.unwrap_or(typed.len()) {
        let arg = typed[at].to_string_lossy();
        if !arg.starts_with('-') || arg == "-" {
            if end.is_none() && !found.references.is_empty() && is_command(&arg) {
                found.command = Some(at);
                break;
            }
            found.references.push(at);
            found.own.push(at);
        } else if takes_next(command, &arg) {
            if !takes_next(global, &arg) {
                found.own.extend([at, at + 1]);
            }
            at += 1;
        } else if joins_value(global, &arg) {
            // The hint has it where it has all of those.
        } else if end.is_none() && found.references.len() > 1 && !is_ours(command, &arg) {
            found.command = Some(found.references[1]);
            break;
        } else {
            found.own.push(at);
        }
        at += 1;
    }
    Some(found)
}

/// Whether a word is a program rather than a reference.
fn is_command(word: &str) -> bool {
    const STARTS: [&str; 4] = ["./", "../", "/", "~/"];
    if STARTS.iter().any(|start| word.starts_with(start)) {
        return true;
    }
    let is_plain = !word.contains(['/', '#', '@', '=']);
    let path = env::var_os("PATH");
    is_plain && Command::find(vec![word.into()], path.as_deref()).is_ok()
}

/// Whether an option is one of ours, or meant to be.
fn is_ours(command: &clap::Command, option: &str) -> bool {
    let name = option.split('=').next().unwrap_or_default();
    let mut letters = command.get_arguments().filter_map(clap::Arg::get_short);
    match name.strip_prefix("--") {
        Some(name) => {
            let long: Vec<&str> = command
                .get_arguments()
                .filter_map(clap::Arg::get_long)
                .collect();
            long.contains(&name) || !similar(name, long).is_empty()
        }
        None => letters.any(|letter| option[1..].starts_with(letter)),
    }
}

impl Exec {
    fn hint(&self, typed: &[OsString]) -> String {
        let called = typed[self.start - 1].to_string_lossy();
        let command = self.command.unwrap_or(typed.len());
        let own = self.own.iter().filter(|at| **at < command);
        let ours: Vec<OsString> = own.map(|at| typed[*at].clone()).collect();
        let is_assigned = |arg: &OsString| arg.as_encoded_bytes().contains(&b'=');
        let ours = if ours.iter().any(is_assigned) {
            "REFERENCE".to_owned()
        } else {
            quoted(&ours)
        };
        let theirs = &typed[command..];
        let shown = shown(theirs);
        let rest = if shown < theirs.len() { " …" } else { "" };
        let whole = format!(
            "lazycred {called} {ours} -- {}{rest}",
            quoted(&theirs[..shown])
        );
        if shown == 0 || whole.len() > LONGEST {
            return format!(
                "put `--` before the command: `lazycred {called} REFERENCE -- COMMAND`"
            );
        }
        format!("put `--` before the command: `{whole}`")
    }
}

/// How many words of a command are shown: those before one that may be a secret.
fn shown(words: &[OsString]) -> usize {
    let mut follows_option = false;
    let may_be_secret = |word: &OsString| {
        let word = word.to_string_lossy();
        let is_option = word.starts_with('-');
        let is_long = word.starts_with("--");
        let hides = word.contains('=')
            || word.contains("://")
            || is_option && !is_long && word.len() > 2
            || !is_option && follows_option;
        follows_option = is_option;
        hides
    };
    words.iter().position(may_be_secret).unwrap_or(words.len())
}

fn quoted(words: &[OsString]) -> String {
    let words = words.iter().map(|word| shell_word(&word.to_string_lossy()));
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_shown_in_the_command() {
        for (typed, expected) in [
            (
                "exec app ./a start --silent",
                "lazycred exec app -- ./a start --silent",
            ),
            ("run app ./a --port 80", "lazycred run app -- ./a --port …"),
            ("exec app ./a -psecret", "lazycred exec app -- ./a …"),
            ("exec app ./a --pw=secret b", "lazycred exec app -- ./a …"),
            ("exec X=app ./a", "lazycred exec REFERENCE -- ./a"),
            (
                "-q exec --pristine a b /bin/c",
                "lazycred exec --pristine a b -- /bin/c",
            ),
            (
                "exec --only x app none --zzz",
                "lazycred exec --only x app -- none --zzz",
            ),
        ] {
            let typed: Vec<OsString> = ["lazycred"]
                .into_iter()
                .chain(typed.split(' '))
                .map(OsString::from)
                .collect();
            let hint = forgotten(&typed).unwrap();
            assert_eq!(hint, format!("put `--` before the command: `{expected}`"));
        }
        for typed in [
            "exec app",
            "exec app ./a -- b",
            "get app ./a",
            "exec ./a",
            "exec a b --pristin",
            "exec",
        ] {
            let typed: Vec<OsString> = ["lazycred"]
                .into_iter()
                .chain(typed.split(' '))
                .map(OsString::from)
                .collect();
            assert_eq!(forgotten(&typed), None, "{typed:?}");
        }
    }
}
