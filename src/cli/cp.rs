//! `cp`: a secret under another name too.

use super::args::CpArgs;
use super::{Context, names};
use crate::error::Result;
use crate::put::Replace;

pub(super) fn run(args: &CpArgs, context: &Context) -> Result<()> {
    let args = &args.names;
    names::check(args.to.as_str(), args.any.any_name)?;
    let (name, to) = (&args.name, &args.to);
    let written = Context::with_client(context.config()?, async |client| {
        client.copy(name, to, replace(args.replace)).await
    })?;
    context.wrote(&format!("copied {name} to {to}"), to, &written);
    Ok(())
}

/// What the flag `--replace` asks for.
pub(super) fn replace(flag: bool) -> Replace {
    if flag {
        Replace::Existing
    } else {
        Replace::Never
    }
}
