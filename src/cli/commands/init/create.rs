//! `init --create`: creates the bucket and the wrapping key, or makes them safer.
//!
//! Looks first, says what it will do, and does only what is missing: a second run
//! does nothing.

use std::io::{self, IsTerminal};

use crate::cli::context::Context;
use crate::client::setup::{self, Setup};
use crate::config::Config;
use crate::{Error, Result};

/// Creates what is missing once the user agrees; whether the user did.
pub(in crate::cli) fn run(yes: bool, config: &Config, context: &Context) -> Result<bool> {
    // A configuration that no client accepts creates nothing.
    Context::with_client_for(config.clone(), async |_| {
        if !setup::is_in_aws(config) {
            return Err(Error::usage_hint(
                "nothing to create in AWS",
                "--s3-path BUCKET/PREFIX and --key-alias ALIAS name what --create creates",
            ));
        }
        let setup = Setup::load(config).await?;
        let tasks = setup.missing().await?;
        for task in &tasks {
            context.printer.done(&format!("will {task}"));
        }
        if tasks.is_empty() {
            let message = "bucket and wrapping key are already set up";
            context.printer.done(message);
            return Ok(true);
        }
        if !yes && io::stdin().is_terminal() && !context.printer.ask("continue? [y/N] ")? {
            return Ok(false);
        }
        for task in tasks {
            let told = format!("done: {task}");
            setup.take(task).await?;
            context.printer.done(&told);
        }
        Ok(true)
    })
}
