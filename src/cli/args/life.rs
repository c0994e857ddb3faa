//! The arguments of `list`, `rm`, `history`, `rollback`, `cp`, `mv` and `diff`.

use super::names::TwoNames;
use crate::{SecretName, WrappingKeyId};

/// List the names of secrets
///
/// Prints full names, one per line, in byte order. --long adds each record's
/// size, time, version and format, and fetches every listed record, one request
/// per name.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred list
  $ lazycred list web/ --long --json")]
pub(in crate::cli) struct ListArgs {
    /// List only names that start with this
    #[arg(value_name = "PREFIX", default_value = "", hide_default_value = true)]
    pub(in crate::cli) prefix: String,
    /// Fetch each record and show its version and format
    #[arg(long, short)]
    pub(in crate::cli) long: bool,
    /// Print one JSON array
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Remove secrets
///
/// Does not ask for confirmation. If the store keeps versions, prints how to
/// restore each secret. If one cannot be removed, reports it and removes the rest.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred rm db_credentials
  $ lazycred rm web/dev web/staging")]
pub(in crate::cli) struct RmArgs {
    /// Secrets to remove
    #[arg(value_name = "NAME", required = true)]
    pub(in crate::cli) names: Vec<SecretName>,
}

/// List the versions of a secret, newest first
///
/// Prints each version, when it was stored, the size of its record, and whether
/// it is current or a removal. If the bucket is not versioned, the etag of the
/// only record serves as its version. Commands take the first six characters of a
/// version too, unless another begins so; an etag has to be given whole.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred history db_credentials
  $ lazycred history web/prod --json")]
pub(in crate::cli) struct HistoryArgs {
    /// Secret whose versions to list
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: SecretName,
    /// Print one JSON array
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Restore an old version of a secret
///
/// Without --to, undoes the last write or removal; a second time, undoes that.
/// Stores the version again as the newest, so nothing is lost: the one that was
/// current becomes an old version. Never opens the secret. If its data key is
/// under another wrapping key, rewraps it under the configured one.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred rollback db_credentials
  $ lazycred rollback web/prod --to 3sL4kq --from acme-2024")]
pub(in crate::cli) struct RollbackArgs {
    /// Secret to roll back
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: SecretName,
    /// Version to restore [default: the one before the current]
    ///
    /// Its first six characters are enough, unless another version begins so.
    #[arg(long, value_name = "VERSION", allow_hyphen_values = true)]
    pub(in crate::cli) to: Option<String>,
    /// Another wrapping key that this version may be under
    #[arg(long, value_name = "ALIAS")]
    pub(in crate::cli) from: Option<WrappingKeyId>,
}

/// Copy a secret to another name
///
/// Never opens the secret: only its data key is wrapped again.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred cp web/prod web/staging
  $ lazycred cp web/prod web/staging --replace")]
pub(in crate::cli) struct CpArgs {
    #[command(flatten)]
    pub(in crate::cli) names: TwoNames,
}

/// Rename a secret
///
/// Removes the old name only after reading back the record under the new one. If
/// interrupted, run the same command again to finish. Old versions stay under the
/// old name.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred mv web/prod web/live
  $ lazycred mv web/new web/live --replace")]
pub(in crate::cli) struct MvArgs {
    #[command(flatten)]
    pub(in crate::cli) names: TwoNames,
}

/// Compare two secrets, or two versions of one
///
/// Prints `added`, `removed` or `changed` and the JSON pointer of each field
/// that differs, but no values. An array counts as one value. So does a secret
/// that is not a JSON object; its pointer is empty.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred diff web/staging web/prod
  $ lazycred diff web/prod --version 3sL4kq --exit-code

With --json, each difference is an object with the members `path` and `change`,
and with --show also `old` and `new`; text that is not JSON is a string.

With --exit-code, the exit status is 7 if they differ.")]
pub(in crate::cli) struct DiffArgs {
    /// Secret to compare
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: SecretName,
    /// Secret to compare it with
    #[arg(
        value_name = "OTHER",
        required_unless_present = "version",
        conflicts_with = "version"
    )]
    pub(in crate::cli) other: Option<SecretName>,
    /// Compare this version of NAME with the current one
    ///
    /// Its first six characters are enough, unless another version begins so.
    #[arg(long, value_name = "VERSION", allow_hyphen_values = true)]
    pub(in crate::cli) version: Option<String>,
    /// Print the values too, old then new
    #[arg(long)]
    pub(in crate::cli) show: bool,
    /// Exit with 7 if they differ
    #[arg(long)]
    pub(in crate::cli) exit_code: bool,
    /// Print one JSON array
    #[arg(long)]
    pub(in crate::cli) json: bool,
}
