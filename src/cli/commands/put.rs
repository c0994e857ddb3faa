//! `put`: stores the contents of a file or of standard input.

use crate::cli::args::PutArgs;
use crate::cli::context::Context;
use crate::cli::input::Given;
use crate::{Error, Precondition, ReadBack, Result};

pub(in crate::cli) fn run(args: &PutArgs, context: &Context) -> Result<()> {
    args.names.check(args.name.as_str())?;
    let precondition = match &args.if_version {
        _ if args.if_absent => Precondition::Absent,
        Some(version) if version == "null" => {
            return Err(Error::usage_hint(
                "version `null` is overwritten by every write",
                "use the ETag instead, which identifies one record",
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
    let written = Context::with_client_for(config, async |client| {
        client.put_if(&args.name, secret, &precondition).await
    })?;
    context.saved(&args.name, &written);
    Ok(())
}
