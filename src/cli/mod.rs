//! The command line: parse, resolve the configuration, run one command, and
//! turn its result into a status.
//!
//! The only part that prints and, apart from [`crate::Client::from_env`], the only
//! part that reads the environment. An ordinary user of the library.

mod ago;
mod args;
mod batch;
mod carried;
mod ci_log;
mod commands;
mod context;
mod env_files;
mod input;
mod lazycred_exec;
mod log;
mod manual;
mod meant;
mod min_gen;
mod moved;
mod name_list;
mod only;
mod output;
mod progress;
mod prompt;
mod shell_script;
mod short;
mod signals;
mod suggest;
mod system;
mod table;
mod taken;
mod templates;
mod throttle;
mod usage;
mod wrap;
mod written;

use std::ffi::{OsStr, OsString};
use std::mem::ManuallyDrop;
use std::panic;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU8, Ordering};

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};

use self::args::{Args, Command};
use self::context::{Called, Context};
use self::only::only;
use self::output::{Label, Printer};
use self::suggest::Verb;
use self::usage::Slip;
use crate::launch::process;
use crate::{Error, Result, wipe};

pub use crate::launch::process::remember;

/// The status of all our own failures under `exec`.
const EXEC_FAILED: u8 = 125;

/// The status after a panic.
static PANICKED: AtomicU8 = AtomicU8::new(EXEC_FAILED);

/// Runs the command line and returns the exit status. Under `exec` it returns only
/// if the command did not start.
///
/// Shape: the arguments as `std::env::args_os` gives them, the program's own
/// name first; if that is `lazycred-exec`, the others are the command.
///
/// # Examples
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     lazycred::cli::main(std::env::args_os())
/// }
/// ```
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let status = act(args);
    wipe::stack();
    status
}

/// Does all the work, on stack that is wiped afterwards.
#[inline(never)]
fn act(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    process::harden();
    signals::end_as_first_process();
    panic::set_hook(Box::new(|panic| {
        Printer::plain().message(Label::Error, &panic_message(panic));
        std::process::exit(i32::from(PANICKED.load(Ordering::Relaxed)));
    }));
    let args: Vec<OsString> = args.into_iter().collect();
    let (args, called) = match lazycred_exec::expand(args) {
        Ok(expanded) => expanded,
        Err(error) => return exec_failed(&error),
    };
    let named = usage::named(&args);
    if !usage::is_exec(named) {
        PANICKED.store(1, Ordering::Relaxed);
    }
    let parsed = match parse(&args, named) {
        Ok(parsed) => parsed,
        Err(rejected) => return refused(&rejected, &args, called),
    };
    if called == Called::LazycredExec
        && let Err(error) = lazycred_exec::check(&parsed.command)
    {
        return exec_failed(&error);
    }
    let printer = Printer::new(&parsed.global);
    log::start(&parsed.global, printer);
    if printer.draws && !matches!(parsed.command, Command::Complete(_)) {
        progress::allow();
    }
    let verb = Verb::of(&parsed.command);
    verb.allow();
    let context = Context {
        global: parsed.global,
        printer,
        called,
        typed: args,
    };
    match run(parsed.command, &context) {
        Ok(status) => status,
        // Only the command that could not be started is wrong.
        Err(error @ Error::Command { status, .. }) => {
            printer.error(&error);
            ExitCode::from(status)
        }
        Err(error) => {
            let slip = Slip::new(&context.typed, verb);
            let hint = |error: &_| slip.hint(error).or_else(|| suggest::hint(error, verb));
            let printer = if verb == Verb::Exec {
                // Not with a flag of a command that was taken for ours.
                printer.carrying(usage::given(&context.typed))
            } else {
                printer
            };
            printer.error_with(&error, &hint);
            ExitCode::from(if verb == Verb::Exec {
                EXEC_FAILED
            } else {
                error.exit_code()
            })
        }
    }
}

fn exec_failed(error: &Error) -> ExitCode {
    Printer::plain().error(error);
    ExitCode::from(EXEC_FAILED)
}

/// Arguments that clap rejected.
struct Rejected {
    error: clap::Error,
    /// The parser: at least the command that was named is prepared.
    root: ManuallyDrop<clap::Command>,
}

impl Rejected {
    /// Whether the arguments ask for help or for the version.
    fn is_shown(&self) -> bool {
        let kind = self.error.kind();
        matches!(kind, ErrorKind::DisplayHelp | ErrorKind::DisplayVersion)
    }
}

