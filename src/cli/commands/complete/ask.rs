//! What fits at the cursor, derived from the program's arguments.
//!
//! Knows neither shells nor secrets. The value name in the help tells what an
//! argument takes: NAME, REFERENCE, FILE.

use clap::{Arg, ArgAction, Command};

use crate::{Flags, VarName};

/// What fits at the cursor.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Nothing,
    /// One of the user's files.
    File,
    /// Another program, or one of its arguments.
    Command,
    /// One of these, each with a description.
    Words(Vec<(String, String)>),
    /// A secret's name.
    Name,
    /// A secret's name, as a reference writes it.
    Reference,
    /// An environment of the configuration file.
    Environment,
}

/// What is wanted, and what it depends on in the line.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) wanted: Wanted,
    /// The bytes of the word at the cursor that precede it: `--option=`, `VAR=`.
    pub(super) kept: usize,
    /// Whether words that start with `-` are not options here.
    pub(super) escaped: bool,
    /// The configuration that was typed before the cursor.
    pub(super) flags: Flags,
}

impl Ask {
    /// Reads the words before the cursor, the program's name first, and the word at
    /// it. `root` must be built.
    pub(super) fn of(root: &Command, words: &[String], current: &str) -> Self {
        let mut ask = Self {
            wanted: Wanted::Nothing,
            kept: 0,
            escaped: false,
            flags: Flags::default(),
        };
        let mut command = root;
        let mut chosen = false;
        let mut before = 0;
        let mut pending: Option<&Arg> = None;
        for word in words.iter().skip(1) {
            if let Some(option) = pending.take() {
                ask.note(option, word);
            } else if ask.escaped || !word.starts_with('-') || word == "-" {
                if chosen {
                    before += 1;
                    continue;
                }
                let Some(named) = command.find_subcommand(word) else {
                    return ask;
                };
                command = named;
                chosen = true;
            } else if word == "--" {
                if command.get_positionals().any(Arg::is_last_set) {
                    ask.wanted = Wanted::Command;
                    return ask;
                }
                ask.escaped = true;
            } else if let Some((option, value)) = attached(command, word) {
                ask.note(option, value);
            } else if let Some((option, value)) = word.split_once('=') {
                if let Some(option) = find(command, option) {
                    ask.note(option, value);
                }
            } else {
                pending = find(command, word).filter(|option| takes_value(option));
            }
        }
        if let Some(option) = pending {
            ask.want(root, option, current);
        } else if !ask.escaped && current.starts_with("--") && current.contains('=') {
            let (option, value) = current.split_once('=').unwrap_or_default();
            ask.kept = option.len() + 1;
            if let Some(option) = find(command, option) {
                ask.want(root, option, value);
            }
        } else if let Some((option, value)) = attached(command, current).filter(|_| !ask.escaped) {
            ask.kept = current.len() - value.len();
            ask.want(root, option, value);
        } else if !ask.escaped && current.starts_with('-') {
            ask.wanted = options(command);
        } else if !chosen {
            ask.wanted = commands(root);
        } else if command.get_name() == "help" && before > 0 {
            let named = words.last().and_then(|word| root.find_subcommand(word));
            ask.wanted = named.map_or(Wanted::Nothing, commands);
        } else {
            let places = command.get_positionals().filter(|arg| !arg.is_last_set());
            let places: Vec<&Arg> = places.collect();
            let is_many = |arg: &&&Arg| matches!(arg.get_action(), ArgAction::Append);
            let last = places.last().filter(is_many);
            if let Some(place) = places.get(before).or(last) {
                ask.want(root, place, current);
            }
        }
        ask
    }

    fn note(&mut self, option: &Arg, value: &str) {
        let value = value.to_owned();
        match option.get_id().as_str() {
            "s3_path" => self.flags.s3_path = Some(value),
            "key_alias" => self.flags.key_alias = Some(value),
            "region" => self.flags.region = Some(value),
            "profile" => self.flags.profile = Some(value),
            "config" => self.flags.config = Some(value.into()),
            "environment" => self.flags.environment = Some(value),
            _ => {}
        }
    }

