//! `rollback`: an old version of a secret, stored again as the newest.

use crate::Result;
use crate::cli::args::RollbackArgs;
use crate::cli::context::Context;

pub(in crate::cli) fn run(args: &RollbackArgs, context: &Context) -> Result<()> {
    let name = &args.name;
    let written = Context::with_client(context.config()?, async |client| {
        let from = args.from.as_ref();
        client.rollback(name, &args.to, from).await
    })?;
    context.wrote(&format!("rolled back {name}"), name, &written);
    Ok(())
}
