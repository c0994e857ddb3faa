//! The arguments and their help. No logic but what clap cannot say.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Parser, Subcommand, ValueEnum};

use super::seconds;
use crate::config::Flags;
use crate::name::{SecretName, VarName};
use crate::reference::{FieldPath, Reference};
use crate::rules::{Arrays, Case, Format, Null};

/// Start a program with its secrets in its environment
///
/// A secret is kept in S3, or in a folder, sealed under a data key that AWS KMS
/// or a local wrapping key wraps. `.lazycred`, found on the way up from here,
/// says where; see `lazycred init --help`.
#[derive(Debug, Parser)]
#[command(
    name = "lazycred",
    version,
    max_term_width = 80,
    arg_required_else_help = true,
    subcommand_required = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  $ lazycred put db_credentials creds.json
  $ lazycred exec db_credentials -- ./server"
)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    pub(super) global: GlobalArgs,
}

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum Command {
    /// Run a command with secrets in its environment
    Exec(Box<ExecArgs>),
    /// Print a secret
    Get(GetArgs),
    /// Store a secret
    Put(PutArgs),
    /// Write a configuration file
    Init(InitArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct GlobalArgs {
    /// Where secrets are: BUCKET/PREFIX, or `file:FOLDER`
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "PATH",
        help_heading = "Configuration"
    )]
    pub(super) s3_path: Option<String>,
    /// Wrapping key: a KMS alias, id or ARN, or local:NAME
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "ALIAS",
        help_heading = "Configuration"
    )]
    pub(super) key_alias: Option<String>,
    /// AWS region of the wrapping key
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "REGION",
        help_heading = "Configuration"
    )]
    pub(super) region: Option<String>,
    /// AWS profile that gives credentials
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "PROFILE",
        help_heading = "Configuration"
    )]
    pub(super) profile: Option<String>,
    /// Configuration file, instead of the `.lazycred` found on the way up
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "FILE",
        help_heading = "Configuration"
    )]
    pub(super) config: Option<PathBuf>,
    /// Give up after this time, retries included [default: 30]
    #[arg(long, global = true, hide_short_help = true, value_name = "SECONDS", value_parser = seconds, help_heading = "Configuration")]
    pub(super) timeout: Option<Duration>,
    /// Largest secret to read or store [default: 67108864]
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "BYTES",
        help_heading = "Configuration"
    )]
    pub(super) max_size: Option<usize>,
    /// Say what is done; twice, with what the AWS SDK says
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Output")]
    pub(super) verbose: u8,
    /// Say nothing but errors
    #[arg(long, global = true, help_heading = "Output")]
    pub(super) quiet: bool,
}

impl GlobalArgs {
    pub(super) fn flags(&self) -> Flags {
        Flags {
            s3_path: self.s3_path.clone(),
            key_alias: self.key_alias.clone(),
            region: self.region.clone(),
            profile: self.profile.clone(),
            config: self.config.clone(),
        }
    }
}

/// Run a command with secrets in its environment
///
/// Fetches and decrypts each secret, flattens its JSON fields into variables,
/// and replaces this process with COMMAND: same process id, signals and status.
/// Nothing is written to disk. If anything fails, COMMAND is not run.
///
/// A REFERENCE is NAME[@VERSION][#FIELD]. VAR=REFERENCE names the variable,
/// PREFIX+=REFERENCE puts a prefix before all of them. Inherited variables whose
/// value is lazycred:REFERENCE are replaced, and `LAZYCRED_SECRETS` adds references.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred exec web/prod -- ./server --port 80
  $ lazycred exec --pristine common DB_+=web/db -- env

Exit status is COMMAND's own; 125 if lazycred failed before running it,
126 if COMMAND could not be run, 127 if it was not found.")]
pub(super) struct ExecArgs {
    /// Secret to load; a later one overrides an earlier one
    #[arg(value_name = "REFERENCE")]
    pub(super) references: Vec<Reference>,

    /// Start from an empty environment instead of inheriting this one
    #[arg(long)]
    pub(super) pristine: bool,
    /// Inherit this variable although --pristine is given
    #[arg(long, value_name = "VAR", requires = "pristine")]
    pub(super) keep: Vec<OsString>,
    /// Keep inherited variables where a secret has another value
    #[arg(long)]
    pub(super) no_override: bool,
    /// Pass on neither AWS credentials nor LAZYCRED_* variables
    #[arg(long)]
    pub(super) strip_credentials: bool,
    /// Pass a secret as a file in memory; VAR holds its path
    #[arg(long, value_name = "VAR=REFERENCE")]
    pub(super) file: Vec<Reference>,

