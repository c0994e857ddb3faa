//! `rollback`: an old version of a secret, stored again as the newest.

use super::Context;
use super::args::RollbackArgs;
use crate::error::Result;
use crate::name::{SecretName, shell_word};

pub(super) fn run(args: &RollbackArgs, context: &Context) -> Result<()> {
    let name = &args.name;
    let written = Context::with_client(context.config()?, async |client| {
        let from = args.from.as_ref();
        client.rollback(name, &args.to, from).await
    })?;
    context.wrote(&format!("rolled back {name}"), name, &written);
    Ok(())
}

/// The command that stores a version again, as a shell reads it.
pub(super) fn command(name: &SecretName, version: &str) -> String {
    let version = shell_word(version);
    name.command("rollback", &format!("--to {version}"))
}
