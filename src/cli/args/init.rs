//! The arguments of `init`.

/// Write a configuration file
///
/// Writes `.lazycred` in this folder, or the file of --config, from --s3-path,
/// --key-alias and --region; at a terminal, it asks for what it lacks. Nothing is
/// made if a file with other settings is in its place; with -e NAME, the settings
/// become an environment of it.
///
/// --local keeps secrets in the folder `secrets/`, under a wrapping key that it
/// creates in your home directory. It needs no AWS.
///
/// --create creates whatever is missing in AWS: the bucket (versioned, no public
/// access, TLS only) and the wrapping key with its alias, rotated yearly. It shows
/// account, identity and its plan first, and asks at a terminal. Without --s3-path,
/// it uses the existing configuration and writes no file.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred init --local
  $ lazycred init --s3-path acme/ --key-alias acme --region eu-west-1 --create")]
pub(in crate::cli) struct InitArgs {
    /// Keep secrets in a folder here, under a local wrapping key
    #[arg(long)]
    pub(in crate::cli) local: bool,
    /// Create the bucket and the wrapping key in AWS if they are missing
    #[arg(long, conflicts_with = "local")]
    pub(in crate::cli) create: bool,
    /// With --create: do not ask for confirmation
    #[arg(short, long, requires = "create")]
    pub(in crate::cli) yes: bool,
    /// Version of new records: 1 or 2
    #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(u8).range(1..=2))]
    pub(in crate::cli) format: Option<u8>,
}
