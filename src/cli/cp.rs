//! `cp`: a secret under another name too.

use super::args::CpArgs;
use super::context::Context;
use super::names;
use crate::error::Result;

pub(super) fn run(args: &CpArgs, context: &Context) -> Result<()> {
    let args = &args.names;
    names::check(args.to.as_str(), args.any.any_name)?;
    let (name, to) = (&args.name, &args.to);
    let written = Context::with_client(context.config()?, async |client| {
        client.copy(name, to, args.replacing()).await
    })?;
    context.wrote(&format!("copied {name} to {to}"), to, &written);
    Ok(())
}
