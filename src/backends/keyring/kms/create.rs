//! Creates a wrapping key with its alias, once: KMS would create a second one if
//! the request were repeated.
//!
//! Its description names the alias that it is for, so that a later run finds it if
//! this one is interrupted before the alias points to it.

use std::collections::BTreeSet;

use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::types::{KeyState, KeyUsageType};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::setup::{describe, incomplete};
use crate::backends::aws::Aws;
use crate::base::{Error, Operation, Result};
use crate::config::WrappingKeyId;

/// The most pages of a list that are read, and the most wrapping keys described, in
/// search of one that was left behind.
const MOST: (usize, usize) = (20, 100);

fn description(alias: &WrappingKeyId) -> String {
    format!("wraps data keys of lazycred, for {alias}")
}

/// Creates a wrapping key for an alias, and returns its ARN.
pub(crate) async fn create(aws: &Aws, alias: &WrappingKeyId) -> Result<String> {
    const OPERATION: Operation = Operation::MakeWrappingKey;
    let client = aws.kms();
    let request = || {
        let request = client.create_key().description(description(alias));
        request.send()
    };
    let answer = aws.ask_once("CreateKey", alias, request).await;
    let output = answer.map_err(|error| {
        let failed = aws.failed(OPERATION, None, &error);
        let status = error.raw_response().map(|raw| raw.status().as_u16());
        if status.is_some_and(|status| status < 500) || never_sent(&error) {
            return failed;
        }
        failed.reworded(|cause, hint| {
            *cause = format!("{cause}; it may still have been created");
            *hint = Some(
                "run the same command again: it first looks for a wrapping key that was created for this alias"
                    .into(),
            );
        })
    })?;
    let arn = output.key_metadata().and_then(|about| about.arn());
    arn.map(str::to_owned).ok_or_else(|| incomplete(OPERATION))
}

/// Whether a request failed before any of it left this machine.
fn never_sent<E>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        SdkError::ConstructionFailure(_) => true,
        SdkError::DispatchFailure(failure) => !failure.is_io() && !failure.is_timeout(),
        _ => false,
    }
}

/// The wrapping key that an earlier run created for an alias, if no alias points to
/// it yet. Whoever may not list wrapping keys finds none.
pub(crate) async fn left_behind(aws: &Aws, alias: &WrappingKeyId) -> Result<Option<String>> {
    match search(aws, alias).await {
        Err(error) if error.is_denied() => {
            tracing::info!("not looking for wrapping keys without an alias: {error}");
            Ok(None)
        }
        found => found,
    }
}

async fn search(aws: &Aws, alias: &WrappingKeyId) -> Result<Option<String>> {
    const OPERATION: Operation = Operation::LookAtWrappingKey;
    let (pages, described) = MOST;
    let kms = aws.kms();
    let mut pointed = BTreeSet::new();
    let mut marker = None;
    for _ in 0..pages {
        let request = || kms.list_aliases().set_marker(marker.clone()).send();
        let page = aws.ask("ListAliases", &"of the account", request).await;
        let page = page.map_err(|error| aws.failed(OPERATION, None, &error))?;
        let ids = page.aliases().iter().filter_map(|one| one.target_key_id());
        pointed.extend(ids.map(str::to_owned));
        marker = page.next_marker;
        if marker.is_none() {
            break;
        }
    }
    let mut bare = Vec::new();
    for _ in 0..pages {
        let request = || kms.list_keys().set_marker(marker.clone()).send();
        let page = aws.ask("ListKeys", &"of the account", request).await;
        let page = page.map_err(|error| aws.failed(OPERATION, None, &error))?;
        let ids = page.keys().iter().filter_map(|one| one.key_id());
        bare.extend(ids.filter(|id| !pointed.contains(*id)).map(str::to_owned));
        marker = page.next_marker;
        if marker.is_none() {
            break;
        }
    }
    let wanted = description(alias);
    for id in bare.iter().take(described) {
        let request = || kms.describe_key().key_id(id).send();
        // One that may not be described is not ours.
        let Ok(output) = aws.ask("DescribeKey", id, request).await else {
            continue;
        };
        let about = output.key_metadata();
        let ours = about.filter(|about| {
            about.description() == Some(&wanted)
                && about.key_state() == Some(&KeyState::Enabled)
                && about.key_usage() == Some(&KeyUsageType::EncryptDecrypt)
        });
        if let Some(arn) = ours.and_then(|about| about.arn()) {
            return Ok(Some(arn.to_owned()));
        }
    }
    Ok(None)
}

/// Points an alias at a wrapping key that has none.
pub(crate) async fn point(aws: &Aws, alias: &WrappingKeyId, arn: &str) -> Result<()> {
    let client = aws.kms();
    let request = || {
        let request = client.create_alias().alias_name(alias.to_string());
        request.target_key_id(arn).send()
    };
    let Err(error) = aws.ask("CreateAlias", alias, request).await else {
        return Ok(());
    };
    let failed = aws.failed(Operation::PointAlias, None, &error);
    if error.code() != Some("AlreadyExistsException") {
        return Err(unfinished(failed, alias, arn));
    }
    // The first attempt's response was lost, or somebody else was faster.
    let there = describe(aws, alias).await?;
    if there.arn == arn {
        return Ok(());
    }
    let (_, id) = arn.rsplit_once('/').unwrap_or(("", arn));
    Err(failed.reworded(|cause, hint| {
        *cause = format!("{alias} points at {} since a moment ago", there.arn);
        *hint = Some(format!(
            "`aws kms schedule-key-deletion --key-id {id}` removes the wrapping key that was just created for it"
        ));
    }))
}

/// The wrapping key is there, but has no alias.
fn unfinished(failed: Error, alias: &WrappingKeyId, arn: &str) -> Error {
    failed.reworded(|_, hint| {
        *hint = Some(format!(
            "the wrapping key exists: `aws kms create-alias --alias-name {alias} --target-key-id {arn}` or the same command again finishes the setup"
        ));
    })
}