/// Parses the arguments, if they name a command with that one alone. Help is always
/// the whole parser's.
fn parse(args: &[OsString], named: Option<&OsStr>) -> Result<Args, Box<Rejected>> {
    let by = |mut root: ManuallyDrop<clap::Command>| {
        let mut matches = match root.try_get_matches_from_mut(args) {
            Ok(matches) => matches,
            Err(error) => return Err(Box::new(Rejected { error, root })),
        };
        let parsed = Args::from_arg_matches_mut(&mut matches);
        parsed.map_err(|error| Box::new(Rejected { error, root }))
    };
    let parsed = named.and_then(only).map(by);
    match parsed {
        Some(Ok(parsed)) => Ok(parsed),
        Some(Err(mut rejected)) if !rejected.is_shown() => {
            rejected.root.build();
            Err(rejected)
        }
        _ => by(ManuallyDrop::new(Args::command())),
    }
}

/// Runs a command. Only `diff` has more than one status for success.
fn run(command: Command, context: &Context) -> Result<ExitCode> {
    let done = match command {
        Command::Diff(args) => return commands::diff::run(&args, context),
        Command::Exec(args) => commands::exec::run(&args, context),
        Command::Get(args) => commands::get::run(&args, context),
        Command::Put(args) => commands::put::run(&args, context),
        Command::Set(args) => commands::set::set(&args, context),
        Command::Unset(args) => commands::set::unset(&args, context),
        Command::Edit(args) => commands::edit::run(&args, context),
        Command::Export(args) => commands::export::run(&args, context),
        Command::Render(args) => commands::render::run(&args, context),
        Command::Import(args) => commands::import::run(&args, context),
        Command::List(args) => commands::list::run(&args, context),
        Command::Rm(args) => commands::rm::run(&args, context),
        Command::History(args) => commands::history::run(&args, context),
        Command::Rollback(args) => commands::rollback::run(&args, context),
        Command::Cp(args) => commands::cp::copy(&args, context),
        Command::Mv(args) => commands::cp::rename(&args, context),
        Command::Init(args) => commands::init::run(&args, context),
        Command::Rekey(args) => commands::rekey::run(&args, context),
        Command::Upgrade(args) => commands::upgrade::run(&args, context),
        Command::Doctor(args) => commands::doctor::run(&args, context),
        Command::Policy(args) => commands::policy::run(&args, context),
        Command::Completions(args) => commands::completions::run(&args.0, context),
        Command::Complete(args) => commands::complete::run(&args, context),
        Command::Man(args) => commands::man::run(&args.0, context),
        Command::Help(args) => commands::help::run(&args.0, context),
        Command::Cache(args) => commands::cache::run(&args.0, context),
        Command::Install(args) => commands::install::run(&args.0, context),
    };
    done.map(|()| ExitCode::SUCCESS)
}

/// The status for arguments that clap rejected; help and version are not failures.
fn refused(rejected: &Rejected, args: &[OsString], called: Called) -> ExitCode {
    let Rejected { error, root } = rejected;
    let is_shown = rejected.is_shown();
    if called == Called::LazycredExec && (is_shown || lazycred_exec::asks_for_version(error)) {
        return exec_failed(&lazycred_exec::runs_nothing("--help or --version"));
    }
    if called == Called::LazycredExec && lazycred_exec::holds_command(error) {
        return exec_failed(&lazycred_exec::runs_nothing("-c"));
    }
    let told = (!is_shown).then(|| usage::explained(error, root, args, called));
    match told.flatten() {
        Some(error) => {
            let printer = Printer::plain().carrying(usage::given(args));
            printer.error(&error);
        }
        // If nobody reads it, there is nothing left to do.
        None => drop(error.print()),
    }
    if is_shown {
        return ExitCode::SUCCESS;
    }
    let is_exec = usage::is_exec(usage::named(args));
    ExitCode::from(if is_exec { EXEC_FAILED } else { 2 })
}

/// The message for a panic: its location, never its own message, which could
/// contain a secret.
fn panic_message(panic: &panic::PanicHookInfo<'_>) -> String {
    let place = panic.location().map(ToString::to_string);
    let place = place.unwrap_or_default();
    format!("internal error at {place}; please report it")
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_panic_reports_its_location_and_never_its_message() {
        let messages = Arc::new(Mutex::new(Vec::new()));
        let before = panic::take_hook();
        panic::set_hook(Box::new({
            let messages = Arc::clone(&messages);
            move |panic| messages.lock().unwrap().push(panic_message(panic))
        }));
        let secret = String::from("hunter2");
        assert!(panic::catch_unwind(|| panic!("{secret}")).is_err());
        panic::set_hook(before);
        let messages = messages.lock().unwrap();
        let place = "internal error at src/cli/mod.rs:";
        let is_safe = |line: &String| line.starts_with(place) && !line.contains("hunter2");
        assert!(messages.iter().any(is_safe));
    }
}
