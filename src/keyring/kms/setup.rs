//! The wrapping key itself: what it is.
//!
//! Nothing here wraps or unwraps.

use std::time::Instant;

use crate::aws::{self, Aws};
use crate::config::WrappingKeyId;
use crate::error::{Error, Result};

/// A wrapping key that is there.
#[derive(Debug)]
pub(crate) struct Described {
    pub(crate) arn: String,
}

/// What a wrapping key is.
///
/// # Errors
///
/// [`Error::Aws`], also if there is none of this name.
pub(crate) async fn describe(aws: &Aws, id: &WrappingKeyId) -> Result<Described> {
    const ACTION: &str = "look at the wrapping key";
    let since = Instant::now();
    let answer = aws.kms().describe_key().key_id(id.to_string()).send().await;
    aws::told("DescribeKey", id, since, &answer);
    let output = answer.map_err(|error| aws::failed(ACTION, None, &error))?;
    let arn = output.key_metadata().and_then(|about| about.arn());
    let arn = arn.ok_or_else(|| incomplete(ACTION))?.to_owned();
    Ok(Described { arn })
}

fn incomplete(action: &'static str) -> Error {
    Error::Aws {
        action,
        place: None,
        cause: "KMS answered without saying what the wrapping key is".into(),
        hint: None,
    }
}
