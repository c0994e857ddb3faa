//! The arguments of `get`, `put` and `init`.

use std::path::PathBuf;

use super::NewNameArgs;
use crate::cli::generation::MinGeneration;
use crate::config::WrappingKeyId;
use crate::name::SecretName;
use crate::reference::FieldPath;

/// Print a secret
///
/// Writes exactly the bytes that were stored, with nothing added.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred get db_credentials
  $ lazycred get web/prod --field /db/password --output password.txt")]
pub(in crate::cli) struct GetArgs {
    /// Secret to print
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: SecretName,
    /// Print one field: a string's text, anything else as JSON
    #[arg(long, value_name = "FIELD")]
    pub(in crate::cli) field: Option<FieldPath>,
    /// Print this version instead of the current one
    #[arg(long, value_name = "VERSION")]
    pub(in crate::cli) version: Option<String>,
    /// Wrapping key that this version may be under, beside those configured
    #[arg(long, value_name = "ALIAS", requires = "version")]
    pub(in crate::cli) from: Option<WrappingKeyId>,
    /// Refuse a record older than the Nth write of NAME: it was put back
    #[arg(long, value_name = "NAME=N")]
    pub(in crate::cli) min_gen: Vec<MinGeneration>,
    /// Where S3 fails, use the record that the cache has, and warn
    ///
    /// S3 fails where it answers 5xx, cannot be reached, or has not answered in
    /// half of --timeout. KMS is still asked. Needs "cache": true.
    #[arg(long, conflicts_with = "version")]
    pub(in crate::cli) stale_if_error: bool,
    /// Write to a file that only its owner can read, whole or not at all
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}

/// Store a secret
///
/// Reads FILE, or standard input; at a terminal it asks, and shows nothing of
/// what is typed, which is one line. A secret is never an argument, and an empty
/// file, pipe or prompt is refused. The current secret is replaced only if it is
/// the one that was seen: a write by somebody else meanwhile is not lost.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred put db_credentials creds.json
  $ openssl rand -hex 32 | lazycred put api-token --if-absent")]
pub(in crate::cli) struct PutArgs {
    /// Secret to store
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: SecretName,
    /// File to read; - is standard input
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: Option<PathBuf>,
    /// Store only if there is no secret of this name
    #[arg(long, conflicts_with = "if_version")]
    pub(in crate::cli) if_absent: bool,
    /// Store only if this version is the current one
    #[arg(long, value_name = "VERSION")]
    pub(in crate::cli) if_version: Option<String>,
    /// Store it even if it is empty, or only a line end
    #[arg(long)]
    pub(in crate::cli) allow_empty: bool,
    #[command(flatten)]
    pub(in crate::cli) names: NewNameArgs,
    /// Do not read back what was stored
    #[arg(long)]
    pub(in crate::cli) no_verify: bool,
}

/// Write a configuration file
///
/// Writes `.lazycred` here, from --s3-path, --key-alias and --region. With
/// --local it keeps secrets in the folder `secrets/`, under a wrapping key in
/// your home directory that it makes: nothing of AWS is needed. With --create it
/// makes what is lacking in AWS: the bucket, with versions, without public
/// access, by TLS alone; the wrapping key with its alias, rotated each year. It
/// says first what it will do, and asks at a terminal. Without --s3-path it is
/// done for the configuration that is here, and no file is written.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred init --local
  $ lazycred init --s3-path acme/prod/ --key-alias acme --region eu-west-1 --create")]
pub(in crate::cli) struct InitArgs {
    /// Keep secrets in a folder here, under a local wrapping key
    #[arg(long)]
    pub(in crate::cli) local: bool,
    /// Make the bucket and the wrapping key in AWS, as far as they are lacking
    #[arg(long, conflicts_with = "local")]
    pub(in crate::cli) create: bool,
    /// With --create: do not ask
    #[arg(long, requires = "create")]
    pub(in crate::cli) yes: bool,
}
