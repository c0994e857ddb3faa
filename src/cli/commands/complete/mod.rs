//! `complete`: prints what fits at the cursor, for the scripts of `completions`.
//!
//! The first line is `values`, and then each further line is a value, a tab and its
//! description; or `files`; or `command`, if another program's arguments begin. It
//! never fails: if names cannot be listed, it prints none. Values are plain text,
//! which the shell quotes; only for bash, whose readline does not, they are quoted
//! here.

mod ask;
mod line;
mod names;

use std::path::{Path, PathBuf};

use clap::CommandFactory as _;

use self::ask::{Ask, Wanted};
use self::line::Line;
use crate::Result;
use crate::cli::args::{Args, CompleteArgs, Shell};
use crate::cli::context::Context;
use crate::text::is_hidden;

pub(in crate::cli) fn run(args: &CompleteArgs, context: &Context) -> Result<()> {
    let texts = args.words.iter().map(|word| word.to_string_lossy());
    let mut words: Vec<String> = texts.map(Into::into).collect();
    let current = words.pop().unwrap_or_default();
    let line = if args.shell == Shell::Bash {
        Line::split(&words.pop().unwrap_or_default(), &current)
    } else {
        Line {
            words,
            current,
            ..Line::default()
        }
    };
    let text = answer(&line, args.shell);
    context.printer.data(text.as_bytes())
}

fn answer(line: &Line, shell: Shell) -> String {
    let mut root = Args::command();
    root.build();
    let current = &line.current;
    let mut ask = Ask::of(&root, &line.words, current);
    ask.flags.config = ask.flags.config.map(|path| at_home(&path));
    let typed = current.get(ask.kept..).unwrap_or_default();
    let values = match ask.wanted {
        _ if line.redirects => return "files\n".to_owned(),
        Wanted::File => return "files\n".to_owned(),
        Wanted::Command => return "command\n".to_owned(),
        Wanted::Nothing => Vec::new(),
        Wanted::Words(words) => words,
        Wanted::Environment => names::environments(&ask.flags),
        Wanted::Name => names::offered(ask.flags, typed, str::to_owned),
        Wanted::Reference => {
            let whole = typed.split('%').next().unwrap_or_default();
            names::offered(ask.flags, whole, escaped)
        }
    };
    let mut text = String::from("values\n");
    for (value, description) in values {
        let word = format!("{}{value}", &current[..ask.kept]);
        let is_option = word.starts_with('-') && !current.starts_with('-') && !ask.escaped;
        // Hidden characters cannot be shown, and could blur the line between values.
        if is_option || !value.starts_with(typed) || value.contains(is_hidden) {
            continue;
        }
        match shell {
            Shell::Bash => text += &line.insertion(&word),
            _ if description.is_empty() => text += &word,
            _ => text.extend([word.as_str(), "\t", &description]),
        }
        text.push('\n');
    }
    text
}

/// A path with its `~` expanded, which the shell has not done yet.
fn at_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::var_os("HOME")) {
        (Ok(rest), Some(home)) => Path::new(&home).join(rest),
        _ => path.to_owned(),
    }
}

/// A name as a reference writes it.
fn escaped(name: &str) -> String {
    let name = name.replace('%', "%25").replace('#', "%23");
    name.replace('@', "%40").replace('=', "%3D")
}
