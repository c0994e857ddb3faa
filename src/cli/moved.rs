//! What to set after records were moved to a wrapping key that is not configured.

use super::context::Context;
use crate::config::origins;
use crate::{Client, Result, Variables, WrappingKeyId};

/// Tells which `key_alias` to set where records are now under another wrapping key
/// than the configured one; `whole` if all records are.
pub(super) async fn tell(
    context: &Context,
    client: &Client,
    to: Option<&WrappingKeyId>,
    records: usize,
    whole: bool,
) -> Result<()> {
    let Some(to) = to.filter(|_| records > 0) else {
        return Ok(());
    };
    // Whoever may not look wrapping keys up is told once too often.
    if client.is_configured(to).await.unwrap_or_default() {
        return Ok(());
    }
    let are = match records {
        1 => "1 record is".to_owned(),
        several => format!("{several} records are"),
    };
    let when = if whole { "" } else { "when all are, " };
    let set = how_to_set(context, to)?;
    let message = format!("{are} under `{to}` now: {when}{set}");
    context.printer.done(&message);
    Ok(())
}

/// How to configure a wrapping key, where the present one is configured.
fn how_to_set(context: &Context, to: &WrappingKeyId) -> Result<String> {
    let alias = short(to);
    let origins = origins(&context.global.flags(), &Variables::from_env()?)?;
    let of = |name| origins.iter().find(|origin| origin.name == name);
    // Without a wrapping key, it belongs beside the store.
    let source = of("key_alias")
        .or(of("s3_path"))
        .map(|origin| &*origin.source);
    Ok(match source.unwrap_or_default() {
        flag if flag.starts_with("--") => format!("pass --key-alias {alias}"),
        file if file.starts_with('`') => {
            // Refused in a file that is found by searching.
            let named = to.region().is_some() && !file.contains("` (");
            let named = if named {
                ", and name that file with LAZYCRED_CONFIG, since an ARN is refused where it is found by searching"
            } else {
                ""
            };
            format!("set \"key_alias\": \"{alias}\" in {file}{named}")
        }
        _ => format!("set LAZYCRED_KEY_ALIAS={alias}"),
    })
}

/// As lazycred 0.2.3 takes it too: an alias without `alias/`.
fn short(id: &WrappingKeyId) -> String {
    let text = id.to_string();
    match text.strip_prefix("alias/") {
        Some(alias) if alias.parse().ok().as_ref() == Some(id) => alias.to_owned(),
        _ => text,
    }
}
