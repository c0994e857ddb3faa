//! `get`: prints a secret or one of its fields, or writes it to a file.

use crate::cli::args::GetArgs;
use crate::cli::context::Context;
use crate::cli::{min_gen, written};
use crate::{ReadOptions, Result};

pub(in crate::cli) fn run(args: &GetArgs, context: &Context) -> Result<()> {
    let least = min_gen::table(&args.min_gen, |name| *name == args.name)?;
    let mut options = ReadOptions::default();
    options.version.clone_from(&args.version);
    options.from.clone_from(&args.from);
    options.min_generation = least.get(&args.name).copied();
    let config = context.config_stale(args.stale_if_error)?;
    let secret = Context::with_client_for(config, async |client| match &args.field {
        Some(field) => client.get_field(&args.name, field, &options).await,
        None => client.get_with(&args.name, &options).await,
    })?;
    written::write(args.output.as_deref(), &secret, context.printer)
}
