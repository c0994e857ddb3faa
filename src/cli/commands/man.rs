//! `man`: prints a command's manual page.

use clap::{Command, CommandFactory as _};

use crate::Result;
use crate::cli::args::{Args, ManArgs};
use crate::cli::context::Context;
use crate::cli::lazycred_exec::documented;
use crate::cli::manual;
use crate::cli::meant::{self, Next};

pub(in crate::cli) fn run(args: &ManArgs, context: &Context) -> Result<()> {
    let mut root = Args::command();
    root.build();
    let command = match &args.command {
        None => root,
        Some(name) => named(&root, documented(name))?,
    };
    context.printer.data(&manual::page(command)?)
}

fn named(root: &Command, name: &str) -> Result<Command> {
    let found = root.find_subcommand(name);
    let found = found.filter(|command| !command.is_hide_set());
    let missing = || meant::no_command(root, &[], name, Next::Documentation);
    found.cloned().ok_or_else(missing)
}
