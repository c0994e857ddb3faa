//! `policy`: prints an IAM document, derived from the configuration.

use crate::cli::args::{PolicyArgs, PolicyKind};
use crate::cli::context::{Context, block_on};
use crate::setup::{self, PolicyFor, Principals};
use crate::{Error, Result};

pub(in crate::cli) fn run(args: &PolicyArgs, context: &Context) -> Result<()> {
    let policy_for = policy_for(args)?;
    let config = context.config()?;
    let policy = block_on(setup::policy(&config, &policy_for))??;
    context.printer.data(policy.as_bytes())
}

/// The kind of policy; refuses options that do not apply to it.
fn policy_for(args: &PolicyArgs) -> Result<PolicyFor> {
    let of_key = [&args.reader, &args.writer, &args.admin, &args.owner];
    if args.kind != PolicyKind::Key && of_key.into_iter().any(|roles| !roles.is_empty()) {
        return Err(Error::usage(
            "--reader, --writer, --admin and --owner are for `policy key`",
        ));
    }
    if args.kind != PolicyKind::Bucket && args.break_glass.is_some() {
        return Err(Error::usage("--break-glass is for `policy bucket`"));
    }
    Ok(match args.kind {
        PolicyKind::Reader => PolicyFor::Reader,
        PolicyKind::Writer => PolicyFor::Writer,
        PolicyKind::Admin => PolicyFor::Admin,
        PolicyKind::Bucket => PolicyFor::Bucket {
            break_glass: args.break_glass.clone(),
        },
        PolicyKind::Key => PolicyFor::WrappingKey(Principals {
            owners: args.owner.clone(),
            readers: args.reader.clone(),
            writers: args.writer.clone(),
            admins: args.admin.clone(),
        }),
    })
}
