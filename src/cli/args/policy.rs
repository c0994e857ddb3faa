//! The arguments of `policy`.

use clap::ValueEnum;

/// Print an IAM policy
///
/// Prints, as JSON, the permissions that a reader, a writer (who cannot open
/// secrets) or an admin (who moves, removes and rewraps, but cannot open secrets)
/// needs, or the resource policy for the bucket or the wrapping key, all derived
/// from the configuration. With "format": 2, the wrapping key serves this prefix
/// only. Changes nothing in AWS; asks KMS for an alias's ARN, and STS for the
/// account if the configuration does not name it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred policy reader
  $ lazycred policy key --reader prod-app --writer ci > key-policy.json")]
pub(in crate::cli) struct PolicyArgs {
    /// Kind of policy
    #[arg(value_name = "KIND")]
    pub(in crate::cli) kind: PolicyKind,
    /// With `key`: role that may unwrap, by name or ARN; repeatable
    ///
    /// If you omit any of these four, the account's IAM policies decide.
    #[arg(long, value_name = "ROLE")]
    pub(in crate::cli) reader: Vec<String>,
    /// With `key`: role that may wrap
    #[arg(long, value_name = "ROLE")]
    pub(in crate::cli) writer: Vec<String>,
    /// With `key`: role that may rewrap
    #[arg(long, value_name = "ROLE")]
    pub(in crate::cli) admin: Vec<String>,
    /// With `key`: role that may administer the wrapping key itself
    #[arg(long, value_name = "ROLE")]
    pub(in crate::cli) owner: Vec<String>,
    /// With `bucket`: role that may erase versions [default: secrets-breakglass]
    #[arg(long, value_name = "ROLE")]
    pub(in crate::cli) break_glass: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PolicyKind {
    Reader,
    Writer,
    Admin,
    Bucket,
    Key,
}
