//! What is in AWS: who we are to it, the bucket, the wrapping key.

use super::remedy::Needs;
use super::report::{Report, Status};
use super::sources;
use crate::aws::Aws;
use crate::client::Client;
use crate::config::{Config, StoreAddress, Variables};
use crate::error::{Error, Result};
use crate::keyring;
use crate::policy::demands_tls;
use crate::store::{Bucket, S3Store, Seen};

pub(super) async fn examine(
    report: &mut Report,
    config: &Config,
    client: &Client,
    variables: &Variables,
    needs: &mut Needs,
) {
    let aws = match Aws::load(config).await {
        Ok(aws) => aws,
        Err(error) => return report.failed("configuration", Status::Error, &error, None),
    };
    needs.within(&aws);
    sources::regions(report, config, &aws, variables);
    sources::endpoints(report, config, &aws, variables);
    match client.within("ask who we are", aws.caller()).await {
        Ok(caller) => report.ok(
            "identity",
            &format!("{}, account {}", caller.arn, caller.account),
        ),
        // What depends on it fails by itself.
        Err(error) => report.failed("identity", Status::Warning, &error, Some(needs)),
    }
    wrapping_key(report, config, client, &aws, needs).await;
    if let StoreAddress::S3 { bucket, prefix } = &config.store {
        let place = Bucket {
            name: bucket.clone(),
            prefix: prefix.clone(),
            owner: config.bucket_owner.clone(),
        };
        let store = S3Store::new(place, aws.clone(), 0);
        if self::bucket(report, bucket, client, &aws, &store, needs).await {
            settings(report, bucket, client, &store, needs).await;
        }
    }
}

async fn wrapping_key(
    report: &mut Report,
    config: &Config,
    client: &Client,
    aws: &Aws,
    needs: &mut Needs,
) {
    const CHECK: &str = "wrapping key";
    let Some(id) = &config.wrapping_key else {
        return;
    };
    if id.local_name().is_some() {
        return;
    }
    let looked = keyring::look_up(aws, id);
    let found = match client.within("look at the wrapping key", looked).await {
        Ok(Some(found)) => found,
        Ok(None) => {
            let region = aws.wrapping_region().unwrap_or_default();
            let detail = format!("there is no {id} in {region}, for this account");
            let remedy =
                "`region` and `key_alias` name another; `lazycred init --create` makes one";
            return report.add(CHECK, Status::Error, &detail, Some(remedy.into()));
        }
        Err(error) => {
            let status = harmless(&error);
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
    let rotation = keyring::rotation(aws, &arn);
    let rotation = client.within("ask about rotation", rotation).await;
    hardening(
        report,
        "rotation",
        rotation,
        [
            "new key material each year",
            "no new key material each year",
        ],
        &format!("`aws kms enable-key-rotation --key-id {arn}`"),
        needs,
    );
}

/// Whether there is a bucket to look further at.
async fn bucket(
    report: &mut Report,
    bucket: &str,
    client: &Client,
    aws: &Aws,
    store: &S3Store,
    needs: &Needs,
) -> bool {
    const CHECK: &str = "bucket";
    match client
        .within("look at the bucket", Box::pin(store.look()))
        .await
    {
        Ok(Seen::There(region)) => {
            match region.filter(|region| aws.bucket_region() != Some(region)) {
                Some(region) => report.add(
                    CHECK,
                    Status::Warning,
                    &format!("`{bucket}` is in {region}, so each first request goes astray"),
                    Some(format!(
                        "add \"bucket_region\": \"{region}\" to `.lazycred`"
                    )),
                ),
                None => report.ok(CHECK, &format!("`{bucket}` is there")),
            }
            true
        }
        Ok(Seen::Missing) => {
            let detail = format!("there is no bucket `{bucket}`");
            let remedy = "`s3_path` names another; `lazycred init --create` makes one";
            report.add(CHECK, Status::Error, &detail, Some(remedy.into()));
            false
        }
        Ok(Seen::Forbidden) => {
            let detail = format!("S3 does not let us look at `{bucket}` as a whole");
            let remedy = format!(
                "allow s3:ListBucket on arn:{}:s3:::{bucket}; if it is another account's, `account` is not its owner",
                aws.partition()
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

async fn settings(
    report: &mut Report,
    bucket: &str,
    client: &Client,
    store: &S3Store,
    needs: &Needs,
) {
    let versions = client.within("ask about versions", Box::pin(store.keeps_versions()));
    hardening(
        report,
        "versioning",
        versions.await,
        [
            "the bucket keeps versions",
            "the bucket keeps no versions, so nothing can be undone",
        ],
        &format!(
            "`aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled`"
        ),
        needs,
    );
    let public = client.within(
        "ask about public access",
        Box::pin(store.blocks_public_access()),
    );
    hardening(
        report,
        "public access",
        public.await,
        ["it is blocked", "it is not blocked in all four ways"],
        &format!(
            "`aws s3api put-public-access-block --bucket {bucket} --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`"
        ),
        needs,
    );
    let policy = client.within("read the bucket's policy", Box::pin(store.policy()));
    let demands = policy
        .await
        .map(|policy| policy.is_some_and(|document| demands_tls(&document)));
    hardening(
        report,
        "bucket policy",
        demands,
        ["it demands TLS", "it does not demand TLS"],
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

/// To look at a wrapping key takes a right that using it does not.
fn harmless(error: &Error) -> Status {
    if error.is_denied() {
        Status::Unknown
    } else {
        Status::Error
    }
}
