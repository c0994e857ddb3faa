//! The arguments and their help. No logic but what clap cannot say.

mod cache;
mod change;
mod doctor;
mod exec;
mod life;
mod policy;
mod rewrap;
mod secrets;
mod shell;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::ContextKind;
use clap::{ArgAction, Parser, Subcommand};

pub(super) use self::cache::{CacheArgs, CacheCommand};
pub(super) use self::change::{EditArgs, ImportArgs, ImportFormat, SetArgs, UnsetArgs};
pub(super) use self::doctor::DoctorArgs;
pub(super) use self::exec::{ExecArgs, ExportArgs};
pub(super) use self::life::{
    CpArgs, DiffArgs, HistoryArgs, ListArgs, MvArgs, RmArgs, RollbackArgs,
};
pub(super) use self::policy::{PolicyArgs, PolicyKind};
pub(super) use self::rewrap::{RekeyArgs, UpgradeArgs};
pub(super) use self::secrets::{GetArgs, InitArgs, PutArgs};
pub(super) use self::shell::{CompleteArgs, CompletionsArgs, ManArgs, Shell};
use super::{max_size, seconds};
use crate::config::Flags;

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
    /// Set one field of a secret
    Set(SetArgs),
    /// Take one field out of a secret
    Unset(UnsetArgs),
    /// Change a secret in an editor
    Edit(EditArgs),
    /// Print secrets as another program reads them
    Export(ExportArgs),
    /// Store the members of a file as secrets
    Import(ImportArgs),
    /// List the names of secrets
    List(ListArgs),
    /// Remove secrets
    Rm(RmArgs),
    /// List the versions of a secret, the newest first
    History(HistoryArgs),
    /// Store an old version of a secret again, as the newest
    Rollback(RollbackArgs),
    /// Copy a secret to another name
    Cp(CpArgs),
    /// Give a secret another name
    Mv(MvArgs),
    /// Compare two secrets, or a secret with its older version
    Diff(DiffArgs),
    /// Write a configuration file
    Init(InitArgs),
    /// Wrap data keys under another wrapping key
    Rekey(RekeyArgs),
    /// Make records version 2
    Upgrade(UpgradeArgs),
    /// Find what stands in the way of getting and putting secrets
    Doctor(DoctorArgs),
    /// Print an IAM policy
    Policy(PolicyArgs),
    /// Print a shell's completion script
    Completions(CompletionsArgs),
    /// Say what may stand at the cursor, for a script of `completions`
    #[command(hide = true)]
    Complete(CompleteArgs),
    /// Print a manual page
    Man(ManArgs),
    /// Remove records that were kept to start faster
    Cache(CacheArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct NewNameArgs {
    /// Accept a name that contains a `=`
    #[arg(long)]
    pub(super) any_name: bool,
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
    /// Largest secret to read or store, up to 1 GiB [default: 67108864]
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "BYTES",
        value_parser = max_size,
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

/// Whether arguments that clap refused were meant for `exec`.
pub(super) fn is_exec(args: &[OsString]) -> bool {
    command(args).is_some_and(|name| name == "exec")
}

/// The same for a command that somebody may give a secret as an argument.
pub(super) fn takes_secret(args: &[OsString]) -> bool {
    command(args).is_some_and(|name| name == "put" || name == "set")
}

/// What clap says of an argument too many, less the argument.
pub(super) fn without_secret(error: &clap::Error, text: &str) -> String {
    let (_, usage) = text.split_once("\n\n").unwrap_or((text, ""));
    let argument = error.get(ContextKind::InvalidArg).map(ToString::to_string);
    match argument {
        Some(argument) if argument.starts_with('-') => text.to_owned(),
        _ => format!("unexpected extra argument, not shown because it may be a secret\n\n{usage}"),
    }
}

/// The name of the command in arguments that clap refused.
fn command(args: &[OsString]) -> Option<&OsString> {
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
            return Some(arg);
        }
    }
    None
}

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
