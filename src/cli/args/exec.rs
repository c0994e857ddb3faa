//! The arguments of `exec` and `export`.

use std::ffi::OsString;

use clap::builder::{OsStringValueParser, PossibleValuesParser, TypedValueParser};

use crate::cli::min_gen::MinGeneration;
use crate::export::Export;
use crate::{Arrays, Case, Filter, Format, Null, Reference, Result, Rules, VarName};

/// Run a command with secrets in its environment
///
/// Fetches and decrypts each secret, flattens its JSON fields into variables,
/// and replaces this process with COMMAND: same process id, signals and status.
/// Writes no secret to disk. If anything fails, COMMAND does not run.
///
/// A REFERENCE is NAME[@VERSION][#FIELD]. VAR=REFERENCE names the variable;
/// PREFIX+=REFERENCE prefixes every variable of that secret. `LAZYCRED_SECRETS`
/// adds references. --from-env replaces inherited variables whose value is
/// lazycred:REFERENCE; without it they are plain text.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred exec web/prod -- ./server --port 80
  $ lazycred exec --pristine common DB_+=web/db -- env

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
    /// Keep this variable despite --pristine
    #[arg(long, value_name = "VAR", requires = "pristine", value_parser = OsStringValueParser::new().try_map(exact_name))]
    pub(in crate::cli) keep: Vec<OsString>,
    /// Do not override inherited variables
    #[arg(long)]
    pub(in crate::cli) no_override: bool,
    /// Do not pass on AWS credentials or LAZYCRED_* variables
    #[arg(long)]
    pub(in crate::cli) strip_credentials: bool,
    /// Pass a secret as an in-memory file and set VAR to its path
    #[arg(long, value_name = "VAR=REFERENCE")]
    pub(in crate::cli) file: Vec<Reference>,
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
    pub(in crate::cli) shape: ShapeArgs,
    /// How to interpret a whole secret
    #[arg(long, value_parser = choice::<Format>(), default_value = "auto", value_name = "FORMAT")]
    pub(in crate::cli) format: Format,

    /// Show what would be set, without values, and run nothing
    #[arg(long)]
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
    #[arg(long, value_parser = choice::<Export>(), value_name = "FORMAT")]
    pub(in crate::cli) format: Export,
    /// With `github`: set step outputs instead of variables
    #[arg(long)]
    pub(in crate::cli) outputs: bool,
    #[command(flatten)]
    pub(in crate::cli) shape: ShapeArgs,
}

/// How fields become variables, and which ones are passed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ShapeArgs {
    /// Prepend this to every variable name
    #[arg(
        long,
        value_name = "PREFIX",
        default_value = "",
        hide_default_value = true
    )]
    pub(in crate::cli) prefix: String,
    /// Join the names of nested fields with this
    #[arg(long, value_name = "TEXT", default_value = "_")]
    pub(in crate::cli) separator: String,
    /// Case of variable names
    #[arg(long, value_parser = choice::<Case>(), default_value = "upper", value_name = "CASE")]
    pub(in crate::cli) case: Case,
    /// Pass arrays as JSON, or one variable per element
    #[arg(long, value_parser = choice::<Arrays>(), default_value = "json", value_name = "HOW")]
    pub(in crate::cli) arrays: Arrays,
    /// Omit nulls, pass them as empty variables, or fail
    #[arg(long, value_parser = choice::<Null>(), default_value = "omit", value_name = "HOW")]
    pub(in crate::cli) null: Null,
    /// Pass only variables that match this pattern
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) only: Vec<String>,
    /// Leave out variables that match this pattern
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) except: Vec<String>,
    /// Pass this variable even though its name is refused
    #[arg(long, value_name = "VAR")]
    pub(in crate::cli) allow: Vec<VarName>,
}

impl ShapeArgs {
    /// The rules that the user chose.
    pub(in crate::cli) fn rules(&self, format: Format) -> Result<Rules> {
        Ok(Rules {
            prefix: self.prefix.clone(),
            separator: self.separator.clone(),
            case: self.case,
            arrays: self.arrays,
            null: self.null,
            format,
            filter: Filter::new(&self.only, &self.except)?,
        })
    }
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

/// What one word of a list stands for: clap derives it only for our own types.
trait Choice: Copy + Send + Sync + 'static {
    const ALL: &[(&str, Self)];
}

/// Parses one word of a list.
fn choice<T: Choice>() -> impl TypedValueParser<Value = T> {
    let words = T::ALL.iter().map(|(word, _)| *word);
    PossibleValuesParser::new(words).map(|given| {
        let chosen = T::ALL.iter().find(|(word, _)| *word == given);
        chosen.expect("only these words are accepted").1
    })
}

macro_rules! choices {
    ($type:ident { $($variant:ident = $name:literal),+ }) => {
        impl Choice for $type {
            const ALL: &[(&str, Self)] = &[$(($name, Self::$variant)),+];
        }
    };
}

choices!(Case { Upper = "upper", Keep = "keep", Lower = "lower" });
choices!(Arrays { Json = "json", Index = "index" });
choices!(Null { Omit = "omit", Empty = "empty", Error = "error" });
choices!(Export {
    Shell = "shell",
    Dotenv = "dotenv",
    Json = "json",
    Yaml = "yaml",
    Github = "github",
    Docker = "docker",
    Systemd = "systemd",
    K8s = "k8s"
});
choices!(Format { Auto = "auto", Json = "json", Dotenv = "dotenv", Text = "text" });
