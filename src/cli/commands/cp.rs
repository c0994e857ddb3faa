//! `cp`: a secret under another name too.

use crate::Result;
use crate::cli::args::CpArgs;
use crate::cli::context::Context;
use crate::cli::names;

pub(in crate::cli) fn run(args: &CpArgs, context: &Context) -> Result<()> {
    let args = &args.names;
    names::check(args.to.as_str(), args.any.any_name)?;
    let (name, to) = (&args.name, &args.to);
    let written = Context::with_client(context.config()?, async |client| {
        client.copy(name, to, args.replacing()).await
    })?;
    context.wrote(&format!("copied {name} to {to}"), to, &written);
    Ok(())
}
