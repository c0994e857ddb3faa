//! The arguments of the commands that change what is stored: `set`, `unset`,
//! `edit`, `import`.

use std::path::PathBuf;

use super::NewNameArgs;
use crate::name::SecretName;
use crate::reference::FieldPath;

/// Set one field of a secret
///
/// Reads the value from FILE, or standard input; at a terminal it asks, and
/// shows nothing of what is typed. One trailing newline is dropped, and the rest
/// becomes a JSON string; empty input is refused. All other fields stay as they
/// are, byte for byte, and what others write at the same time is not lost.
///
/// FIELD is a top-level field, or a JSON pointer if it starts with `/`. Parents
/// that are missing are made, as objects; `-` adds an element to an array.
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
    /// The value is JSON, and is taken as it is written
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// Take empty input, or only a line end, as the empty string
    #[arg(long)]
    pub(in crate::cli) allow_empty: bool,
    #[command(flatten)]
    pub(in crate::cli) names: NewNameArgs,
}

/// Take one field out of a secret
///
/// All other fields stay as they are, byte for byte, and what others write at
/// the same time is not lost.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred unset web/prod session_secret
  $ lazycred unset web/prod /db/hosts/0")]
pub(in crate::cli) struct UnsetArgs {
    /// Secret to change
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: SecretName,
    /// Field to take out, or a JSON pointer to it
    #[arg(value_name = "FIELD")]
    pub(in crate::cli) field: FieldPath,
}

/// Change a secret in an editor
///
/// Starts `$VISUAL`, else `$EDITOR`, on a file in memory that only you can read,
/// and stores exactly what it leaves there. A name without a secret starts
/// empty. If the editor fails or leaves nothing, nothing changes. If what was
/// typed cannot be stored, it is kept, and the error says where.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred edit web/prod
  $ EDITOR='code --wait' lazycred edit web/prod")]
pub(in crate::cli) struct EditArgs {
    /// Secret to change
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: SecretName,
    /// Store it even if the editor leaves nothing, or only a line end
    #[arg(long)]
    pub(in crate::cli) allow_empty: bool,
    #[command(flatten)]
    pub(in crate::cli) names: NewNameArgs,
}

/// Store the members of a file as secrets
///
/// One secret per member: a string as its text, anything else as its JSON. With
/// --as, all members are one secret, a JSON object. All names are looked up
/// before the first is written. A dotenv file is accepted only if every
/// reader of that format reads it alike.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred import secrets.yaml
  $ lazycred import .env --as web/prod --replace")]
pub(in crate::cli) struct ImportArgs {
    /// File to read; - is standard input
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
    /// Store all members as one secret of this name
    #[arg(long = "as", value_name = "NAME")]
    pub(in crate::cli) name: Option<SecretName>,
    /// Replace secrets that already exist
    #[arg(long)]
    pub(in crate::cli) replace: bool,
    /// Accept a file without members
    #[arg(long)]
    pub(in crate::cli) allow_empty: bool,
    #[command(flatten)]
    pub(in crate::cli) names: NewNameArgs,
    /// Format of the file, if its name does not say it
    ///
    /// By name, `.env`, `.env.*` and `*.env` are dotenv, `*.json` is JSON, and
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
