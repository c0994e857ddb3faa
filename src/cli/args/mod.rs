//! The arguments and their help. No logic except what clap cannot express.

mod alone;
mod cache;
mod change;
mod doctor;
mod exec;
mod get;
mod init;
mod install;
mod life;
pub(super) mod names;
mod policy;
mod put;
mod render;
mod rewrap;
mod rules;
mod shell;

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Parser, Subcommand};

pub(super) use self::alone::Alone;
pub(super) use self::cache::{CacheArgs, CacheCommand};
pub(super) use self::change::{EditArgs, ImportArgs, ImportFormat, SetArgs, UnsetArgs};
pub(super) use self::doctor::DoctorArgs;
pub(super) use self::exec::{ExecArgs, ExportArgs};
pub(super) use self::get::GetArgs;
pub(super) use self::init::InitArgs;
pub(super) use self::install::InstallArgs;
pub(super) use self::life::{
    CpArgs, DiffArgs, HistoryArgs, ListArgs, MvArgs, RmArgs, RollbackArgs,
};
pub(super) use self::policy::{PolicyArgs, PolicyKind};
pub(super) use self::put::PutArgs;
pub(super) use self::render::RenderArgs;
pub(super) use self::rewrap::{RekeyArgs, UpgradeArgs};
pub(super) use self::shell::{CompleteArgs, CompletionsArgs, HelpArgs, ManArgs, Shell};
use crate::Flags;
use crate::config::LARGEST;
use crate::text::shell_word;

/// Start a program with its secrets in its environment
///
/// Secrets are stored in S3 or in a folder, each sealed under a data key that AWS
/// KMS or a local wrapping key wraps. The nearest `.lazycred`, in this folder or
/// above, says where; see `lazycred init --help`.
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
    #[command(visible_alias = "run")]
    Exec(Box<ExecArgs>),
    /// Print a secret
    Get(GetArgs),
    /// Store a secret
    Put(PutArgs),
    /// Set one field of a secret
    Set(SetArgs),
    /// Remove one field from a secret
    Unset(UnsetArgs),
    /// Edit a secret in your editor
    Edit(EditArgs),
    /// Print secrets in a format that another program reads
    Export(ExportArgs),
    /// Print a file with secrets in the place of {{REFERENCE}}
    Render(RenderArgs),
    /// Import secrets from a JSON, YAML or dotenv file
    Import(ImportArgs),
    /// List the names of secrets
    #[command(visible_alias = "ls")]
    List(ListArgs),
    /// Remove secrets
    Rm(RmArgs),
    /// List the versions of a secret, newest first
    History(HistoryArgs),
    /// Restore an old version of a secret
    Rollback(RollbackArgs),
    /// Copy a secret to another name
    Cp(CpArgs),
    /// Rename a secret
    Mv(MvArgs),
    /// Compare two secrets, or two versions of one
    Diff(DiffArgs),
    /// Write a configuration file
    Init(InitArgs),
    /// Rewrap data keys under another wrapping key
    Rekey(RekeyArgs),
    /// Upgrade records to version 2
    Upgrade(UpgradeArgs),
    /// Diagnose problems reading and writing secrets
    Doctor(DoctorArgs),
    /// Print an IAM policy
    Policy(PolicyArgs),
    /// Print a shell completion script
    Completions(Alone<CompletionsArgs>),
    /// Print what fits at the cursor, for the scripts of `completions`
    #[command(hide = true)]
    Complete(CompleteArgs),
    /// Print a manual page
    Man(Alone<ManArgs>),
    /// Install this program in a folder
    Install(Alone<InstallArgs>),
    /// Clear the local cache of sealed records
    Cache(Alone<CacheArgs>),
    /// Show a command's help
    Help(Alone<HelpArgs>),
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = alone::HEADING)]
pub(super) struct GlobalArgs {
    /// Where secrets are stored: BUCKET/PREFIX/ or `file:FOLDER`
    #[arg(long, global = true, hide_short_help = true, value_name = "PATH")]
    pub(super) s3_path: Option<String>,
    /// Wrapping key: a KMS alias, id or ARN, or local:NAME
    #[arg(long, global = true, hide_short_help = true, value_name = "ALIAS")]
    pub(super) key_alias: Option<String>,
    /// AWS region of the wrapping key
    #[arg(long, global = true, hide_short_help = true, value_name = "REGION")]
    pub(super) region: Option<String>,
    /// AWS profile to take credentials from
    #[arg(long, global = true, hide_short_help = true, value_name = "PROFILE")]
    pub(super) profile: Option<String>,
    /// Configuration file, instead of the nearest `.lazycred`
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Environment of the configuration file
    #[arg(short, long, global = true, value_name = "NAME")]
    pub(super) environment: Option<String>,
    /// Give up after this many seconds, including retries [default: 30]
    #[arg(long, global = true, hide_short_help = true, value_name = "SECONDS", allow_negative_numbers = true, value_parser = seconds)]
    pub(super) timeout: Option<Duration>,
    /// Largest secret to read or store, at most 1 GiB [default: 67108864]
    #[arg(long, global = true, hide_short_help = true, value_name = "BYTES", allow_negative_numbers = true, value_parser = max_size)]
    pub(super) max_size: Option<usize>,
    /// Log each request; -vv adds the AWS SDK's log
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Output")]
    pub(super) verbose: u8,
    /// Print no messages except errors
    #[arg(short, long, global = true, help_heading = "Output")]
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
            environment: self.environment.clone(),
        }
    }

    /// The flags that choose the store, as a shell reads them: for a command that is
    /// to find the same secrets.
    pub(super) fn given(&self) -> Vec<String> {
        let config = self.config.as_ref().map(|path| path.to_string_lossy());
        let max_size = self.max_size.map(|bytes| bytes.to_string());
        // A variable may be set for this command alone.
        let environment = || std::env::var("LAZYCRED_ENVIRONMENT").ok();
        let environment = self.environment.clone().or_else(environment);
        let environment = environment.filter(|name| !name.is_empty());
        let flags = [
            ("--s3-path", self.s3_path.as_deref()),
            ("--key-alias", self.key_alias.as_deref()),
            ("--region", self.region.as_deref()),
            ("--profile", self.profile.as_deref()),
            ("--config", config.as_deref()),
            ("-e", environment.as_deref()),
            ("--max-size", max_size.as_deref()),
        ];
        let given = flags.into_iter().filter_map(|(flag, value)| {
            let value = value?;
            // A value that starts with a dash would be taken for a flag.
            let joint = if value.starts_with('-') { "=" } else { " " };
            Some(format!("{flag}{joint}{}", shell_word(value)))
        });
        given.collect()
    }
}

fn max_size(text: &str) -> Result<usize, String> {
    let bytes = text.parse().ok().filter(|bytes| *bytes <= LARGEST);
    bytes.ok_or_else(|| format!("expected a number of bytes, at most {LARGEST}"))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let wrong = || "expected a number of seconds greater than 0".to_owned();
    let seconds: f64 = text.parse().map_err(|_| wrong())?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| !duration.is_zero() && duration.as_secs() <= 366 * 86_400)
        .ok_or_else(wrong)
}
