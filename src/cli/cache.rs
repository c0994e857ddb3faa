//! `cache`: what was kept, and is wanted no more.

use super::Context;
use super::args::{CacheArgs, CacheCommand};
use crate::cache;
use crate::config::Variables;
use crate::error::Result;

pub(super) fn run(args: &CacheArgs, context: &Context) -> Result<()> {
    match args.command {
        CacheCommand::Clear => clear(context),
    }
}

/// Needs no configuration: the cache of all of them is one.
fn clear(context: &Context) -> Result<()> {
    let home = Variables::from_env()?.cache_home();
    let records = home.as_deref().map_or(Ok(0), cache::clear)?;
    let plural = if records == 1 { "" } else { "s" };
    context
        .printer
        .done(&format!("removed {records} record{plural} from the cache"));
    Ok(())
}
