//! The arguments of the commands that change what is stored: `set`, `unset`,
//! `edit`, `import`.

use std::path::PathBuf;

use super::names::NewNameArgs;
use crate::{FieldPath, SecretName};

/// Set one field of a secret
///
/// Reads the value from FILE or standard input; at a terminal, prompts without
/// echo. Drops one trailing newline and stores the rest as a JSON string; refuses
/// empty input. All other fields stay the same, byte for byte, and concurrent
/// writes are not lost.
///
/// FIELD is a top-level field, or a JSON pointer if it starts with `/`. Missing
/// parents are created as objects; `-` appends to an array.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred set web/prod session_secret password.txt
  $ echo 5432 | lazycred set web/prod /db/port --json")]
pub(in crate::cli) struct SetArgs {
    /// Secret to change
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: SecretName,
    /// Field to set
    #[arg(value_name = "FIELD")]
    pub(in crate::cli) field: FieldPath,
    /// File to read the value from; - is standard input
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: Option<PathBuf>,
    /// Take the value as JSON, exactly as written
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// Accept empty input, or only a line ending, as the empty string
    #[arg(long)]
    pub(in crate::cli) allow_empty: bool,
    #[command(flatten)]
    pub(in crate::cli) names: NewNameArgs,
}

/// Remove one field from a secret
///
/// All other fields stay the same, byte for byte, and concurrent writes are not
/// lost.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred unset web/prod session_secret
  $ lazycred unset web/prod /db/hosts/0")]
pub(in crate::cli) struct UnsetArgs {
    /// Secret to change
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: SecretName,
    /// Field to remove, or a JSON pointer to it
    #[arg(value_name = "FIELD")]
    pub(in crate::cli) field: FieldPath,
}

/// Edit a secret in your editor
///
/// Opens an editor on an in-memory file that only you can read, and stores exactly
/// what you save: `$VISUAL`, else `$EDITOR`, else, at a terminal, the first of
/// sensible-editor, nano, vim and vi on PATH. A new name starts with an empty file. If the editor
/// fails or leaves the file empty, nothing changes. At a terminal, JSON that you
/// broke can be edited again. If your text cannot be stored, it is kept and the
/// error says where.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred edit web/prod
  $ EDITOR='code --wait' lazycred edit web/prod")]
pub(in crate::cli) struct EditArgs {
    /// Secret to edit
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: SecretName,
    /// Store the file even if it is empty, or only a line ending
    #[arg(long)]
    pub(in crate::cli) allow_empty: bool,
    #[command(flatten)]
    pub(in crate::cli) names: NewNameArgs,
}

/// Import secrets from a JSON, YAML or dotenv file
///
/// Stores one secret per member: a string as its text, anything else as JSON.
/// With --as, stores all members as one secret, a JSON object. Looks up every name
/// before writing the first. Accepts a dotenv file only if all common parsers
/// read it the same way.
///
/// --dry-run writes nothing, and prints each secret's name, its size in bytes and
/// what would become of it: `create`, `replace`, or `conflict` if it exists and
/// --replace is not given; the exit status is the one that the import would have.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred import secrets.yaml
  $ lazycred import .env --as web/prod --replace

With --json, each secret is an object with the members `name`, `bytes` (the length
of the secret), `outcome`, `error` (null unless it failed) and, once it is stored,
`version`. The outcome is `created`, `replaced`, `conflict` if it exists, `failed`,
or `pending` if something else was in the way.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(in crate::cli) struct ImportArgs {
    /// File to read; - is standard input
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
    /// Store all members as one secret with this name
    #[arg(long = "as", value_name = "NAME")]
    pub(in crate::cli) name: Option<SecretName>,
    /// Replace secrets that already exist
    #[arg(long)]
    pub(in crate::cli) replace: bool,
    /// Show what would be stored; store nothing
    #[arg(short = 'n', long)]
    pub(in crate::cli) dry_run: bool,
    /// Print what became of each secret as one JSON array
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// Accept a file with no members
    #[arg(long)]
    pub(in crate::cli) allow_empty: bool,
    #[command(flatten)]
    pub(in crate::cli) names: NewNameArgs,
    /// File format [default: inferred from the file name]
    ///
    /// By file name, `.env`, `.env.*` and `*.env` are dotenv, `*.json` is JSON, and
    /// `*.yaml` and `*.yml` are YAML.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(in crate::cli) format: Option<ImportFormat>,
}

/// The format of a file to import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum ImportFormat {
    Json,
    Dotenv,
    Yaml,
}
