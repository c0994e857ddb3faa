//! `set` and `unset`: one field of a secret, and not a byte besides.

use super::args::{SetArgs, UnsetArgs};
use super::{Context, input};
use crate::change::FieldValue;
use crate::error::Result;
use crate::name::{OneLine, SecretName};
use crate::secret::Secret;

pub(super) fn set(args: &SetArgs, context: &Context) -> Result<()> {
    let config = context.config()?;
    let what = format!("{} of {}", OneLine(args.field.as_str()), args.name);
    // A newline that is dropped does not count.
    let limit = context.max_size().saturating_add(2);
    let given = input::read(args.file.as_deref(), &what, limit)?;
    let value = if args.json {
        FieldValue::Json(given)
    } else {
        FieldValue::Text(less_one_newline(&given))
    };
    let version = Context::with_client(config, async |client| {
        client.set(&args.name, &args.field, &value).await
    })?;
    said(version.as_deref(), &args.name, context);
    Ok(())
}

pub(super) fn unset(args: &UnsetArgs, context: &Context) -> Result<()> {
    let version = Context::with_client(context.config()?, async |client| {
        client.unset(&args.name, &args.field).await
    })?;
    said(version.as_deref(), &args.name, context);
    Ok(())
}

fn said(version: Option<&str>, name: &SecretName, context: &Context) {
    if version.is_some() {
        context.printer.done(&format!("saved {name}"));
    }
}

fn less_one_newline(given: &Secret) -> Secret {
    let bytes = given.as_bytes();
    let text = bytes
        .strip_suffix(b"\r\n")
        .or_else(|| bytes.strip_suffix(b"\n"))
        .unwrap_or(bytes);
    Secret::from(text)
}
