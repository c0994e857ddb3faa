//! The arguments of `doctor`.

use crate::SecretName;

/// Diagnose problems reading and writing secrets
///
/// Checks the configuration and where each value comes from, your AWS identity,
/// the bucket and the wrapping key, and opens one secret: NAME, or the first that
/// is a record. Each problem comes with its remedy. Exits with 1 if a get or a put
/// would fail, or if no secret was opened and S3 permits nothing that was asked;
/// anything that would only make the store safer is a warning.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
With --json, the findings are an array of objects with the members `check`,
`detail`, `remedy` (null if all is well) and `status`: `ok`, `warning`, `error`,
or `unknown` for what may not be looked at. The last one's check is `verdict`;
it has no remedy.

Examples:
  $ lazycred doctor
  $ lazycred doctor web/prod
  $ lazycred doctor --write --json")]
pub(in crate::cli) struct DoctorArgs {
    /// Secret to open, instead of the first one
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: Option<SecretName>,
    /// Store a test secret, read it back and remove it
    ///
    /// Its name is `.lazycred-probe-` followed by random hexadecimal digits. If
    /// the store keeps versions, its versions remain.
    #[arg(long)]
    pub(in crate::cli) write: bool,
    /// Only show the configuration and where each value comes from
    ///
    /// Asks nobody: no request to AWS, and no look for credentials.
    #[arg(long, conflicts_with_all = ["write", "name"])]
    pub(in crate::cli) offline: bool,
    /// Print the findings as JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}
