//! `completions`: prints the script by which a shell calls `complete`.
//!
//! The scripts only ask, and quote if their shell does not. Only the program knows
//! what fits where, so an installed script never goes stale.

use crate::Result;
use crate::cli::args::{CompletionsArgs, Shell};
use crate::cli::context::Context;

pub(in crate::cli) fn run(args: &CompletionsArgs, context: &Context) -> Result<()> {
    let script = match args.shell {
        Shell::Bash => include_str!("lazycred.bash"),
        Shell::Zsh => include_str!("lazycred.zsh"),
        Shell::Fish => include_str!("lazycred.fish"),
        Shell::Elvish => include_str!("lazycred.elv"),
        Shell::Powershell => include_str!("lazycred.ps1"),
    };
    context.printer.data(script.as_bytes())
}
