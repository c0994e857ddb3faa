//! The arguments of `cache`.

use clap::Subcommand;

/// Remove records that were kept to start faster
///
/// With "cache": true in the configuration, what reads current versions (`exec`,
/// `get`, `export`, `diff`) keeps the records, as S3 has them, sealed, in
/// `$XDG_CACHE_HOME/lazycred`, else `~/.cache/lazycred`. The next time S3 is
/// asked only whether they are still current, and KMS for the data keys meanwhile.
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
    /// Remove them all, and say how many there were
    Clear,
}
