//! `rm`: removes secrets, and prints how to restore each.

use crate::cli::args::RmArgs;
use crate::cli::context::Context;
use crate::text::OneLine;
use crate::{Error, Removed, Result, SecretName};

pub(in crate::cli) fn run(args: &RmArgs, context: &Context) -> Result<()> {
    context.with_client(async |client| {
        let mut errors = Vec::new();
        for name in &args.names {
            match client.delete(name).await {
                Ok(removed) => context.printer.done(&message(name, &removed, context)),
                Err(error) => errors.push(error),
            }
        }
        Error::several(errors)
    })
}

fn message(name: &SecretName, removed: &Removed, context: &Context) -> String {
    match &removed.version {
        Some(version) if removed.damaged => format!(
            "removed {name}, whose damaged record is kept as version `{}`",
            OneLine(version)
        ),
        Some(_) => format!("removed {name} (undo: {})", context.undo(name)),
        None => format!("removed {name} permanently"),
    }
}
