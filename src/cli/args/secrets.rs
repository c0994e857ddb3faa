//! The arguments of `get`, `put` and `init`.

use std::path::PathBuf;

use super::names::NewNameArgs;
use crate::cli::min_gen::MinGeneration;
use crate::{FieldPath, SecretName, WrappingKeyId};

/// Print a secret
///
/// Writes exactly the stored bytes; at a terminal, adds a newline if they lack one.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred get db_credentials
  $ lazycred get web/prod --field /db/password --output password.txt")]
pub(in crate::cli) struct GetArgs {
    /// Secret to print
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: SecretName,
    /// Print one field: a string as text, anything else as JSON
    #[arg(long, value_name = "FIELD")]
    pub(in crate::cli) field: Option<FieldPath>,
    /// Print this version instead of the current one
    #[arg(long, value_name = "VERSION")]
    pub(in crate::cli) version: Option<String>,
    /// Another wrapping key that this version may be under
    #[arg(long, value_name = "ALIAS", requires = "version")]
    pub(in crate::cli) from: Option<WrappingKeyId>,
    /// Refuse a replayed record: NAME must be at its Nth write or later
    #[arg(long, value_name = "NAME=N")]
    pub(in crate::cli) min_gen: Vec<MinGeneration>,
    /// If S3 fails, use the cached record and warn
    ///
    /// S3 fails if it answers 5xx, cannot be reached, or does not answer within
    /// half of --timeout. KMS is still asked. Needs "cache": true.
    #[arg(long, conflicts_with = "version")]
    pub(in crate::cli) stale_if_error: bool,
    /// Write atomically to a file that only you can read
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}

/// Store a secret
///
/// Reads FILE or standard input; at a terminal, prompts for one line without
/// echo. Never takes a secret as an argument, and refuses an empty file, pipe or
/// prompt. Replaces the current secret only if it has not changed meanwhile, so
/// concurrent writes are not lost.
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
    /// Store only if no secret has this name
    #[arg(long, conflicts_with = "if_version")]
    pub(in crate::cli) if_absent: bool,
    /// Store only if this version is the current one
    #[arg(long, value_name = "VERSION")]
    pub(in crate::cli) if_version: Option<String>,
    /// Accept empty input, or only a line ending
    #[arg(long)]
    pub(in crate::cli) allow_empty: bool,
    #[command(flatten)]
    pub(in crate::cli) names: NewNameArgs,
    /// Skip reading back what was stored
    #[arg(long)]
    pub(in crate::cli) no_verify: bool,
}

/// Write a configuration file
///
/// Writes `.lazycred` in this folder from --s3-path, --key-alias and --region.
///
/// --local keeps secrets in the folder `secrets/`, under a wrapping key that it
/// creates in your home directory. It needs no AWS.
///
/// --create creates whatever is missing in AWS: the bucket (versioned, no public
/// access, TLS only) and the wrapping key with its alias, rotated yearly. It shows
/// its plan first and asks at a terminal. Without --s3-path, it uses the existing
/// configuration and writes no file.
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
    #[arg(long, requires = "create")]
    pub(in crate::cli) yes: bool,
}
