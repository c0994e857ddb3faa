//! `exec`: fetch, shape, merge, and become the command.

mod from_env;
mod listing;
mod plan;

use std::collections::HashSet;
use std::ffi::OsString;

use self::from_env::FromEnv;
use self::plan::Plan;
use super::args::ExecArgs;
use super::context::{Called, Context};
use super::{generation, wrapper};
use crate::environ::Environ;
use crate::error::{Error, Result};
use crate::exec::Command;
use crate::inherit::Inherit;

pub(super) fn run(args: &ExecArgs, context: &Context) -> Result<()> {
    let rules = args.shape.rules(args.format)?;
    let mut inherited: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    // Of a name that stands there twice the first counts, as for getenv.
    let mut seen = HashSet::new();
    inherited.retain(|(name, _)| seen.insert(name.clone()));
    let inherit = Inherit {
        pristine: args.pristine,
        keep: args.keep.clone(),
        strip_credentials: args.strip_credentials,
        instructions: match context.called {
            Called::Lazycred => &[wrapper::SECRETS],
            Called::LazycredExec => &[wrapper::SECRETS, wrapper::OPTIONS],
        },
        no_override: args.no_override,
        allow: args.shape.allow.iter().map(ToString::to_string).collect(),
    };
    let from_env = FromEnv::new(&args.from_env, context.called)?;
    let plan = Plan::new(args, &inherited, &inherit, &from_env)?;
    let is_read = |name: &_| plan.references().any(|reference| reference.name == *name);
    let generations = generation::table(&args.min_gen, is_read)?;
    let config = context.config_stale(args.stale_if_error)?;
    let command = command(args, &inherited)?;
    let fetched = Context::with_client(config, async |client| {
        let references = plan.references();
        client.fetch_all(references, &generations).await
    })?;
    let mut environ = Environ::inherit(&inherited, &inherit);
    plan.merge(&fetched, &rules, &mut environ)?;
    // What is not passed on is gone before the command is there.
    drop(fetched);
    plan.warn_of_text(&environ);
    let size = command.as_ref().map_or((0, 0), Command::size);
    match command {
        Some(command) if !args.dry_run => {
            environ.check(size)?;
            Err(command.become_it(&environ))
        }
        _ => {
            listing::print(&environ, args.json, context.printer)?;
            environ.check(size)
        }
    }
}

/// The command, found; `None` where nothing is to be run.
fn command(args: &ExecArgs, inherited: &[(OsString, OsString)]) -> Result<Option<Command>> {
    if args.dry_run {
        return Ok(None);
    }
    let words = match &args.command_string {
        Some(text) => shell_words::split(text)
            .map_err(|_| Error::usage("-c: a quote is not closed"))?
            .into_iter()
            .map(OsString::from)
            .collect(),
        None => args.command.clone(),
    };
    if words.is_empty() {
        return Err(Error::usage_hint(
            "there is no command to run",
            "it follows `--`, as in `lazycred exec db_credentials -- ./server`",
        ));
    }
    let path = inherited.iter().find(|(name, _)| name == "PATH");
    Command::find(words, path.map(|(_, path)| path.as_os_str())).map(Some)
}
