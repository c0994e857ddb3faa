//! Checks in AWS: our identity, the bucket, the wrapping key.

use super::report::{Proof, Report, Status};
use super::sources;
use crate::setup::{BucketSettings, BucketState, Setup, bucket_arns};
use crate::{Config, Error, Operation, Result, Variables, WrappingKeyId};

/// AWS's own settings, without asking AWS for anything.
pub(super) async fn settings_of(
    report: &mut Report,
    config: &Config,
    variables: &Variables,
    offline: bool,
) -> Option<Setup> {
    let setup = match Setup::load(config).await {
        Ok(setup) => setup,
        Err(error) => {
            report.failed("configuration", Status::Error, &error);
            return None;
        }
    };
    if let Some(needs) = &mut report.needs {
        needs.within(&setup);
    }
    sources::regions(report, config, &setup, variables);
    sources::endpoints(report, config, &setup, variables);
    sources::network(report, &setup, offline);
    sources::credentials(report, &setup);
    Some(setup)
}

pub(super) async fn examine(report: &mut Report, config: &Config, setup: &Setup) {
    match setup.caller().await {
        Ok(caller) => report.ok(
            "identity",
            &format!("{}, account {}", caller.arn, caller.account),
        ),
        // Checks that depend on it fail by themselves.
        Err(error) => report.failed("identity", Status::Warning, &error),
    }
    let id = config.wrapping_key();
    if let Some(id) = id.filter(|id| id.local_name().is_none()) {
        wrapping_key(report, id, setup).await;
    }
    if let Some(bucket) = setup.bucket()
        && exists(report, bucket, config, setup).await
    {
        if config.is_access_point() {
            return of_access_point(report);
        }
        settings(report, bucket).await;
    }
}

async fn wrapping_key(report: &mut Report, id: &WrappingKeyId, setup: &Setup) {
    const CHECK: &str = "wrapping key";
    let found = match setup.wrapping_key().await {
        Ok(Some(found)) => found,
        Ok(None) => {
            let region = setup.wrapping_region().unwrap_or_default();
            let detail = format!("{id} does not exist in {region} for this account");
            let remedy = "set `key_alias` and `region` to those of an existing wrapping key, or run `lazycred init --create`";
            return report.problem(CHECK, Status::Error, &detail, remedy);
        }
        Err(error) => {
            // Describing a wrapping key takes a permission that using it does not.
            let status = if error.is_denied() {
                Status::Unknown
            } else {
                Status::Error
            };
            return report.failed(CHECK, status, &error);
        }
    };
    let arn = found.arn.clone();
    if let Some(needs) = &mut report.needs {
        needs.wrapping_key.clone_from(&arn);
    }
    if found.state != "Enabled" {
        let (code, state) = match &*found.state {
            "Disabled" => ("DisabledException", "disabled"),
            "PendingDeletion" => ("KMSInvalidStateException", "pending deletion"),
            "PendingImport" => ("KMSInvalidStateException", "pending import"),
            "Unavailable" => ("KMSInvalidStateException", "unavailable"),
            _ => ("KMSInvalidStateException", ""),
        };
        let words = format!("{arn} is {state}");
        let remedy = setup.remedy(Operation::UseWrappingKey, code, &words);
        let detail = format!("{arn} is {}", found.state);
        return report.problem(CHECK, Status::Error, &detail, remedy);
    }
    report.ok(CHECK, &format!("{arn} is enabled"));
    hardening(
        report,
        "rotation",
        setup.rotates(&arn).await,
        ["rotated yearly", "not rotated yearly"],
        &format!("`aws kms enable-key-rotation --key-id {arn}`"),
    );
}

/// Whether the bucket exists, as far as we may know.
async fn exists(
    report: &mut Report,
    bucket: &BucketSettings,
    config: &Config,
    setup: &Setup,
) -> bool {
    const CHECK: &str = "bucket";
    let name = bucket.name();
    match bucket.state().await {
        Ok(BucketState::There(region)) => {
            report.shows(Proof::Permitted);
            match region.filter(|region| setup.bucket_region() != Some(region)) {
                Some(region) => report.problem(
                    CHECK,
                    Status::Warning,
                    &format!("`{name}` is in {region}, so the first request is redirected"),
                    format!(
                        "add \"bucket_region\": \"{region}\" to {}",
                        config.where_to_add()
                    ),
                ),
                None => report.ok(CHECK, &format!("`{name}` exists")),
            }
            true
        }
        Ok(BucketState::Missing) => {
            let detail = format!("the bucket `{name}` does not exist");
            let remedy = setup.remedy(Operation::List, "NoSuchBucket", "");
            report.problem(CHECK, Status::Error, &detail, remedy);
            false
        }
        Ok(BucketState::Forbidden) => {
            let detail = format!("S3 denies access to bucket `{name}`");
            let (arn, _) = bucket_arns(setup.partition(), name);
            let remedy = format!(
                "allow s3:ListBucket on {arn}; if another account owns it, `account` must name that account"
            );
            report.problem(CHECK, Status::Unknown, &detail, remedy);
            true
        }
        Err(error) => {
            // If S3 answered, opening a secret shows whether anything depends on it.
            let status = match &error {
                Error::Aws { code: Some(_), .. } => Status::Unknown,
                _ => Status::Error,
            };
            report.failed(CHECK, status, &error);
            false
        }
    }
}

/// S3 tells the settings of a bucket only to those who name it.
fn of_access_point(report: &mut Report) {
    report.problem(
        "bucket settings",
        Status::Unknown,
        "an access point does not tell the settings of its bucket",
        "`lazycred doctor --s3-path BUCKET/PREFIX/` checks them",
    );
}

async fn settings(report: &mut Report, bucket: &BucketSettings) {
    let name = bucket.name();
    let versioned = bucket.is_versioned().await;
    let blocked = bucket.blocks_public_access().await;
    let requires_tls = bucket.requires_tls().await;
    if [&versioned, &blocked, &requires_tls]
        .into_iter()
        .any(Result::is_ok)
    {
        report.shows(Proof::Permitted);
    }
    hardening(
        report,
        "versioning",
        versioned,
        [
            "the bucket is versioned",
            "the bucket is not versioned, so nothing can be undone",
        ],
        &format!(
            "`aws s3api put-bucket-versioning --bucket {name} --versioning-configuration Status=Enabled`"
        ),
    );
    hardening(
        report,
        "public access",
        blocked,
        ["blocked", "not blocked by all four settings"],
        &format!(
            "`aws s3api put-public-access-block --bucket {name} --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`"
        ),
    );
    hardening(
        report,
        "bucket policy",
        requires_tls,
        ["it requires TLS", "it does not require TLS"],
        "`lazycred policy bucket` prints one that does",
    );
}

/// A setting that makes a store safer, but on which no get or put depends.
fn hardening(
    report: &mut Report,
    check: &'static str,
    answer: Result<bool>,
    [yes, no]: [&str; 2],
    remedy: &str,
) {
    match answer {
        Ok(true) => report.ok(check, yes),
        Ok(false) => report.problem(check, Status::Warning, no, remedy),
        Err(error) => report.failed(check, Status::Unknown, &error),
    }
}
