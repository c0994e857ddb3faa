//! The arguments of `rekey` and `upgrade`.

use crate::WrappingKeyId;

/// Rewrap data keys under another wrapping key
///
/// Has KMS rewrap the data key of each secret whose name starts with PREFIX (by
/// default, of all secrets), without opening or changing the secret. Skips records
/// already under that wrapping key. Reports records that fail and goes on; run the
/// same command again for the rest. Files that are not records are reported and
/// left alone.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred rekey
  $ lazycred rekey web/ --from alias/acme-2025 --dry-run

With --json, each secret is an object with the members `name`, `outcome` and
`error` (null unless it failed). The outcome is `rekeyed`, `unchanged`, `skipped`
for what is not a record, `failed`, or with --dry-run `pending`.")]
pub(in crate::cli) struct RekeyArgs {
    /// Only secrets whose names start with this
    #[arg(value_name = "PREFIX", default_value = "", hide_default_value = true)]
    pub(in crate::cli) prefix: String,
    /// Wrapping key to use instead of the configured one
    #[arg(long, value_name = "ALIAS")]
    pub(in crate::cli) to: Option<WrappingKeyId>,
    /// Another wrapping key that records may be under
    #[arg(long, value_name = "ALIAS")]
    pub(in crate::cli) from: Option<WrappingKeyId>,
    /// Rewrap records already under that wrapping key, for new key material
    #[arg(long)]
    pub(in crate::cli) all: bool,
    /// Print the names that would be rewrapped, and store nothing
    #[arg(long, short = 'n')]
    pub(in crate::cli) dry_run: bool,
    /// Print what became of each secret as one JSON array
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Upgrade records to version 2
///
/// Prints the names that start with PREFIX (by default, all names) and have a
/// version 1 record, asks at a terminal, and has KMS bind those records. This
/// trusts whatever is stored: check the names first. Version 2 records open only
/// under `key_alias` and `keys`, and not with lazycred 0.2.3.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred upgrade
  $ lazycred upgrade web/ --to alias/acme-2 --yes

With --json, each secret is an object with the members `name`, `outcome` and
`error` (null unless it failed). The outcome is `upgraded`, `unchanged`, `skipped`
for what is not a record, `failed`, or `pending` if you said no.")]
pub(in crate::cli) struct UpgradeArgs {
    /// Only secrets whose names start with this
    #[arg(value_name = "PREFIX", default_value = "", hide_default_value = true)]
    pub(in crate::cli) prefix: String,
    /// Wrapping key to use instead of the configured one
    #[arg(long, value_name = "ALIAS")]
    pub(in crate::cli) to: Option<WrappingKeyId>,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub(in crate::cli) yes: bool,
    /// Print what became of each secret as one JSON array
    #[arg(long)]
    pub(in crate::cli) json: bool,
}
