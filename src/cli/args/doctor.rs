//! The arguments of `doctor`.

/// Diagnose problems reading and writing secrets
///
/// Checks the configuration and where each value comes from, your AWS identity,
/// the bucket and the wrapping key, and opens one secret. Each problem comes with
/// its remedy. Exits with 1 if a get or a put would fail; anything that would only
/// make the store safer is a warning.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred doctor
  $ lazycred doctor --write --json")]
pub(in crate::cli) struct DoctorArgs {
    /// Store a test secret, read it back and remove it
    ///
    /// Its name is `.lazycred-probe-` followed by random hexadecimal digits. If
    /// the store keeps versions, its versions remain.
    #[arg(long)]
    pub(in crate::cli) write: bool,
    /// Print the findings as JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}
