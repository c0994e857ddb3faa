//! `exec`: plans, fetches, and becomes the command.

mod dry_run;

use std::env;
use std::ffi::OsString;

use crate::cli::args::ExecArgs;
use crate::cli::context::{Called, Context};
use crate::cli::env_files::{env_files, required};
use crate::cli::lazycred_exec::{self, OPTIONS, SECRETS};
use crate::cli::{min_gen, templates, usage};
use crate::launch::{Command, Inherit, Plan};
use crate::{Error, Reference, Result, Target, VarName};

pub(in crate::cli) fn run(args: &ExecArgs, context: &Context) -> Result<()> {
    let mut plan = plan(args, context)?;
    let is_read = |name: &_| plan.references().any(|reference| reference.name == *name);
    plan.generations = min_gen::table(&args.min_gen, is_read)?;
    let config = context.config_stale(args.stale_if_error)?;
    let command = command(args, context)?;
    let environ = Context::with_client_for(config, async |client| plan.environ(client).await)?;
    if let Some(command) = command {
        return Err(command.exec(&environ));
    }
    dry_run::print(&environ, args.json, context.printer)?;
    environ.check()
}

/// The plan from the arguments and the environment.
fn plan(args: &ExecArgs, context: &Context) -> Result<Plan> {
    let rules = args.rules.rules(args.format)?;
    // Instructions for lazycred are not passed on.
    let instructions: &[&str] = match context.called {
        Called::Lazycred => &[SECRETS],
        Called::LazycredExec => &[SECRETS, OPTIONS],
    };
    let is_passed = |name: &OsString| !instructions.iter().any(|own| name == own);
    let mut plan = Plan::new(env::vars_os().filter(|(name, _)| is_passed(name)));
    plan.rules = rules;
    plan.allow.clone_from(&args.rules.allow);
    plan.inherit = Inherit {
        pristine: args.pristine,
        keep: args.keep.clone(),
        strip_credentials: args.strip_credentials,
        no_override: args.no_override,
    };
    plan.env_files = env_files(&args.env_file)?;
    plan.required = required(&args.require, &args.require_file)?;
    plan.sets = templates::sets(&args.set)?;
    plan.templates = templates::files(&args.template, context.max_size())?;
    plan.files = args.file.iter().map(file).collect::<Result<_>>()?;
    if let Some(value) = env::var_os(SECRETS) {
        for word in lazycred_exec::words(SECRETS, &value)? {
            let reference = word.parse();
            let reference = reference.map_err(|error| of_variable(SECRETS, error))?;
            plan.listed.push(reference);
        }
    }
    plan.listed.extend(args.references.iter().cloned());
    plan.mark(&lazycred_exec::from_env(context.called, &args.from_env))?;
    plan.check().map_err(|error| none_given(error, context))?;
    Ok(plan)
}

/// The same error, with how `lazycred-exec` is given secrets, which has no arguments of
/// its own.
fn none_given(error: Error, context: &Context) -> Error {
    let is_it = context.called == Called::LazycredExec && error.to_string() == "no secret given";
    let is_known = |hint: String| hint.starts_with("`--from-env");
    if !is_it || error.hint().is_some_and(is_known) {
        return error;
    }
    error.hinted(format!(
        "set {SECRETS}=NAME, or VAR=lazycred:REFERENCE, in its environment; `lazycred exec --help` lists what {OPTIONS} can hold"
    ))
}

fn file(reference: &Reference) -> Result<(VarName, Reference)> {
    match &reference.target {
        Target::Named(variable) => Ok((variable.clone(), reference.clone())),
        _ => Err(Error::usage_hint(
            format!("--file `{reference}`: expected VAR=REFERENCE"),
            "VAR becomes the path of a file that holds the secret, as in `--file CERT=web/tls#certificate`",
        )),
    }
}

/// The error for a reference in a variable.
fn of_variable(variable: &str, error: Error) -> Error {
    match error {
        Error::Usage { message, hint } => Error::Usage {
            message: format!("the variable {variable}: {message}"),
            hint,
        },
        other => other,
    }
}

/// The command, found on PATH; `None` if none is to run.
fn command(args: &ExecArgs, context: &Context) -> Result<Option<Command>> {
    if args.dry_run {
        return Ok(None);
    }
    let words = match &args.command_string {
        Some(text) => lazycred_exec::split(text)
            .ok_or_else(|| {
                Error::usage_hint(
                    "-c: unclosed quote",
                    "`-- COMMAND ARGUMENT…` needs no quotes within quotes",
                )
            })?
            .into_iter()
            .map(OsString::from)
            .collect(),
        None => args.command.clone(),
    };
    if words.is_empty() {
        let hint = match context.called {
            Called::LazycredExec => {
                "its arguments are the command, as in `lazycred-exec ./server`".to_owned()
            }
            Called::Lazycred => usage::forgotten(&context.typed).unwrap_or_else(|| {
                "put it after `--`, as in `lazycred exec db_credentials -- ./server`".to_owned()
            }),
        };
        return Err(Error::usage_hint("no command given", hint));
    }
    Command::find(words, env::var_os("PATH").as_deref()).map(Some)
}
