//! `mv`: a secret under another name instead.

use super::args::MvArgs;
use super::context::Context;
use super::names;
use crate::error::Result;

pub(super) fn run(args: &MvArgs, context: &Context) -> Result<()> {
    let args = &args.names;
    names::check(args.to.as_str(), args.any.any_name)?;
    let (name, to) = (&args.name, &args.to);
    let written = Context::with_client(context.config()?, async |client| {
        client.rename_written(name, to, args.replacing()).await
    })?;
    let moved = format!("moved {name} to {to}");
    match written {
        Some(written) => context.wrote(&moved, to, &written),
        None => context.printer.done(&moved),
    }
    Ok(())
}
