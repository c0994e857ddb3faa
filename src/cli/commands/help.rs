//! `help`: what `COMMAND --help` prints.

use clap::CommandFactory as _;

use crate::Result;
use crate::cli::args::{Args, HelpArgs};
use crate::cli::context::Context;
use crate::cli::meant::{self, Next};

pub(in crate::cli) fn run(args: &HelpArgs, context: &Context) -> Result<()> {
    let mut root = Args::command();
    root.build();
    let mut command = &root;
    let mut words: Vec<&str> = Vec::new();
    for word in &args.commands {
        let named = command.find_subcommand(word);
        let Some(named) = named.filter(|named| !named.is_hide_set()) else {
            return Err(meant::no_command(&root, &words, word, Next::Documentation));
        };
        words.push(word);
        command = named;
    }
    let shown = command.clone().render_long_help();
    context.printer.data(shown.to_string().as_bytes())
}
