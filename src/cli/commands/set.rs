//! `set` and `unset`: change one field of a secret, and no other byte.

use crate::cli::args::{SetArgs, UnsetArgs};
use crate::cli::context::Context;
use crate::cli::input::Given;
use crate::text::{OneLine, shell_word};
use crate::{Error, FieldValue, Result, Secret};

pub(in crate::cli) fn set(args: &SetArgs, context: &Context) -> Result<()> {
    args.names.check(args.name.as_str())?;
    args.names.check_as("a field", args.field.as_str())?;
    let config = context.config()?;
    // The newline that is dropped does not count.
    let limit = context.max_size().saturating_add(2);
    let name = args.name.argument();
    let is_option = args.field.as_str().starts_with('-') && !name.starts_with('-');
    let marker = if is_option { "-- " } else { "" };
    let both = format!("{marker}{name} {}", shell_word(args.field.as_str()));
    let given = Given {
        file: args.file.as_deref(),
        what: &format!("value of `{}`", OneLine(args.field.as_str())),
        from_file: &format!("lazycred set {both} FILE"),
        allow_empty: args.allow_empty,
    };
    if given.is_typed() {
        // Nobody types a value in vain.
        Context::with_client_for(config.clone(), async |client| {
            client.check_set(&args.name, &args.field).await
        })?;
    }
    let given = given.read(limit)?;
    let text = if args.json {
        given.as_bytes().trim_ascii()
    } else {
        less_one_newline(given.as_bytes())
    };
    // Checked first: processing takes a multiple of its size.
    if given.len() > limit || text.len() > context.max_size() {
        return Err(Error::usage_hint(
            format!("the value is larger than {} bytes", context.max_size()),
            "--max-size BYTES allows larger secrets; readers need the same option",
        ));
    }
    let value = if args.json {
        FieldValue::Json(given)
    } else {
        FieldValue::Text(Secret::from(text))
    };
    let written = Context::with_client_for(config, async |client| {
        client.set(&args.name, &args.field, value).await
    })?;
    context.saved(&args.name, &written);
    Ok(())
}

pub(in crate::cli) fn unset(args: &UnsetArgs, context: &Context) -> Result<()> {
    let written =
        context.with_client(async |client| client.unset(&args.name, &args.field).await)?;
    context.saved(&args.name, &written);
    Ok(())
}

fn less_one_newline(given: &[u8]) -> &[u8] {
    given
        .strip_suffix(b"\r\n")
        .or_else(|| given.strip_suffix(b"\n"))
        .unwrap_or(given)
}
