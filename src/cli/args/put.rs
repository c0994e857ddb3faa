//! The arguments of `put`.

use std::path::PathBuf;

use super::names::NewNameArgs;
use crate::SecretName;

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
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
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
    ///
    /// Its first six characters are enough, unless another version begins so.
    #[arg(long, value_name = "VERSION")]
    pub(in crate::cli) if_version: Option<String>,
    /// Store a dotenv file as it is, without asking
    ///
    /// At a terminal, `put` asks whether `import` was meant if FILE is named `.env`,
    /// `.env.*` or `*.env`.
    #[arg(short, long)]
    pub(in crate::cli) yes: bool,
    /// Accept empty input, or only a line ending
    #[arg(long)]
    pub(in crate::cli) allow_empty: bool,
    #[command(flatten)]
    pub(in crate::cli) names: NewNameArgs,
    /// Skip reading back what was stored
    #[arg(long)]
    pub(in crate::cli) no_verify: bool,
}
