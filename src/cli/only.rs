//! The parser with only one command: clap takes long to prepare all of them.

use std::ffi::OsStr;
use std::mem::ManuallyDrop;

use clap::{Args as _, Command, Subcommand as _};

use super::args::{self, GlobalArgs};

/// The parser as it is, but for the other commands and for what help shows. `None` if
/// there is no such command.
///
/// It rejects the same arguments as the whole parser, and in the same words. The process
/// ends soon, and clap takes long to drop.
pub(super) fn only(name: &OsStr) -> Option<ManuallyDrop<Command>> {
    let empty = || Command::new("lazycred").disable_help_subcommand(true);
    let commands = ManuallyDrop::new(args::Command::augment_subcommands(empty()));
    let named = commands.find_subcommand(name)?.clone();
    let root = empty().version("").subcommand_required(true);
    let root = GlobalArgs::augment_args(root).subcommand(named);
    Some(ManuallyDrop::new(root))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::args::Args;
    use crate::cli::context::Called;
    use crate::cli::usage::{explained, named};

    #[test]
    fn one_command_alone_rejects_the_same_arguments_in_the_same_words() {
        let mut seen = 0;
        for line in [
            "exec --no",
            "exec --pristin a",
            "run --versio",
            "exec --format xml a -- b",
            "exec a -c x -- y",
            "exec a --json -- b",
            "exec --set",
            "exec a/b --keep X -- c",
            "exec web ./server --port 80",
            "exec web -p 80",
            "-q exec --bogus",
            "--bogus exec a",
            "-- exec a",
            "--region r -e x get a b",
            "get",
            "get a -field b",
            "get a -f b",
            "get --timeout 0 a",
            "get a --timeout",
            "put a hunter2 hunter3",
            "put --pasword a",
            "set a",
            "import f --format x",
            "diff a",
            "diff a b c",
            "ls --jso",
            "cache",
            "cache clean",
            "cache clear --all",
            "cache --all clear",
            "completions",
            "completions bahs",
            "install",
            "policy",
            "policy raeder",
            "man a b",
            "help --x",
            "rollback a --version 3",
            "rm",
            "mv a",
            "rekey --from a -y",
            "exec --quiet=x a",
            "get a --quiet --verbose=3",
        ] {
            let args = ["lazycred"].into_iter().chain(line.split(' '));
            let args: Vec<OsString> = args.map(OsString::from).collect();
            let said = |mut root: ManuallyDrop<Command>| {
                let error = root.try_get_matches_from_mut(&args).err()?;
                root.build();
                let told = explained(&error, &root, &args, Called::Lazycred)?;
                Some((told.to_string(), told.hint()))
            };
            let told = said(only(named(&args).unwrap()).unwrap());
            assert_eq!(told, said(ManuallyDrop::new(Args::command())), "{line}");
            seen += usize::from(told.is_some());
        }
        assert!(seen > 35, "{seen}");
        assert!(only(OsStr::new("wbe")).is_none());
    }
}
