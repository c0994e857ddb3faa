//! The next step after `install --prefix`: shells are to find the program.

use std::env;
use std::path::{self, Path};

use crate::cli::context::Context;
use crate::text::shell_word;

/// Tells it, unless they do.
pub(super) fn tell(bin: &Path, context: &Context) {
    let Ok(bin) = path::absolute(bin) else {
        return;
    };
    let own = bin.canonicalize().ok();
    let folders = env::var_os("PATH").unwrap_or_default();
    let is_it =
        |folder: std::path::PathBuf| folder.is_absolute() && folder.canonicalize().ok() == own;
    if own.is_none() || env::split_paths(&folders).any(is_it) {
        return;
    }
    let folder = shell_word(&bin.to_string_lossy());
    context.printer.done(&format!(
        "next: `export PATH={folder}:\"$PATH\"` lets this shell find it; the same line in ~/.profile, each new one"
    ));
}
