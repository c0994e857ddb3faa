//! Asks at a terminal for the settings that are not given.

use crate::cli::context::Context;
use crate::config::Draft;
use crate::{Result, Variables};

/// The settings that `--local` implies.
pub(super) const LOCAL: (&str, &str) = ("file:secrets/", "local:dev");

/// Fills in a draft without a store. An empty answer leaves a setting out; without a
/// store, nothing more is asked.
pub(super) fn ask(
    draft: &mut Draft,
    variables: &Variables,
    in_aws: &mut bool,
    context: &Context,
) -> Result<()> {
    let printer = context.printer;
    draft.s3_path = printer.answer("store, BUCKET/PREFIX/ in S3 or file:FOLDER/: ")?;
    if draft.s3_path.is_empty() {
        return Ok(());
    }
    let in_s3 = !draft.s3_path.starts_with("file:");
    if draft.key_alias.is_none() {
        let question = if in_s3 {
            "wrapping key, an alias in KMS: ".to_owned()
        } else {
            format!(
                "wrapping key, an alias in KMS or local:NAME [{}]: ",
                LOCAL.1
            )
        };
        let answer = printer.answer(&question)?;
        draft.key_alias = match &*answer {
            "" if in_s3 => None,
            "" => Some(LOCAL.1.to_owned()),
            _ => Some(answer),
        };
    }
    let alias = draft.key_alias.as_deref().unwrap_or_default();
    if !in_s3 && alias.starts_with("local:") {
        return Ok(());
    }
    if draft.region.is_none() {
        let of_variables = ["AWS_REGION", "AWS_DEFAULT_REGION"];
        let known = of_variables.iter().find_map(|name| variables.text(name));
        let question = match known {
            Some(region) => format!("region [{region}]: "),
            None => "region: ".to_owned(),
        };
        let answer = printer.answer(&question)?;
        let answer = Some(answer).filter(|answer| !answer.is_empty());
        draft.region = answer.or(known.map(str::to_owned));
    }
    if !*in_aws {
        *in_aws = printer.ask("create what is missing in AWS?", false)?;
    }
    Ok(())
}
