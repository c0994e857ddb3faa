//! `mv`: a secret under another name instead.

use crate::Result;
use crate::cli::args::MvArgs;
use crate::cli::context::Context;
use crate::cli::names;

pub(in crate::cli) fn run(args: &MvArgs, context: &Context) -> Result<()> {
    let args = &args.names;
    names::check(args.to.as_str(), args.any.any_name)?;
    let (name, to) = (&args.name, &args.to);
    let renamed = Context::with_client(context.config()?, async |client| {
        client.rename(name, to, args.replacing()).await
    })?;
    let moved = format!("moved {name} to {to}");
    if renamed.written.changed {
        context.wrote(&moved, to, &renamed.written);
    } else {
        context.printer.done(&moved);
    }
    Ok(())
}
