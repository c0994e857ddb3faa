//! `help`: what `COMMAND --help` prints.

use clap::CommandFactory as _;

use crate::Result;
use crate::cli::args::{Args, HelpArgs};
use crate::cli::context::Context;
use crate::cli::lazycred_exec::documented;
use crate::cli::meant::{self, Next};

pub(in crate::cli) fn run(args: &HelpArgs, context: &Context) -> Result<()> {
    let mut root = Args::command();
    root.build();
    let mut command = &root;
    let mut words: Vec<&str> = Vec::new();
    for word in &args.commands {
        let word = documented(word);
        let named = command.find_subcommand(word);
        let Some(named) = named.filter(|named| !named.is_hide_set()) else {
            return Err(meant::no_command(&root, &words, word, Next::Documentation));
        };
        words.push(word);
        command = named;
    }
    // Only the parser knows which of its two forms a command's help has.
    let asked = ["lazycred"].into_iter().chain(words).chain(["--help"]);
    let shown = match Args::command().try_get_matches_from(asked) {
        Err(help) => help.render(),
        Ok(_) => command.clone().render_long_help(),
    };
    context.printer.data(shown.to_string().as_bytes())
}
