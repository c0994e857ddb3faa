//! Commands that look at no store: their help leaves out what chooses one.

use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

/// Where the options stand that choose and read a store.
pub(super) const HEADING: &str = "Configuration";

/// The arguments of a command that looks at no store. It takes the options of all
/// commands, and shows only those that count.
#[derive(Debug)]
pub(in crate::cli) struct Alone<T>(pub(in crate::cli) T);

impl<T: Args> Args for Alone<T> {
    fn augment_args(command: Command) -> Command {
        hidden(T::augment_args(command))
    }

    fn augment_args_for_update(command: Command) -> Command {
        hidden(T::augment_args_for_update(command))
    }
}

impl<T: FromArgMatches> FromArgMatches for Alone<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

/// The command without what it does not ask for. It has the options of all commands by
/// now, since it is deferred.
fn hidden(command: Command) -> Command {
    command.mut_args(|arg| {
        let chooses = arg.get_help_heading() == Some(HEADING);
        if chooses { arg.hide(true) } else { arg }
    })
}
