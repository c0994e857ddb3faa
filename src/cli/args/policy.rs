//! The arguments of `policy`.

use clap::ValueEnum;

/// Print an IAM policy
///
/// Prints, as JSON, what a reader, a writer (who opens nothing) or an admin
/// (who moves, removes and rewraps, and opens nothing) needs, or what the
/// bucket or the wrapping key should have as its own policy, all from the
/// configuration. With "format": 2 the wrapping key serves this prefix only.
/// Nothing is changed in AWS; KMS is asked for an alias's ARN, and STS for the
/// account, where the configuration names none.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred policy reader
  $ lazycred policy key --reader prod-app --writer ci > key-policy.json")]
pub(in crate::cli) struct PolicyArgs {
    /// Whom or what the policy is for
    #[arg(value_name = "KIND")]
    pub(in crate::cli) kind: PolicyKind,
    /// With `key`: who may unwrap; a role's name or an ARN, as often as needed
    ///
    /// Each of these four, where it is not given, is left to the IAM policies
    /// of the account.
    #[arg(long, value_name = "ROLE")]
    pub(in crate::cli) reader: Vec<String>,
    /// With `key`: who may wrap
    #[arg(long, value_name = "ROLE")]
    pub(in crate::cli) writer: Vec<String>,
    /// With `key`: who may rewrap
    #[arg(long, value_name = "ROLE")]
    pub(in crate::cli) admin: Vec<String>,
    /// With `key`: who may administer the wrapping key itself
    #[arg(long, value_name = "ROLE")]
    pub(in crate::cli) owner: Vec<String>,
    /// With `bucket`: who may erase versions [default: secrets-breakglass]
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
