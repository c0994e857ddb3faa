//! `cache`: clears the local cache.

use crate::cli::args::{CacheArgs, CacheCommand};
use crate::cli::context::Context;
use crate::{Result, Variables, cache};

/// Needs no configuration: all configurations share one cache.
pub(in crate::cli) fn run(args: &CacheArgs, context: &Context) -> Result<()> {
    let CacheCommand::Clear = args.command;
    let home = Variables::from_env()?.cache_home();
    let records = home.as_deref().map_or(Ok(0), cache::clear)?;
    let plural = if records == 1 { "" } else { "s" };
    let message = format!("removed {records} record{plural} from the cache");
    context.printer.done(&message);
    Ok(())
}
