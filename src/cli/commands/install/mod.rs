//! `install`: copies the running program to a folder, or below a prefix with its manual
//! pages and completions.
//!
//! Reads no configuration and asks nobody. `change` makes it all appear or nothing.

mod change;
mod fault;
mod next;
mod place;
mod program;

use std::path::Path;

use clap::CommandFactory as _;

use self::change::Change;
use self::place::{Content, Place, shown};
use crate::cli::args::{Args, InstallArgs, Shell};
use crate::cli::context::Context;
use crate::cli::output::Label;
use crate::cli::signals::{self, Caught, ENDING};
use crate::cli::system::is_noexec;
use crate::cli::{manual, shell_script};
use crate::{Error, Result};

const PROGRAM: &str = "lazycred";

/// The name by which all arguments are the command's.
const EXEC: &str = "lazycred-exec";

/// Where shells look for completions below a prefix.
const COMPLETIONS: [(Shell, &str, &str); 3] = [
    (Shell::Bash, "share/bash-completion/completions", "lazycred"),
    (Shell::Zsh, "share/zsh/site-functions", "_lazycred"),
    (
        Shell::Fish,
        "share/fish/vendor_completions.d",
        "lazycred.fish",
    ),
];

pub(in crate::cli) fn run(args: &InstallArgs, context: &Context) -> Result<()> {
    let Some(given) = args.prefix.as_ref().or(args.folder.as_ref()) else {
        return Err(Error::usage("DIR is missing"));
    };
    fault::is_expanded(given)?;
    let mut places = Vec::new();
    let bin = match &args.prefix {
        None => given.clone(),
        Some(prefix) => {
            places = documentation(prefix)?;
            prefix.join("bin")
        }
    };
    let program = program::read()?;
    // Last, and the link after what it leads to: who waits for it finds everything.
    places.push(Place::new(&bin, PROGRAM, Content::Program(program)));
    places.push(Place::new(&bin, EXEC, Content::Link(PROGRAM)));
    make(&places)?;
    let folder = shown(given);
    context.printer.done(&match args.prefix {
        None => format!("installed {PROGRAM} and {EXEC} in {folder}"),
        Some(_) => format!("installed {PROGRAM}, its manual pages and completions below {folder}"),
    });
    if is_noexec(&bin) {
        let message = format!(
            "{} is mounted noexec: no program runs from there",
            shown(&bin)
        );
        context.printer.message(Label::Warning, &message);
    } else if args.prefix.is_some() {
        next::tell(&bin, context);
    }
    Ok(())
}

/// What stands below a prefix beside programs.
fn documentation(prefix: &Path) -> Result<Vec<Place>> {
    let mut root = Args::command();
    root.build();
    let folder = prefix.join("share/man/man1");
    let pages = manual::pages(&root)?.into_iter();
    let page = |(name, page): (String, _)| Place::new(&folder, &name, Content::Text(page));
    let mut places: Vec<Place> = pages.map(page).collect();
    for (shell, folder, name) in COMPLETIONS {
        let script = Content::Text(shell_script::of(shell).into());
        places.push(Place::new(&prefix.join(folder), name, script));
    }
    Ok(places)
}

/// Puts everything in its place, or nothing. Signals that would end the program before
/// wait until everything is as it was.
fn make(places: &[Place]) -> Result<()> {
    let caught = Caught::new(&ENDING);
    let caught = caught.map_err(|error| Error::io("catch signals", error.into()))?;
    let mut came = None;
    let mut stop = || {
        came = came.or_else(|| caught.next());
        came.is_some()
    };
    let made = Change::new(&mut stop).make(places);
    drop(caught);
    if let (Err(_), Some(signal)) = (&made, came) {
        signals::obey(signal);
    }
    made
}
