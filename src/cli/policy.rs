//! `policy`: IAM's documents, from the configuration.
//!
//! Finds out what the documents name; what they say is in [`crate::policy`].

use super::args::{PolicyArgs, PolicyKind};
use super::context::{Context, runtime};
use crate::aws::{Aws, partition_of_arn};
use crate::config::{Config, StoreAddress, WrappingKeyId};
use crate::error::{Error, Result};
use crate::keyring;
use crate::policy::{Policy, Principals, Scope};

/// The role that may erase versions, unless another is named.
const BREAK_GLASS: &str = "secrets-breakglass";

pub(super) fn run(args: &PolicyArgs, context: &Context) -> Result<()> {
    check(args)?;
    let config = context.config()?;
    let runtime = runtime()?;
    let policy = runtime.block_on(async {
        let work = make(args, &config);
        let late = |_| Error::TimedOut {
            action: "ask AWS what the policy is to name".into(),
            seconds: config.timeout.as_secs_f64(),
        };
        tokio::time::timeout(config.timeout, work)
            .await
            .map_err(late)?
    });
    runtime.shutdown_background();
    context.printer.data(policy?.text().as_bytes())
}

/// Refuses options that the document has no use for.
fn check(args: &PolicyArgs) -> Result<()> {
    let of_key = [&args.reader, &args.writer, &args.admin, &args.owner];
    if args.kind != PolicyKind::Key && of_key.into_iter().any(|roles| !roles.is_empty()) {
        return Err(Error::usage(
            "--reader, --writer, --admin and --owner are for `policy key`",
        ));
    }
    if args.kind != PolicyKind::Bucket && args.break_glass.is_some() {
        return Err(Error::usage("--break-glass is for `policy bucket`"));
    }
    Ok(())
}

async fn make(args: &PolicyArgs, config: &Config) -> Result<Policy> {
    let in_s3 = match &config.store {
        StoreAddress::S3 { bucket, prefix } => Some((bucket.clone(), prefix.clone())),
        StoreAddress::Folder(_) => None,
    };
    let in_kms = config
        .wrapping_key
        .as_ref()
        .filter(|id| id.local_name().is_none());
    let nothing = || {
        Error::usage_hint(
            "there is nothing in AWS that this policy could be for",
            "it is for an `s3_path` of BUCKET/PREFIX, or a `key_alias` in KMS",
        )
    };
    match args.kind {
        PolicyKind::Bucket => {
            let (bucket, _) = in_s3.ok_or_else(nothing)?;
            let aws = Aws::load(config).await?;
            let account = match &config.bucket_owner {
                Some(account) => account.clone(),
                None => aws.caller().await?.account,
            };
            let partition = aws.partition();
            let role = args.break_glass.as_deref().unwrap_or(BREAK_GLASS);
            let break_glass = role_arn(partition, &account, role);
            Ok(Policy::bucket(partition, &bucket, &account, &break_glass))
        }
        PolicyKind::Key => {
            let id = in_kms.ok_or_else(nothing)?;
            let aws = Aws::load(config).await?;
            let account = match id.account() {
                Some(account) => account.to_owned(),
                None => aws.caller().await?.account,
            };
            let scope = scope(config, in_s3, Vec::new(), aws.partition());
            let all = |roles: &[String]| {
                let named = roles
                    .iter()
                    .map(|role| role_arn(&scope.partition, &account, role));
                let whole = format!("arn:{}:iam::{account}:root", scope.partition);
                match roles {
                    [] => vec![whole],
                    _ => named.collect(),
                }
            };
            let who = Principals {
                owners: all(&args.owner),
                readers: all(&args.reader),
                writers: all(&args.writer),
                admins: all(&args.admin),
            };
            Ok(Policy::wrapping_key(&scope, &account, &who))
        }
        PolicyKind::Reader | PolicyKind::Writer | PolicyKind::Admin => {
            if config.wrapping_key.is_none() {
                return Err(Error::usage_hint(
                    "no wrapping key: the policy has to name it",
                    "give --key-alias ALIAS, or add \"key_alias\" to `.lazycred`",
                ));
            }
            if in_s3.is_none() && in_kms.is_none() {
                return Err(nothing());
            }
            let aws = Aws::load(config).await?;
            let mut wrapping_keys = Vec::new();
            for id in in_kms.into_iter().chain(&config.more_wrapping_keys) {
                wrapping_keys.push(arn_of(&aws, id).await?);
            }
            let of_arn = wrapping_keys.first().and_then(|arn| partition_of_arn(arn));
            let partition = of_arn.unwrap_or(aws.partition()).to_owned();
            let scope = scope(config, in_s3, wrapping_keys, &partition);
            Ok(match args.kind {
                PolicyKind::Reader => Policy::reader(&scope),
                PolicyKind::Writer => Policy::writer(&scope),
                _ => Policy::admin(&scope),
            })
        }
    }
}

fn scope(
    config: &Config,
    records: Option<(String, String)>,
    wrapping_keys: Vec<String>,
    partition: &str,
) -> Scope {
    let path = match &records {
        Some((bucket, prefix)) => format!("s3://{bucket}/{prefix}"),
        None => "file://".to_owned(),
    };
    Scope {
        partition: partition.to_owned(),
        records,
        path,
        wrapping_keys,
        format: config.formats.write,
    }
}

/// A policy takes no alias: its ARN is not a wrapping key's.
async fn arn_of(aws: &Aws, id: &WrappingKeyId) -> Result<String> {
    let text = id.to_string();
    if id.is_arn() && text.contains(":key/") {
        return Ok(text);
    }
    let found = keyring::describe(aws, id).await.map_err(|error| {
        error.reworded(|_, hint| {
            let remedy = "--key-alias ARN names the wrapping key without asking for it";
            hint.get_or_insert_with(|| remedy.to_owned());
        })
    })?;
    Ok(found.arn)
}

fn role_arn(partition: &str, account: &str, role: &str) -> String {
    if role.starts_with("arn:") {
        return role.to_owned();
    }
    format!("arn:{partition}:iam::{account}:role/{role}")
}
