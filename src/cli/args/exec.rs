//! The arguments of `exec` and `export`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};

use super::rules::{RuleArgs, choice, word};
use crate::cli::min_gen::MinGeneration;
use crate::export::Export;
use crate::{Format, Reference, Rules};

/// Run a command with secrets in its environment
///
/// Fetches and decrypts each secret, flattens its JSON fields into variables,
/// and replaces this process with COMMAND: same process id, signals and status.
/// Writes no secret to disk. If anything fails, COMMAND does not run.
///
/// A REFERENCE is NAME[@VERSION][#FIELD]. VAR=REFERENCE names the variable;
/// PREFIX+=REFERENCE prefixes every variable of that secret. `LAZYCRED_SECRETS`
/// adds references. --from-env replaces inherited variables whose value is
/// lazycred:REFERENCE, or lazycred:TEXT with {{REFERENCE}} in it; without it they
/// are plain text.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred exec web/prod -- ./server --port 80
  $ lazycred exec --pristine common DB_+=web/db -- env
  $ lazycred exec --set 'DSN=pg://app:{{db#pw|uri}}@{{db#host}}/' -- ./server

Exit status is COMMAND's own; 125 if lazycred failed before running it,
126 if COMMAND could not be run, 127 if it was not found.")]
pub(in crate::cli) struct ExecArgs {
    /// Secrets to load; later ones override earlier ones
    #[arg(value_name = "REFERENCE")]
    pub(in crate::cli) references: Vec<Reference>,

    /// Start from an empty environment instead of the inherited one
    #[arg(long)]
    pub(in crate::cli) pristine: bool,
    /// Replace matching inherited variables set to lazycred:REFERENCE
    ///
    /// CI systems and web servers let strangers set variables: match only those
    /// that you control. `lazycred-exec` matches all of them unless
    /// `LAZYCRED_OPTIONS` sets this option; an empty GLOB matches none.
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) from_env: Vec<String>,
    /// Set the variables of a dotenv file; later files override earlier ones
    ///
    /// A value of lazycred:REFERENCE is replaced by what that refers to, and
    /// lazycred:TEXT as --set does. Secrets override these variables, unless
    /// --no-override is given.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) env_file: Vec<PathBuf>,
    /// Fail unless this variable is set and not empty
    #[arg(long, value_name = "VAR", value_parser = OsStringValueParser::new().try_map(exact_name))]
    pub(in crate::cli) require: Vec<OsString>,
    /// Require each variable that a dotenv file names, such as .env.example
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) require_file: Vec<PathBuf>,
    /// Keep this variable despite --pristine
    #[arg(long, value_name = "VAR", requires = "pristine", value_parser = OsStringValueParser::new().try_map(exact_name))]
    pub(in crate::cli) keep: Vec<OsString>,
    /// Do not override inherited variables
    #[arg(long)]
    pub(in crate::cli) no_override: bool,
    /// Do not pass on AWS credentials or LAZYCRED_* variables
    #[arg(long)]
    pub(in crate::cli) strip_credentials: bool,
    /// Set VAR to a text with {{REFERENCE}} in it, as {{db#password|uri}}
    ///
    /// {{REFERENCE|uri}} is percent-encoded, and {{REFERENCE|json}} is JSON; {{{{
    /// gives {{. It overrides all but --file and --template.
    #[arg(long, value_name = "VAR=TEMPLATE")]
    pub(in crate::cli) set: Vec<OsString>,
    /// Pass a secret as an in-memory file and set VAR to its path
    #[arg(long, value_name = "VAR=REFERENCE")]
    pub(in crate::cli) file: Vec<Reference>,
    /// Render a file as --set does, pass it as --file does
    #[arg(long, value_name = "VAR=FILE")]
    pub(in crate::cli) template: Vec<OsString>,
    /// Refuse a replayed record: NAME must be at its Nth write or later
    #[arg(long, value_name = "NAME=N")]
    pub(in crate::cli) min_gen: Vec<MinGeneration>,
    /// If S3 fails, use cached records and warn
    ///
    /// S3 fails if it answers 5xx, cannot be reached, or does not answer within
    /// half of --timeout. KMS is still asked. Needs "cache": true.
    #[arg(long)]
    pub(in crate::cli) stale_if_error: bool,

    #[command(flatten)]
    pub(in crate::cli) rules: RuleArgs,
    /// How to interpret a whole secret
    #[arg(long, value_parser = choice::<Format>(), default_value = word(Rules::default().format), value_name = "FORMAT")]
    pub(in crate::cli) format: Format,

    /// Show what would be set, without values, and run nothing
    #[arg(short = 'n', long)]
    pub(in crate::cli) dry_run: bool,
    /// With --dry-run: print JSON
    #[arg(long, requires = "dry_run")]
    pub(in crate::cli) json: bool,
    /// Command as one string, split into words without a shell
    #[arg(short = 'c', value_name = "STRING", conflicts_with = "command")]
    pub(in crate::cli) command_string: Option<String>,
    /// Command to run and its arguments
    #[arg(value_name = "COMMAND", last = true)]
    pub(in crate::cli) command: Vec<OsString>,
}

/// Print secrets in a format that another program reads
///
/// Takes the references and rules of `exec`, and refuses the same names. A value
/// that a format cannot represent, or that its parsers read differently, is an
/// error. `github` masks each line of each value and appends to the file named by
/// `$GITHUB_ENV` or, with --outputs, `$GITHUB_OUTPUT`; it works on GitHub Actions
/// only.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred export web/prod --format dotenv
  $ lazycred export common DB_+=web/db --format k8s | kubectl apply -f -")]
pub(in crate::cli) struct ExportArgs {
    /// Secrets to print; later ones override earlier ones
    #[arg(value_name = "REFERENCE", required = true)]
    pub(in crate::cli) references: Vec<Reference>,
    /// Output format
    #[arg(short, long, value_parser = choice::<Export>(), value_name = "FORMAT")]
    pub(in crate::cli) format: Export,
    /// With `github`: set step outputs instead of variables
    #[arg(long)]
    pub(in crate::cli) outputs: bool,
    #[command(flatten)]
    pub(in crate::cli) rules: RuleArgs,
}

/// The exact name of one variable. Refuses lists and patterns, which would silently
/// keep nothing.
fn exact_name(name: OsString) -> Result<OsString, &'static str> {
    let never = |byte: &u8| byte.is_ascii_whitespace() || b"=,;:*?[]".contains(byte);
    if name.is_empty() || name.as_encoded_bytes().iter().any(never) {
        return Err("expected one exact name; repeat the option for more");
    }
    Ok(name)
}
