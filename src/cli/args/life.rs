//! The arguments of `list`, `rm`, `history`, `rollback`, `cp`, `mv` and `diff`.

use super::NewNameArgs;
use crate::config::WrappingKeyId;
use crate::moves::Replace;
use crate::name::SecretName;

/// List the names of secrets
///
/// Prints whole names, one a line, in byte order. With --long the record's
/// size, time, version and format stand behind each name: that fetches every
/// record that is listed, one request a name.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred list
  $ lazycred list web/ --long --json")]
pub(in crate::cli) struct ListArgs {
    /// What the names start with
    #[arg(value_name = "PREFIX", default_value = "", hide_default_value = true)]
    pub(in crate::cli) prefix: String,
    /// Fetch each record too, and say its version and format
    #[arg(long)]
    pub(in crate::cli) long: bool,
    /// Print one JSON array
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Remove secrets
///
/// Asks nothing. Where versions are kept, it says how each secret is brought
/// back. A secret that cannot be removed is named, and the others still are.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred rm db_credentials
  $ lazycred rm web/dev web/staging")]
pub(in crate::cli) struct RmArgs {
    /// Secret to remove
    #[arg(value_name = "NAME", required = true)]
    pub(in crate::cli) names: Vec<SecretName>,
}

/// List the versions of a secret, the newest first
///
/// Prints each version, when it was stored, the size of its record, and whether
/// it is current or a removal. Where a bucket keeps no versions, the etag of the
/// only record stands for one.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred history db_credentials
  $ lazycred history web/prod --json")]
pub(in crate::cli) struct HistoryArgs {
    /// Secret whose versions are listed
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: SecretName,
    /// Print one JSON array
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Store an old version of a secret again, as the newest
///
/// Nothing is lost: what was current is a version then. The secret is never
/// opened. If its data key is under another wrapping key than the configured
/// one, it is wrapped under that again.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred rollback db_credentials --to 3sL4kqtJlcpXroDTDmJ
  $ lazycred rollback web/prod --to 3sL4kqtJlcpXroDTDmJ --from acme-2024")]
pub(in crate::cli) struct RollbackArgs {
    /// Secret to roll back
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: SecretName,
    /// Version to store again, as `history` prints it
    #[arg(long, value_name = "VERSION", allow_hyphen_values = true)]
    pub(in crate::cli) to: String,
    /// Wrapping key that this version may be under, too
    #[arg(long, value_name = "ALIAS")]
    pub(in crate::cli) from: Option<WrappingKeyId>,
}

/// Copy a secret to another name
///
/// The secret is never opened: its data key alone is wrapped again.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred cp web/prod web/staging
  $ lazycred cp web/prod web/staging --replace")]
pub(in crate::cli) struct CpArgs {
    #[command(flatten)]
    pub(in crate::cli) names: TwoNames,
}

/// A secret, and the other name that it is to have.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TwoNames {
    /// Secret, by the name that it has
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: SecretName,
    /// Its other name
    #[arg(value_name = "TO")]
    pub(in crate::cli) to: SecretName,
    /// Replace what is there
    #[arg(long)]
    pub(in crate::cli) replace: bool,
    #[command(flatten)]
    pub(in crate::cli) any: NewNameArgs,
}

impl TwoNames {
    /// What `--replace` asks for.
    pub(in crate::cli) fn replacing(&self) -> Replace {
        if self.replace {
            Replace::Existing
        } else {
            Replace::Never
        }
    }
}

/// Give a secret another name
///
/// The old name is removed only after the record under the new one was read
/// back. If it is interrupted, the same command again finishes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred mv web/prod web/live
  $ lazycred mv web/new web/live --replace")]
pub(in crate::cli) struct MvArgs {
    #[command(flatten)]
    pub(in crate::cli) names: TwoNames,
}

/// Compare two secrets, or a secret with its older version
///
/// Prints `added`, `removed` or `changed` and the JSON pointer of each field
/// that differs, never a value. An array is one value, and so is a secret that
/// is no JSON object, whose pointer is empty.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred diff web/staging web/prod
  $ lazycred diff web/prod --version 3sL4kqtJlcpXroDTDmJ --exit-code

With --exit-code the status is 7 if they differ.")]
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
    #[arg(long, value_name = "VERSION", allow_hyphen_values = true)]
    pub(in crate::cli) version: Option<String>,
    /// Print the values too: the one before, then the one after
    #[arg(long)]
    pub(in crate::cli) show: bool,
    /// End with 7 if they differ
    #[arg(long)]
    pub(in crate::cli) exit_code: bool,
}
