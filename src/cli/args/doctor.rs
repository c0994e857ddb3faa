//! The arguments of `doctor`.

/// Find what stands in the way of getting and putting secrets
///
/// Looks at the configuration and where each value came from, at who you are
/// to AWS, at the bucket and the wrapping key, and opens one secret. Each
/// finding says what to do. A get or a put that would fail is status 1; what
/// only makes a store safer is a warning.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred doctor
  $ lazycred doctor --write --json")]
pub(in crate::cli) struct DoctorArgs {
    /// Store a secret for trial, read it, and remove it
    ///
    /// It is `.lazycred-probe-` and random digits. Where the store keeps
    /// versions, they stay.
    #[arg(long)]
    pub(in crate::cli) write: bool,
    /// Print the findings as JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}
