//! `rm`: removes secrets, and says how each is brought back.

use super::Context;
use super::args::RmArgs;
use crate::error::Result;
use crate::load::several;
use crate::name::SecretName;
use crate::store::Removed;

pub(super) fn run(args: &RmArgs, context: &Context) -> Result<()> {
    Context::with_client(context.config()?, async |client| {
        let mut errors = Vec::new();
        for name in &args.names {
            match client.delete(name).await {
                Ok(removed) => context.printer.done(&told(name, &removed)),
                Err(error) => errors.push(error),
            }
        }
        several(errors)
    })
}

fn told(name: &SecretName, removed: &Removed) -> String {
    match &removed.version {
        Some(version) => format!("removed {name}; `{}` brings it back", undo(name, version)),
        None => format!("removed {name}, and no version of it is kept"),
    }
}

/// The command that stores the version again, as a shell reads it.
fn undo(name: &SecretName, version: &str) -> String {
    let version = shell_words::quote(version);
    name.command("rollback", &format!("--to {version}"))
}
