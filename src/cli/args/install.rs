//! The arguments of `install`.

use std::path::PathBuf;

/// Install this program in a folder
///
/// Copies the running program to DIR/lazycred, and makes the link
/// DIR/lazycred-exec, which takes all its arguments for the command. It needs
/// nothing else in the image: an init container installs it in a volume.
///
/// With --prefix, the program is in DIR/bin, and its manual pages and completions
/// for bash, zsh and fish are in DIR/share.
///
/// A missing DIR is made. Files and links of these names are replaced, running
/// programs too. If anything fails or a signal ends it, everything is as it was.
/// After SIGKILL or a power cut, each file is the old or the new one, whole; the
/// next install there removes the .lazycred-install-* files that may be left.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  $ lazycred install /usr/local/bin
  $ lazycred install --prefix ~/.local")]
pub(in crate::cli) struct InstallArgs {
    /// Folder to install the program in
    #[arg(
        value_name = "DIR",
        required_unless_present = "prefix",
        conflicts_with = "prefix"
    )]
    pub(in crate::cli) folder: Option<PathBuf>,
    /// Install bin, manual pages and completions below this folder
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) prefix: Option<PathBuf>,
}
