//! `rollback`: an old version of a secret, stored again as the newest.

use super::args::RollbackArgs;
use super::context::Context;
use crate::error::Result;

pub(super) fn run(args: &RollbackArgs, context: &Context) -> Result<()> {
    let name = &args.name;
    let written = Context::with_client(context.config()?, async |client| {
        let from = args.from.as_ref();
        client.rollback(name, &args.to, from).await
    })?;
    context.wrote(&format!("rolled back {name}"), name, &written);
    Ok(())
}
