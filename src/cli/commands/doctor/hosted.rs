//! What is in AWS: who we are to it, the bucket, the wrapping key.

use super::remedy::Needs;
use super::report::{Report, Status};
use super::sources;
use crate::setup::{BucketSettings, BucketState, Setup};
use crate::{Config, Result, Variables, WrappingKeyId};

pub(super) async fn examine(
    report: &mut Report,
    config: &Config,
    variables: &Variables,
    needs: &mut Needs,
) {
    let setup = match Setup::load(config).await {
        Ok(setup) => setup,
        Err(error) => return report.failed("configuration", Status::Error, &error, None),
    };
    needs.within(&setup);
    sources::regions(report, config, &setup, variables);
    sources::endpoints(report, config, &setup, variables);
    match setup.caller().await {
        Ok(caller) => report.ok(
            "identity",
            &format!("{}, account {}", caller.arn, caller.account),
        ),
        // What depends on it fails by itself.
        Err(error) => report.failed("identity", Status::Warning, &error, Some(needs)),
    }
    let id = config.wrapping_key();
    if let Some(id) = id.filter(|id| id.local_name().is_none()) {
        wrapping_key(report, id, &setup, needs).await;
    }
    if let Some(bucket) = setup.bucket()
        && is_there(report, bucket, &setup, needs).await
    {
        settings(report, bucket, needs).await;
    }
}

async fn wrapping_key(report: &mut Report, id: &WrappingKeyId, setup: &Setup, needs: &mut Needs) {
    const CHECK: &str = "wrapping key";
    let found = match setup.wrapping_key().await {
        Ok(Some(found)) => found,
        Ok(None) => {
            let region = setup.wrapping_region().unwrap_or_default();
            let detail = format!("{id} does not exist in {region} for this account");
            let remedy =
                "set `region` and `key_alias` to an existing one, or run `lazycred init --create`";
            return report.add(CHECK, Status::Error, &detail, Some(remedy.into()));
        }
        Err(error) => {
            // To look at a wrapping key takes a right that using it does not.
            let status = if error.is_denied() {
                Status::Unknown
            } else {
                Status::Error
            };
            return report.failed(CHECK, status, &error, Some(needs));
        }
    };
    let arn = found.arn.clone();
    needs.wrapping_key.clone_from(&arn);
    if found.state != "Enabled" {
        let remedy = match &*found.state {
            "Disabled" => format!("`aws kms enable-key --key-id {arn}`"),
            _ => format!("`aws kms cancel-key-deletion --key-id {arn}`, then `enable-key`"),
        };
        let detail = format!("{arn} is {}", found.state);
        return report.add(CHECK, Status::Error, &detail, Some(remedy));
    }
    report.ok(CHECK, &format!("{arn} is enabled"));
    hardening(
        report,
        "rotation",
        setup.rotates(&arn).await,
        ["rotated yearly", "not rotated yearly"],
        &format!("`aws kms enable-key-rotation --key-id {arn}`"),
        needs,
    );
}

/// Whether there is a bucket to look further at.
async fn is_there(
    report: &mut Report,
    bucket: &BucketSettings,
    setup: &Setup,
    needs: &Needs,
) -> bool {
    const CHECK: &str = "bucket";
    let name = bucket.name();
    match bucket.state().await {
        Ok(BucketState::There(region)) => {
            match region.filter(|region| setup.bucket_region() != Some(region)) {
                Some(region) => report.add(
                    CHECK,
                    Status::Warning,
                    &format!("`{name}` is in {region}, so the first request is redirected"),
                    Some(format!(
                        "add \"bucket_region\": \"{region}\" to `.lazycred`"
                    )),
                ),
                None => report.ok(CHECK, &format!("`{name}` exists")),
            }
            true
        }
        Ok(BucketState::Missing) => {
            let detail = format!("the bucket `{name}` does not exist");
            let remedy = "set `s3_path` to an existing one, or run `lazycred init --create`";
            report.add(CHECK, Status::Error, &detail, Some(remedy.into()));
            false
        }
        Ok(BucketState::Forbidden) => {
            let detail = format!("S3 denies access to `{name}` as a whole");
            let remedy = format!(
                "allow s3:ListBucket on arn:{}:s3:::{name}; if another account owns it, `account` must name that account",
                setup.partition()
            );
            report.add(CHECK, Status::Unknown, &detail, Some(remedy));
            true
        }
        Err(error) => {
            report.failed(CHECK, Status::Error, &error, Some(needs));
            false
        }
    }
}

async fn settings(report: &mut Report, bucket: &BucketSettings, needs: &Needs) {
    let name = bucket.name();
    hardening(
        report,
        "versioning",
        bucket.keeps_versions().await,
        [
            "the bucket is versioned",
            "the bucket is not versioned, so nothing can be undone",
        ],
        &format!(
            "`aws s3api put-bucket-versioning --bucket {name} --versioning-configuration Status=Enabled`"
        ),
        needs,
    );
    hardening(
        report,
        "public access",
        bucket.blocks_public_access().await,
        ["blocked", "not blocked in all four ways"],
        &format!(
            "`aws s3api put-public-access-block --bucket {name} --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`"
        ),
        needs,
    );
    hardening(
        report,
        "bucket policy",
        bucket.demands_tls().await,
        ["it requires TLS", "it does not require TLS"],
        "`lazycred policy bucket` prints one that does",
        needs,
    );
}

/// What makes a store safer, and no get or put depends on.
fn hardening(
    report: &mut Report,
    check: &'static str,
    answer: Result<bool>,
    [yes, no]: [&str; 2],
    remedy: &str,
    needs: &Needs,
) {
    match answer {
        Ok(true) => report.ok(check, yes),
        Ok(false) => report.add(check, Status::Warning, no, Some(remedy.to_owned())),
        Err(error) => report.failed(check, Status::Unknown, &error, Some(needs)),
    }
}
