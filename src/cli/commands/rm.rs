//! `rm`: removes secrets, and prints how to restore each.

use crate::backends::store::Removed;
use crate::base::{OneLine, several};
use crate::cli::args::RmArgs;
use crate::cli::context::{Context, undo};
use crate::{Result, SecretName};

pub(in crate::cli) fn run(args: &RmArgs, context: &Context) -> Result<()> {
    context.with_client(async |client| {
        let mut errors = Vec::new();
        for name in &args.names {
            match client.delete(name).await {
                Ok(removed) => context.printer.done(&message(name, &removed)),
                Err(error) => errors.push(error),
            }
        }
        several(errors)
    })
}

fn message(name: &SecretName, removed: &Removed) -> String {
    match &removed.version {
        Some(version) if removed.damaged => format!(
            "removed {name}, whose damaged record is kept as version `{}`",
            OneLine(version)
        ),
        Some(version) => {
            let command = undo(name, version);
            format!("removed {name} (undo: {command})")
        }
        None => format!("removed {name} permanently"),
    }
}
