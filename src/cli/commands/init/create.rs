//! `init --create`: the bucket and the wrapping key, made or made safer.
//!
//! Looks first, says what it will do, and does only what is lacking: a second
//! run does nothing.

use crate::cli::context::Context;
use crate::setup::{self, Setup};
use crate::{Config, Error, Result};

/// Makes what is lacking, once the user agrees; whether anything was agreed to.
pub(in crate::cli) fn run(yes: bool, config: &Config, context: &Context) -> Result<bool> {
    // What no client takes as its configuration makes nothing.
    Context::with_client(config.clone(), async |_| {
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
            context
                .printer
                .done("bucket and wrapping key are already set up");
            return Ok(true);
        }
        if !yes && !context.printer.agreed()? {
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
