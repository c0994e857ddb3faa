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
    let history = renamed.removed.version.as_ref().map(|_| {
        let history = name.command("history", &context.global.given().join(" "));
        format!("its history stays under {name}: {history}")
    });
    let replaced = context.replaced(to, &renamed.written);
    let notes: Vec<String> = history.into_iter().chain(replaced).collect();
    let renamed = format!("renamed {name} to {to}");
    context.printer.done(&match notes.join("; ") {
        notes if notes.is_empty() => renamed,
        notes => format!("{renamed} ({notes})"),
    });
    Ok(())
}
