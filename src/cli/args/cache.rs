//! The arguments of `cache`.

use clap::Subcommand;

/// Clear the local cache of sealed records
///
/// With "cache": true in the configuration, commands that read current versions
/// (`exec`, `get`, `export`, `diff`) keep the records, sealed exactly as in S3, in
/// `$XDG_CACHE_HOME/lazycred` or, if that is unset, `~/.cache/lazycred`. The next
/// read asks S3 only whether a record has changed, and KMS for its data key at the
/// same time.
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    subcommand_required = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  $ lazycred cache clear
  $ XDG_CACHE_HOME=/var/cache lazycred cache clear"
)]
pub(in crate::cli) struct CacheArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: CacheCommand,
}

#[derive(Debug, Clone, Copy, Subcommand)]
#[command(defer = true)]
pub(in crate::cli) enum CacheCommand {
    /// Remove every cached record and report how many there were
    Clear,
}
