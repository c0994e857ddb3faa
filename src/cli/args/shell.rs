//! The arguments of `completions`, `complete` and `man`.

use std::ffi::OsString;

use clap::ValueEnum;

/// Print a shell's completion script
///
/// The script asks lazycred itself what may stand at the cursor: commands,
/// options, their values, and the names of secrets, which are listed in at most
/// two seconds. Nothing is offered if that fails. --config, --s3-path and their
/// like are heeded where they are typed before the cursor, as plain text.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred completions fish > ~/.config/fish/completions/lazycred.fish
  $ source <(lazycred completions bash)")]
pub(in crate::cli) struct CompletionsArgs {
    /// Shell that is to read it
    #[arg(value_enum, value_name = "SHELL")]
    pub(in crate::cli) shell: Shell,
}

/// Say what may stand at the cursor, for a script of `completions`
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CompleteArgs {
    /// Shell whose script asks
    #[arg(value_enum, value_name = "SHELL")]
    pub(in crate::cli) shell: Shell,
    /// The words up to the cursor; from bash, the line and its word breaks
    #[arg(value_name = "WORD", last = true)]
    pub(in crate::cli) words: Vec<OsString>,
}

/// The shells that there is a script for.
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
/// Without COMMAND it is lazycred(1), else lazycred-COMMAND(1), as roff.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred man | man -l -
  $ lazycred man exec > ~/.local/share/man/man1/lazycred-exec.1")]
pub(in crate::cli) struct ManArgs {
    /// Command that it is about
    #[arg(value_name = "COMMAND")]
    pub(in crate::cli) command: Option<String>,
}
