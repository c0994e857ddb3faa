//! The arguments of `get`.

use std::path::PathBuf;

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
    #[arg(short, long, value_name = "FIELD")]
    pub(in crate::cli) field: Option<FieldPath>,
    /// Print this version instead of the current one
    ///
    /// Its first six characters are enough, unless another version begins so.
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
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}
