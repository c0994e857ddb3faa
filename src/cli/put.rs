//! `put`: stores what a file or standard input holds.

use super::args::PutArgs;
use super::{Context, input};
use crate::config::ReadBack;
use crate::error::{Error, Result};
use crate::write::Precondition;

pub(super) fn run(args: &PutArgs, context: &Context) -> Result<()> {
    let precondition = match &args.if_version {
        _ if args.if_absent => Precondition::Absent,
        Some(version) if version == "null" => {
            return Err(Error::usage_hint(
                "`null` names no version: what it holds changes with every write",
                "give the ETag, which tells one record from another",
            ));
        }
        Some(version) => Precondition::Version(version.clone()),
        None => Precondition::None,
    };
    let mut config = context.config()?;
    if args.no_verify {
        config = config.with_read_back(ReadBack::Never);
    }
    let what = format!("secret for {}", args.name);
    let secret = input::read(args.file.as_deref(), &what, context.max_size())?;
    Context::with_client(config, async |client| {
        client.put_if(&args.name, &secret, &precondition).await
    })?;
    context.printer.done(&format!("saved {}", args.name));
    Ok(())
}
