//! `render`: prints a template with secrets in it, or writes it to a file.

use crate::cli::args::RenderArgs;
use crate::cli::context::Context;
use crate::cli::{min_gen, templates, written};
use crate::{Result, Rules};

/// What to do with a template that is in no file.
const INSTEAD: &str = "FILE holds the template; `-` reads it from standard input, as in `echo TEMPLATE | lazycred render -`";

pub(in crate::cli) fn run(args: &RenderArgs, context: &Context) -> Result<()> {
    let template = templates::file(&args.file, context.max_size(), INSTEAD)?;
    let is_read = |name: &_| {
        template
            .references()
            .any(|reference| reference.name == *name)
    };
    let least = min_gen::table(&args.min_gen, is_read)?;
    let rules = Rules {
        null: args.null,
        format: args.format,
        ..Rules::default()
    };
    let config = context.config_stale(args.stale_if_error)?;
    let rendered = Context::with_client_for(config, async |client| {
        client.render_at_least(template, &rules, &least).await
    })?;
    written::write(args.output.as_deref(), &rendered, context.printer)
}
