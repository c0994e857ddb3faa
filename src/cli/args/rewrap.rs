//! The arguments of `rekey` and `upgrade`.

use crate::config::WrappingKeyId;

/// Wrap data keys under another wrapping key
///
/// For each secret whose name starts with PREFIX, or all: KMS wraps its data key
/// again, and the secret itself is neither opened nor changed. A record that is
/// under that wrapping key already is left as it is. One that fails is named and
/// the others go on; the same command again does what is left. What is not a
/// record is reported and left alone.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred rekey
  $ lazycred rekey web/ --from alias/acme-2025 --dry-run")]
pub(in crate::cli) struct RekeyArgs {
    /// Only secrets whose names start with this
    #[arg(value_name = "PREFIX", default_value = "", hide_default_value = true)]
    pub(in crate::cli) prefix: String,
    /// Wrapping key to use, instead of the configured one
    #[arg(long, value_name = "ALIAS")]
    pub(in crate::cli) to: Option<WrappingKeyId>,
    /// Wrapping key that records may be under, beside those configured
    #[arg(long, value_name = "ALIAS")]
    pub(in crate::cli) from: Option<WrappingKeyId>,
    /// Wrap again what is under that wrapping key already: for new key material
    #[arg(long)]
    pub(in crate::cli) all: bool,
    /// Print the names that would be wrapped again, and store nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

/// Make records version 2
///
/// For each secret whose name starts with PREFIX, or all: prints the names of
/// those that have record version 1, asks at a terminal, and has KMS bind them.
/// Whatever lies there is taken for genuine, so look at the names. Records of
/// version 2 open only under `key_alias` and `keys`, and not by lazycred 0.2.3.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred upgrade
  $ lazycred upgrade web/ --to alias/acme-2 --yes")]
pub(in crate::cli) struct UpgradeArgs {
    /// Only secrets whose names start with this
    #[arg(value_name = "PREFIX", default_value = "", hide_default_value = true)]
    pub(in crate::cli) prefix: String,
    /// Wrapping key to use, instead of the configured one
    #[arg(long, value_name = "ALIAS")]
    pub(in crate::cli) to: Option<WrappingKeyId>,
    /// Do not ask
    #[arg(long)]
    pub(in crate::cli) yes: bool,
}