    /// Put this before every variable's name
    #[arg(
        long,
        value_name = "PREFIX",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) prefix: String,
    /// Join nested fields' names with this
    #[arg(long, value_name = "TEXT", default_value = "_")]
    pub(super) separator: String,
    /// Case of the variables' names
    #[arg(long, value_enum, default_value = "upper", value_name = "CASE")]
    pub(super) case: Case,
    /// An array gives its JSON text, or a variable an element
    #[arg(long, value_enum, default_value = "json", value_name = "HOW")]
    pub(super) arrays: Arrays,
    /// A null gives no variable, an empty one, or an error
    #[arg(long, value_enum, default_value = "omit", value_name = "HOW")]
    pub(super) null: Null,
    /// How to read a whole secret
    #[arg(long, value_enum, default_value = "auto", value_name = "FORMAT")]
    pub(super) format: Format,
    /// Pass on only variables that this pattern matches
    #[arg(long, value_name = "GLOB")]
    pub(super) only: Vec<String>,
    /// Leave out variables that this pattern matches
    #[arg(long, value_name = "GLOB")]
    pub(super) except: Vec<String>,
    /// Pass on this variable although its name is refused
    #[arg(long, value_name = "VAR")]
    pub(super) allow: Vec<VarName>,

    /// Show what would be set, never a value, and run nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Show it as JSON
    #[arg(long, requires = "dry_run")]
    pub(super) json: bool,
    /// Command as one text, split into words without a shell
    #[arg(short = 'c', value_name = "STRING", conflicts_with = "command")]
    pub(super) command_string: Option<String>,
    /// Command to run, and its arguments
    #[arg(value_name = "COMMAND", last = true)]
    pub(super) command: Vec<OsString>,
}

/// Print a secret
///
/// Writes exactly the bytes that were stored, with nothing added.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred get db_credentials
  $ lazycred get web/prod --field /db/password --output password.txt")]
pub(super) struct GetArgs {
    /// Secret to print
    #[arg(value_name = "NAME")]
    pub(super) name: SecretName,
    /// Print one field: a string's text, anything else as JSON
    #[arg(long, value_name = "FIELD")]
    pub(super) field: Option<FieldPath>,
    /// Print this version instead of the current one
    #[arg(long, value_name = "VERSION")]
    pub(super) version: Option<String>,
    /// Write to a file that only its owner can read, whole or not at all
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

/// Store a secret
///
/// Reads FILE, or standard input; at a terminal it asks, and shows nothing of
/// what is typed. A secret is never an argument. What is current is replaced,
/// but never unseen: a write by somebody else meanwhile is not lost.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred put db_credentials creds.json
  $ openssl rand -hex 32 | lazycred put api-token --if-absent")]
pub(super) struct PutArgs {
    /// Secret to store
    #[arg(value_name = "NAME")]
    pub(super) name: SecretName,
    /// File to read; - is standard input
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Store only if there is no secret of this name
    #[arg(long, conflicts_with = "if_version")]
    pub(super) if_absent: bool,
    /// Store only if this version is the current one
    #[arg(long, value_name = "VERSION")]
    pub(super) if_version: Option<String>,
    /// Do not read back what was stored
    #[arg(long)]
    pub(super) no_verify: bool,
}

/// Write a configuration file
///
/// Writes `.lazycred` here, from --s3-path, --key-alias and --region. With
/// --local it keeps secrets in the folder `secrets/`, under a wrapping key in
/// your home directory that it makes: nothing of AWS is needed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred init --local
  $ lazycred init --s3-path acme-secrets/prod/ --key-alias acme --region eu-west-1")]
pub(super) struct InitArgs {
    /// Keep secrets in a folder here, under a local wrapping key
    #[arg(long)]
    pub(super) local: bool,
}

/// Whether arguments that clap refused were meant for `exec`.
pub(super) fn is_exec(args: &[OsString]) -> bool {
    const WITH_VALUE: [&str; 7] = [
        "--s3-path",
        "--key-alias",
        "--region",
        "--profile",
        "--config",
        "--timeout",
        "--max-size",
    ];
    let mut args = args.iter().skip(1);
    while let Some(arg) = args.next() {
        if WITH_VALUE.iter().any(|flag| arg == flag) {
            args.next();
        } else if !arg.as_encoded_bytes().starts_with(b"-") {
            return arg == "exec";
        }
    }
    false
}

macro_rules! choices {
    ($type:ident { $($variant:ident = $name:literal),+ }) => {
        impl ValueEnum for $type {
            fn value_variants<'a>() -> &'a [Self] {
                &[$(Self::$variant),+]
            }

            fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
                Some(clap::builder::PossibleValue::new(match self {
                    $(Self::$variant => $name),+
                }))
            }
        }
    };
}

choices!(Case { Upper = "upper", Keep = "keep", Lower = "lower" });
choices!(Arrays { Json = "json", Index = "index" });
choices!(Null { Omit = "omit", Empty = "empty", Error = "error" });
choices!(Format { Auto = "auto", Json = "json", Dotenv = "dotenv", Text = "text" });

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn exec_is_found_behind_the_flags_that_every_command_takes() {
        let is = |args: &[&str]| is_exec(&args.iter().map(OsString::from).collect::<Vec<_>>());
        assert!(is(&["lazycred", "exec", "--nope"]));
        assert!(is(&["lazycred", "--region", "get", "-v", "exec"]));
        assert!(is(&["lazycred", "--region=x", "exec"]));
        assert!(!is(&["lazycred", "get", "exec"]) && !is(&["lazycred"]));
    }
}
