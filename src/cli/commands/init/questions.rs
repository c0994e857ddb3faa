//! Asks at a terminal for the settings that are not given. Each answer is checked when
//! it is given, and asked for again if it would be refused.

use super::local::WRAPPING_KEY;
use crate::cli::context::Context;
use crate::config::{Draft, refuse_no_region};
use crate::{Result, Variables, WrappingKeyId};

/// Fills in a draft without a store. An empty answer leaves a setting out; without a
/// store, nothing more is asked.
pub(super) fn ask(
    draft: &mut Draft,
    variables: &Variables,
    in_aws: &mut bool,
    context: &Context,
) -> Result<()> {
    let printer = context.printer;
    loop {
        draft.s3_path = printer.answer("store, BUCKET/PREFIX/ in S3 or file:FOLDER/: ")?;
        if draft.s3_path.is_empty() {
            return Ok(());
        }
        // A wrapping key that a flag names is no answer's fault.
        let store = Draft {
            key_alias: None,
            ..draft.clone()
        };
        match store.check(variables) {
            Ok(()) => break,
            Err(error) => printer.error(&error),
        }
    }
    let in_s3 = !draft.s3_path.starts_with("file:");
    while draft.key_alias.is_none() {
        let question = if in_s3 {
            "wrapping key, an alias in KMS: ".to_owned()
        } else {
            format!("wrapping key, an alias in KMS or local:NAME [{WRAPPING_KEY}]: ")
        };
        let answer = printer.answer(&question)?;
        draft.key_alias = match &*answer {
            "" if in_s3 => break,
            "" => Some(WRAPPING_KEY.to_owned()),
            _ => Some(answer),
        };
        if let Err(error) = draft.check(variables) {
            printer.error(&error);
            draft.key_alias = None;
        }
    }
    let alias = draft.key_alias.as_deref().unwrap_or_default();
    if !in_s3 && alias.starts_with("local:") {
        return Ok(());
    }
    if draft.region.is_none() {
        draft.region = region(draft, variables, context)?;
    }
    if !*in_aws {
        *in_aws = printer.ask("create what is missing in AWS?", false)?;
    }
    Ok(())
}

/// A region; none only after it was said what that means.
fn region(draft: &Draft, variables: &Variables, context: &Context) -> Result<Option<String>> {
    let printer = context.printer;
    let of_variables = ["AWS_REGION", "AWS_DEFAULT_REGION"];
    let known = of_variables.iter().find_map(|name| variables.text(name));
    let question = match known {
        Some(region) => format!("region [{region}]: "),
        None => "region: ".to_owned(),
    };
    let id = draft.key_alias.as_deref().map(str::parse::<WrappingKeyId>);
    let mut may_lack = id.is_some_and(|id| id.is_ok_and(|id| id.region().is_some()));
    loop {
        let answer = printer.answer(&question)?;
        match (&*answer, known) {
            ("", Some(known)) => return Ok(Some(known.to_owned())),
            ("", None) if may_lack => return Ok(None),
            ("", None) => {
                may_lack = true;
                printer.said(
                    "AWS needs a region, as in eu-west-1; Enter again leaves it to the AWS profile",
                );
            }
            (region, _) => match refuse_no_region(region, "the answer") {
                Ok(()) => return Ok(Some(answer)),
                Err(error) => printer.error(&error),
            },
        }
    }
}
