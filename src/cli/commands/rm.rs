//! `rm`: removes secrets, and says how each is brought back.

use crate::cli::args::RmArgs;
use crate::cli::context::{Context, undo};
use crate::text::OneLine;
use crate::{Error, Removed, Result, SecretName};

pub(in crate::cli) fn run(args: &RmArgs, context: &Context) -> Result<()> {
    Context::with_client(context.config()?, async |client| {
        let mut errors = Vec::new();
        for name in &args.names {
            match client.delete(name).await {
                Ok(removed) => context.printer.done(&told(name, &removed)),
                Err(error) => errors.push(error),
            }
        }
        Error::several(errors)
    })
}

fn told(name: &SecretName, removed: &Removed) -> String {
    match &removed.version {
        Some(version) if removed.damaged => format!(
            "removed {name}, whose record was damaged; it is kept as version `{}`",
            OneLine(version)
        ),
        Some(version) => {
            let command = undo(name, version);
            format!("removed {name}; `{command}` brings it back")
        }
        None => format!("removed {name}, and no version of it is kept"),
    }
}
