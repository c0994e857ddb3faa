//! `mv`: a secret under another name instead.

use super::args::MvArgs;
use super::cp::replace;
use super::{Context, names};
use crate::error::Result;

pub(super) fn run(args: &MvArgs, context: &Context) -> Result<()> {
    let args = &args.names;
    names::check(args.to.as_str(), args.any.any_name)?;
    Context::with_client(context.config()?, async |client| {
        let replace = replace(args.replace);
        client.rename(&args.name, &args.to, replace).await
    })?;
    let (name, to) = (&args.name, &args.to);
    context.printer.done(&format!("moved {name} to {to}"));
    Ok(())
}
