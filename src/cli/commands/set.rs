//! `set` and `unset`: one field of a secret, and not a byte besides.

use crate::cli::args::{SetArgs, UnsetArgs};
use crate::cli::context::Context;
use crate::cli::input::Given;
use crate::cli::names;
use crate::text::{OneLine, shell_word};
use crate::{Error, FieldValue, Result, Secret};

pub(in crate::cli) fn set(args: &SetArgs, context: &Context) -> Result<()> {
    for name in [args.name.as_str(), args.field.as_str()] {
        names::check(name, args.names.any_name)?;
    }
    let config = context.config()?;
    // A newline that is dropped does not count.
    let limit = context.max_size().saturating_add(2);
    let field = shell_word(args.field.as_str());
    let marker = if args.field.as_str().starts_with('-') {
        "-- "
    } else {
        ""
    };
    let both = match args.name.argument() {
        name if name.starts_with('-') => format!("{name} {field}"),
        name => format!("{marker}{name} {field}"),
    };
    let given = Given {
        file: args.file.as_deref(),
        what: &format!("value of `{}`", OneLine(args.field.as_str())),
        from_file: &format!("lazycred set {both} FILE"),
        allowing: &format!("lazycred set --allow-empty {both}"),
        allow_empty: args.allow_empty,
    };
    let given = given.read(limit)?;
    let text = if args.json {
        given.as_bytes().trim_ascii()
    } else {
        less_one_newline(given.as_bytes())
    };
    // Before anything is made of it, which would take a multiple of its size.
    if given.len() > limit || text.len() > context.max_size() {
        return Err(Error::usage_hint(
            format!("the value has more than {} bytes", context.max_size()),
            "--max-size BYTES allows larger secrets; whoever reads it needs it too",
        ));
    }
    let value = if args.json {
        FieldValue::Json(given)
    } else {
        FieldValue::Text(Secret::from(text))
    };
    let written = Context::with_client(config, async |client| {
        client.set(&args.name, &args.field, &value).await
    })?;
    context.saved(&args.name, &written);
    Ok(())
}

pub(in crate::cli) fn unset(args: &UnsetArgs, context: &Context) -> Result<()> {
    let written = Context::with_client(context.config()?, async |client| {
        client.unset(&args.name, &args.field).await
    })?;
    context.saved(&args.name, &written);
    Ok(())
}

fn less_one_newline(given: &[u8]) -> &[u8] {
    given
        .strip_suffix(b"\r\n")
        .or_else(|| given.strip_suffix(b"\n"))
        .unwrap_or(given)
}