    fn want(&mut self, root: &Command, arg: &Arg, typed: &str) {
        let possible = arg.get_possible_values();
        if takes_value(arg) && !possible.is_empty() {
            let shown = possible.iter().filter(|value| !value.is_hide_set());
            let words = shown.map(|value| (value.get_name().to_owned(), String::new()));
            self.wanted = Wanted::Words(words.collect());
            return;
        }
        if arg.get_id() == "environment" {
            self.wanted = Wanted::Environment;
            return;
        }
        let called = arg.get_value_names().and_then(|names| names.first());
        self.wanted = match called.map_or("", |name| name.as_str()) {
            "FILE" | "DIR" => Wanted::File,
            "NAME" | "TO" | "OTHER" => Wanted::Name,
            "PREFIX" if arg.is_positional() => Wanted::Name,
            "COMMAND" => commands(root),
            "REFERENCE" => {
                self.kept += target(typed);
                Wanted::Reference
            }
            "VAR=TEMPLATE" if in_braces(typed) > 0 => {
                self.kept += in_braces(typed);
                Wanted::Reference
            }
            "VAR=REFERENCE" if target(typed) > 0 => {
                self.kept += target(typed);
                Wanted::Reference
            }
            _ => Wanted::Nothing,
        };
    }
}

/// The length of the `VAR=` or `PREFIX+=` that a reference starts with.
fn target(typed: &str) -> usize {
    let head = typed.split(['#', '@']).next().unwrap_or_default();
    let Some((before, _)) = head.split_once('=') else {
        return 0;
    };
    let named = before.strip_suffix('+').unwrap_or(before);
    named.parse::<VarName>().map_or(0, |_| before.len() + 1)
}

/// The length of a text up to the reference in its last braces; 0 outside of them.
fn in_braces(typed: &str) -> usize {
    let opened = typed.rfind("{{").filter(|at| !typed[*at..].contains("}}"));
    opened.map_or(0, |at| {
        let inside = typed[at + 2..].trim_start_matches(' ');
        typed.len() - inside.len()
    })
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

/// The option that a word names: `--field` or `-c`.
fn find<'a>(command: &'a Command, word: &str) -> Option<&'a Arg> {
    let mut options = command.get_arguments().filter(|arg| !arg.is_positional());
    options.find(|arg| match word.strip_prefix("--") {
        Some(long) => arg.get_long() == Some(long),
        None => arg.get_short().map(String::from).as_deref() == word.get(1..),
    })
}

/// The short option of a word that its value is attached to: `-eprod`.
fn attached<'a, 'b>(command: &'a Command, word: &'b str) -> Option<(&'a Arg, &'b str)> {
    let letter = word
        .strip_prefix('-')?
        .chars()
        .next()
        .filter(|letter| *letter != '-')?;
    let (option, value) = word.split_at(1 + letter.len_utf8());
    let option = find(command, option).filter(|option| takes_value(option))?;
    (!value.is_empty()).then(|| (option, value.strip_prefix('=').unwrap_or(value)))
}

fn options(command: &Command) -> Wanted {
    let mut words = Vec::new();
    for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let long = arg.get_long().map(|long| format!("--{long}"));
        let short = arg.get_short().map(|short| format!("-{short}"));
        words.extend(long.or(short).map(|word| (word, help)));
    }
    Wanted::Words(words)
}

fn commands(root: &Command) -> Wanted {
    let shown = root
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    let words = shown.flat_map(|command| {
        let about = command.get_about().map(ToString::to_string);
        let about = about.unwrap_or_default();
        let names = std::iter::once(command.get_name()).chain(command.get_visible_aliases());
        names.map(move |name| (name.to_owned(), about.clone()))
    });
    Wanted::Words(words.collect())
}
