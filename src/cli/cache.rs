//! `cache`: what was kept, and is wanted no more.

use super::args::{CacheArgs, CacheCommand};
use super::context::Context;
use crate::cache;
use crate::config::Variables;
use crate::error::Result;

/// Needs no configuration: all configurations share one cache.
pub(super) fn run(args: &CacheArgs, context: &Context) -> Result<()> {
    let CacheCommand::Clear = args.command;
    let home = Variables::from_env()?.cache_home();
    let records = home.as_deref().map_or(Ok(0), cache::clear)?;
    let plural = if records == 1 { "" } else { "s" };
    let message = format!("removed {records} record{plural} from the cache");
    context.printer.done(&message);
    Ok(())
}
