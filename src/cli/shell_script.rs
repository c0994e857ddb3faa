//! The scripts by which shells call `complete`.
//!
//! They only ask, and quote if their shell does not. Only the program knows what fits
//! where, so an installed script never goes stale.

use super::args::Shell;

pub(super) fn of(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => include_str!("commands/completions/lazycred.bash"),
        Shell::Zsh => include_str!("commands/completions/lazycred.zsh"),
        Shell::Fish => include_str!("commands/completions/lazycred.fish"),
        Shell::Elvish => include_str!("commands/completions/lazycred.elv"),
        Shell::Powershell => include_str!("commands/completions/lazycred.ps1"),
    }
}
