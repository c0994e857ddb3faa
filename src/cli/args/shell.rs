//! The arguments of `completions`, `complete`, `man` and `help`.

use std::ffi::OsString;

use clap::ValueEnum;

/// Print a shell completion script
///
/// The script asks lazycred itself what fits at the cursor: commands, options,
/// their values, and the names of secrets, which it lists within two seconds,
/// except in a bucket named by a .lazycred that was found by searching. If that
/// fails, it offers nothing. Options such as --config and --s3-path apply if they
/// are typed before the cursor, as plain text.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred completions fish > ~/.config/fish/completions/lazycred.fish
  $ source <(lazycred completions bash)")]
pub(in crate::cli) struct CompletionsArgs {
    /// Shell to print the script for
    #[arg(value_enum, value_name = "SHELL")]
    pub(in crate::cli) shell: Shell,
}

/// Print what fits at the cursor, for the scripts of `completions`
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CompleteArgs {
    /// Shell whose script is asking
    #[arg(value_enum, value_name = "SHELL")]
    pub(in crate::cli) shell: Shell,
    /// Words up to the cursor; from bash, the line and its word breaks
    #[arg(value_name = "WORD", last = true)]
    pub(in crate::cli) words: Vec<OsString>,
}

/// The shells with a completion script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Shell {
    Bash,
    Zsh,
    Fish,
    Elvish,
    Powershell,
}

/// Print a manual page
///
/// Prints lazycred(1), or lazycred-COMMAND(1) if COMMAND is given, as roff.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred man | man -l -
  $ lazycred man exec > ~/.local/share/man/man1/lazycred-exec.1")]
pub(in crate::cli) struct ManArgs {
    /// Command that the page documents
    #[arg(value_name = "COMMAND")]
    pub(in crate::cli) command: Option<String>,
}

/// Show a command's help
///
/// Prints the same as COMMAND --help; without COMMAND, lazycred's own help.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred help exec
  $ lazycred help cache clear")]
pub(in crate::cli) struct HelpArgs {
    /// Command to show, and its own command if it has any
    #[arg(value_name = "COMMAND")]
    pub(in crate::cli) commands: Vec<String>,
}
