//! The command line: parse, resolve the configuration, run one command, and
//! turn its end into a status.
//!
//! The only part that prints, and beside [`crate::Client::from_env`] the only
//! one that reads the process's environment. An ordinary user of the library.

mod args;
mod batch;
mod commands;
mod context;
mod input;
mod lazycred_exec;
mod log;
mod min_gen;
mod names;
mod output;
mod progress;
mod prompt;
mod signals;
mod throttle;

use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::panic;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU8, Ordering};

use clap::{Args as _, CommandFactory, FromArgMatches, Subcommand as _};

use self::args::{Args, Command, GlobalArgs};
use self::context::{Called, Context};
use self::output::{Label, Printer};
use crate::launch::process;
use crate::{Error, Result, wipe};

pub use crate::launch::process::remember;

/// The status of every failure of ours under `exec`.
const EXEC_FAILED: u8 = 125;

/// The status after a panic.
static PANICKED: AtomicU8 = AtomicU8::new(EXEC_FAILED);

/// Runs the command line, and gives the status to end with. Under `exec` it
/// comes back only if the command did not start.
///
/// Shape: the arguments as `std::env::args_os` gives them, the program's own
/// name first; called as `lazycred-exec`, all of them are the command.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let status = act(args);
    wipe::stack();
    status
}

/// Does all of it, on stack that is wiped afterwards.
#[inline(never)]
fn act(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    process::harden();
    signals::end_as_first_process();
    panic::set_hook(Box::new(|panic| {
        Printer::plain().message(Label::Error, &told_of(panic));
        std::process::exit(i32::from(PANICKED.load(Ordering::Relaxed)));
    }));
    let args: Vec<OsString> = args.into_iter().collect();
    let (args, called) = match lazycred_exec::expand(args, |name| std::env::var_os(name)) {
        Ok(expanded) => expanded,
        Err(error) => {
            Printer::plain().error(&error);
            return ExitCode::from(EXEC_FAILED);
        }
    };
    if !args::is_exec(&args) {
        PANICKED.store(1, Ordering::Relaxed);
    }
    let parsed = match parse(&args) {
        Ok(parsed) => parsed,
        Err(error) => return refused(&error, &args, called),
    };
    if called == Called::LazycredExec
        && let Err(error) = lazycred_exec::check(&parsed.command)
    {
        Printer::plain().error(&error);
        return ExitCode::from(EXEC_FAILED);
    }
    let failed = matches!(parsed.command, Command::Exec(_)).then_some(EXEC_FAILED);
    let printer = Printer::new(&parsed.global);
    let level = std::env::var_os(log::VARIABLE);
    log::start(&parsed.global, level.as_deref(), printer);
    match run(parsed, printer, called) {
        Ok(status) => status,
        Err(error) => {
            printer.error(&error);
            ExitCode::from(match (&error, failed) {
                (Error::Command { status, .. }, _) => *status,
                (_, Some(failed)) => failed,
                (_, None) => error.exit_code(),
            })
        }
    }
}

/// Parses the arguments, if possible with only the command that they name: clap
/// prepares every command it is given. Errors always come from all of them.
fn parse(args: &[OsString]) -> Result<Args, clap::Error> {
    let of = |command: clap::Command| {
        // The process ends soon, and clap takes long to drop.
        let mut command = ManuallyDrop::new(command);
        let mut matches = command.try_get_matches_from_mut(args)?;
        Args::from_arg_matches_mut(&mut matches)
    };
    let empty = || clap::Command::new("lazycred");
    let commands = ManuallyDrop::new(Command::augment_subcommands(empty()));
    let named = args.get(1).and_then(|name| commands.find_subcommand(name));
    if let Some(named) = named
        && let Ok(parsed) = of(GlobalArgs::augment_args(empty()).subcommand(named.clone()))
    {
        return Ok(parsed);
    }
    of(Args::command())
}

/// Runs a command. Only `diff` has more than one status for success.
fn run(args: Args, printer: Printer, called: Called) -> Result<ExitCode> {
    let context = Context {
        global: args.global,
        printer,
        called,
    };
    let done = match args.command {
        Command::Diff(args) => return commands::diff::run(&args, &context),
        Command::Exec(args) => commands::exec::run(&args, &context),
        Command::Get(args) => commands::get::run(&args, &context),
        Command::Put(args) => commands::put::run(&args, &context),
        Command::Set(args) => commands::set::set(&args, &context),
        Command::Unset(args) => commands::set::unset(&args, &context),
        Command::Edit(args) => commands::edit::run(&args, &context),
        Command::Export(args) => commands::export::run(&args, &context),
        Command::Import(args) => commands::import::run(&args, &context),
        Command::List(args) => commands::list::run(&args, &context),
        Command::Rm(args) => commands::rm::run(&args, &context),
        Command::History(args) => commands::history::run(&args, &context),
        Command::Rollback(args) => commands::rollback::run(&args, &context),
        Command::Cp(args) => commands::cp::run(&args, &context),
        Command::Mv(args) => commands::mv::run(&args, &context),
        Command::Init(args) => commands::init::run(&args, &context),
        Command::Rekey(args) => commands::rekey::run(&args, &context),
        Command::Upgrade(args) => commands::upgrade::run(&args, &context),
        Command::Doctor(args) => commands::doctor::run(&args, &context),
        Command::Policy(args) => commands::policy::run(&args, &context),
        Command::Completions(args) => commands::completions::run(&args, &context),
        Command::Complete(args) => commands::complete::run(&args, &context),
        Command::Man(args) => commands::man::run(&args, &context),
        Command::Cache(args) => commands::cache::run(&args, &context),
    };
    done.map(|()| ExitCode::SUCCESS)
}

/// The status for arguments that clap rejected; help and version are no failure.
fn refused(error: &clap::Error, args: &[OsString], called: Called) -> ExitCode {
    use clap::error::ErrorKind;
    let is_shown = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    if called == Called::LazycredExec && (is_shown || lazycred_exec::asks_for_version(error)) {
        Printer::plain().error(&lazycred_exec::runs_nothing("--help or --version"));
        return ExitCode::from(EXEC_FAILED);
    }
    if is_shown {
        // If nobody reads it, there is nothing left to do.
        error.print().ok();
        return ExitCode::SUCCESS;
    }
    let text = error.render().to_string();
    match text.strip_prefix("error: ") {
        Some(text) if error.kind() == ErrorKind::UnknownArgument && args::takes_secret(args) => {
            Printer::plain().usage(&args::without_secret(error, text));
        }
        Some(text) => Printer::plain().usage(text),
        // If nobody reads it, there is nothing left to do.
        None => drop(error.print()),
    }
    ExitCode::from(if args::is_exec(args) { EXEC_FAILED } else { 2 })
}

/// The message for a panic: where it was, never its own message, which could
/// hold a secret.
fn told_of(panic: &panic::PanicHookInfo<'_>) -> String {
    let place = panic.location().map(ToString::to_string);
    let place = place.unwrap_or_default();
    format!("internal error at {place}; please report it")
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_panic_says_where_and_nothing_of_what_was_worked_on() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let before = panic::take_hook();
        panic::set_hook(Box::new({
            let told = Arc::clone(&told);
            move |panic| told.lock().unwrap().push(told_of(panic))
        }));
        let secret = String::from("hunter2");
        assert!(panic::catch_unwind(|| panic!("{secret}")).is_err());
        panic::set_hook(before);
        let told = told.lock().unwrap();
        let place = "internal error at src/cli/mod.rs:";
        assert!(
            told.iter()
                .any(|line| line.starts_with(place) && !line.contains("hunter2"))
        );
    }
}
