//! `completions`: prints the script by which a shell calls `complete`.

use crate::Result;
use crate::cli::args::CompletionsArgs;
use crate::cli::context::Context;
use crate::cli::shell_script;

pub(in crate::cli) fn run(args: &CompletionsArgs, context: &Context) -> Result<()> {
    let script = shell_script::of(args.shell);
    context.printer.data(script.as_bytes())
}
