//! `cp` and `mv`: a secret under another name.

use crate::Result;
use crate::cli::args::{CpArgs, MvArgs};
use crate::cli::context::Context;
use crate::cli::taken;

/// What to do about a destination that exists.
const REMEDY: &str = "--replace replaces it";

pub(in crate::cli) fn copy(CpArgs { names }: &CpArgs, context: &Context) -> Result<()> {
    let (name, to, replace) = names.checked()?;
    let written = context.with_client(async |client| client.copy(name, to, replace).await);
    let written = written.map_err(|error| taken::hinted(error, REMEDY))?;
    context.wrote(&format!("copied {name} to {to}"), to, &written);
    Ok(())
}

pub(in crate::cli) fn rename(MvArgs { names }: &MvArgs, context: &Context) -> Result<()> {
    let (name, to, replace) = names.checked()?;
    let renamed = context.with_client(async |client| client.rename(name, to, replace).await);
    let renamed = renamed.map_err(|error| taken::hinted(error, REMEDY))?;
    let moved = format!("moved {name} to {to}");
    if renamed.written.changed {
        context.wrote(&moved, to, &renamed.written);
    } else {
        context.printer.done(&moved);
    }
    Ok(())
}
