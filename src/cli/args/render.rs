//! The arguments of `render`.

use std::path::PathBuf;

use super::rules::{choice, word};
use crate::cli::min_gen::MinGeneration;
use crate::{Format, Null, Rules};

/// Print a file with secrets in the place of {{REFERENCE}}
///
/// A REFERENCE is NAME[@VERSION][#FIELD]. {{REFERENCE}} gives the value that
/// VAR=REFERENCE gives in `exec`, {{REFERENCE|uri}} its percent-encoding, and
/// {{REFERENCE|json}} its JSON. {{{{ gives {{; other braces are themselves. A file
/// without references is printed as it is. If anything fails, nothing is printed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred render app.conf.template --output app.conf
  $ echo 'password: {{db#password|json}}' | lazycred render - | kubectl apply -f -")]
pub(in crate::cli) struct RenderArgs {
    /// Template to render, `-` for standard input
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
    /// Refuse a replayed record: NAME must be at its Nth write or later
    #[arg(long, value_name = "NAME=N")]
    pub(in crate::cli) min_gen: Vec<MinGeneration>,
    /// If S3 fails, use cached records and warn
    ///
    /// S3 fails if it answers 5xx, cannot be reached, or does not answer within
    /// half of --timeout. KMS is still asked. Needs "cache": true.
    #[arg(long)]
    pub(in crate::cli) stale_if_error: bool,
    /// Fail on nulls, or put nothing in their place with `empty`
    #[arg(long, value_parser = choice::<Null>(), default_value = word(Rules::default().null), hide_default_value = true, value_name = "HOW")]
    pub(in crate::cli) null: Null,
    /// How to interpret a whole secret
    #[arg(long, value_parser = choice::<Format>(), default_value = word(Rules::default().format), value_name = "FORMAT")]
    pub(in crate::cli) format: Format,
    /// Write atomically to a file that only you can read
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}
