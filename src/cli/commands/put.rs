//! `put`: stores what a file or standard input holds.

use crate::cli::args::PutArgs;
use crate::cli::context::Context;
use crate::cli::input::Given;
use crate::cli::names;
use crate::{Error, Precondition, ReadBack, Result};

pub(in crate::cli) fn run(args: &PutArgs, context: &Context) -> Result<()> {
    names::check(args.name.as_str(), args.names.any_name)?;
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
    let given = Given {
        file: args.file.as_deref(),
        what: &format!("secret `{}`", args.name),
        from_file: &format!("lazycred put {} FILE", args.name.argument()),
        allowing: &args.name.command("put", "--allow-empty"),
        allow_empty: args.allow_empty,
    };
    let secret = given.read(context.max_size())?;
    let written = Context::with_client(config, async |client| {
        client.put_if(&args.name, &secret, &precondition).await
    })?;
    context.saved(&args.name, &written);
    Ok(())
}
