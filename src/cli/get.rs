//! `get`: a secret, or one of its fields, on stdout or in a file.

use super::args::GetArgs;
use super::context::Context;
use super::{generation, whole_file};
use crate::error::Result;
use crate::read::ReadOptions;
use crate::shape;

pub(super) fn run(args: &GetArgs, context: &Context) -> Result<()> {
    let least = generation::table(&args.min_gen, |name| *name == args.name)?;
    let options = ReadOptions {
        version: args.version.clone(),
        from: args.from.clone(),
        min_generation: least.get(&args.name).copied(),
    };
    let secret =
        Context::with_client(context.config_stale(args.stale_if_error)?, async |client| {
            let secret = client.get_with(&args.name, &options).await?;
            match &args.field {
                Some(field) => shape::field_text(&client.place(&args.name)?, &secret, field),
                None => Ok(secret),
            }
        })?;
    match &args.output {
        Some(path) if path.as_os_str() != "-" => whole_file::write(path, &secret),
        _ => context.printer.secret(&secret),
    }
}
