//! `rollback`: stores an old version of a secret again as the newest.

use crate::Result;
use crate::cli::args::RollbackArgs;
use crate::cli::context::Context;

pub(in crate::cli) fn run(args: &RollbackArgs, context: &Context) -> Result<()> {
    let name = &args.name;
    let from = args.from.as_ref();
    let written = context.with_client(async |client| match &args.to {
        Some(version) => client.rollback(name, version, from).await,
        None => client.undo(name, from).await,
    })?;
    context.wrote(&format!("rolled back {name}"), name, &written);
    Ok(())
}
