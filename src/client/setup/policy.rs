//! IAM policies for a configuration: looks up the names in them. Their text is
//! in [`crate::backends::aws::policy`].

use crate::backends::aws::policy::{Policy, Principals, Scope};
use crate::backends::aws::{Aws, partition_of_arn};
use crate::backends::keyring;
use crate::base::{Error, Result};
use crate::client::deadline::within;
use crate::config::{AccessPoint, Config, Sse, StoreAddress, WrappingKeyId};

/// The role that may erase versions, unless another is named.
const BREAK_GLASS: &str = "secrets-breakglass";

/// What makes a look-up unnecessary.
const OF_KEY_ALIAS: &str = "pass --key-alias ARN to skip the look-up";
const OF_SSE: &str = "name the KMS key by its ARN in `sse` to skip the look-up";

/// Whom or what a policy is for. A role is its name, or its ARN.
///
/// # Examples
///
/// ```no_run
/// use lazycred::setup::{PolicyFor, policy};
/// # async fn example(config: lazycred::Config) -> lazycred::Result<()> {
/// let for_bucket = PolicyFor::Bucket { break_glass: Some("admin".into()) };
/// println!("{}", policy(&config, &for_bucket).await?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyFor {
    /// Who reads secrets.
    Reader,
    /// Who stores secrets, and opens none.
    Writer,
    /// Who moves, removes and rewraps secrets, and opens none.
    Admin,
    /// The bucket itself.
    Bucket {
        /// The role that may erase versions; `secrets-breakglass` unless given.
        break_glass: Option<String>,
    },
    /// The wrapping key itself. An empty list leaves it to the account.
    WrappingKey(Principals),
}

/// The policy as JSON. KMS is asked for an alias's ARN, and STS for the account,
/// where the configuration names none.
///
/// # Errors
///
/// [`Error::Usage`] if nothing of the configuration is in AWS, or no wrapping
/// key is configured and the policy names it; [`Error::Aws`] or
/// [`Error::TimedOut`].
///
/// # Examples
///
/// ```no_run
/// use lazycred::setup::{PolicyFor, policy};
/// # async fn example(config: lazycred::Config) -> lazycred::Result<()> {
/// println!("{}", policy(&config, &PolicyFor::Reader).await?);
/// # Ok(())
/// # }
/// ```
pub async fn policy(config: &Config, policy_for: &PolicyFor) -> Result<String> {
    let action = "look up the names in the policy";
    let policy = within(config.timeout, action, make(policy_for, config)).await?;
    Ok(policy.text())
}

async fn make(policy_for: &PolicyFor, config: &Config) -> Result<Policy> {
    let in_s3 = match &config.store {
        StoreAddress::S3 { bucket, prefix } => Some((bucket.clone(), prefix.clone())),
        StoreAddress::Folder(_) => None,
    };
    if let Some((bucket, _)) = &in_s3 {
        check_bucket(bucket, policy_for)?;
    }
    let in_kms = config.in_kms();
    let nothing = || {
        Error::usage_hint(
            "nothing in AWS for this policy to cover",
            "set `s3_path` to BUCKET/PREFIX/, or `key_alias` to a wrapping key in KMS",
        )
    };
    let of_identity = match policy_for {
        PolicyFor::Bucket { break_glass } => {
            let (bucket, _) = in_s3.ok_or_else(nothing)?;
            let aws = Aws::load(config).await?;
            let account = account(&aws, config.bucket_owner.as_deref()).await?;
            let partition = aws.partition();
            let role = break_glass.as_deref().unwrap_or(BREAK_GLASS);
            let break_glass = role_arn(partition, &account, role);
            return Ok(Policy::bucket(partition, &bucket, &account, &break_glass));
        }
        PolicyFor::WrappingKey(who) => {
            let id = in_kms.ok_or_else(nothing)?;
            let aws = Aws::load(config).await?;
            let account = account(&aws, id.account()).await?;
            let scope = scope(config, in_s3, Vec::new(), None, aws.partition());
            let all = |roles: &[String]| {
                if roles.is_empty() {
                    return vec![format!("arn:{}:iam::{account}:root", scope.partition)];
                }
                let arn = |role: &String| role_arn(&scope.partition, &account, role);
                roles.iter().map(arn).collect()
            };
            let who = Principals {
                owners: all(&who.owners),
                readers: all(&who.readers),
                writers: all(&who.writers),
                admins: all(&who.admins),
            };
            return Ok(Policy::wrapping_key(&scope, &account, &who));
        }
        PolicyFor::Reader => Policy::reader,
        PolicyFor::Writer => Policy::writer,
        PolicyFor::Admin => Policy::admin,
    };
    if config.wrapping_key.is_none() {
        return Err(Error::usage_hint(
            "no wrapping key configured, which the policy must name",
            format!(
                "pass --key-alias ALIAS, or add \"key_alias\" to {}",
                config.where_to_add()
            ),
        ));
    }
    if in_s3.is_none() && in_kms.is_none() {
        return Err(nothing());
    }
    let aws = Aws::load(config).await?;
    let mut wrapping_keys = Vec::new();
    for id in in_kms.into_iter().chain(&config.more_wrapping_keys) {
        wrapping_keys.push(arn_of(&aws, id, OF_KEY_ALIAS).await?);
    }
    let sse = config.sse.as_ref().and_then(Sse::kms_key);
    let sse = match sse.filter(|_| in_s3.is_some()) {
        Some(id) => Some(arn_of(&aws.with_kms_beside_bucket(), id, OF_SSE).await?),
        None => None,
    };
    let of_arn = wrapping_keys.first().and_then(|arn| partition_of_arn(arn));
    let partition = of_arn.unwrap_or(aws.partition()).to_owned();
    Ok(of_identity(&scope(
        config,
        in_s3,
        wrapping_keys,
        sse,
        &partition,
    )))
}

/// Refuses what the documents cannot name.
fn check_bucket(bucket: &str, policy_for: &PolicyFor) -> Result<()> {
    let of_bucket = matches!(policy_for, PolicyFor::Bucket { .. });
    if of_bucket && AccessPoint::of(bucket).is_some() {
        return Err(Error::usage_hint(
            "an access point's ARN does not name its bucket, which the policy must name",
            "pass --s3-path BUCKET/PREFIX/",
        ));
    }
    let of_kms = matches!(policy_for, PolicyFor::WrappingKey(_));
    if !of_kms && bucket.ends_with("--x-s3") {
        return Err(Error::usage_hint(
            format!("`{bucket}` is a directory bucket, whose policies have no prefixes"),
            format!(
                "allow s3express:CreateSession on arn:aws:s3express:REGION:ACCOUNT:bucket/{bucket}"
            ),
        ));
    }
    Ok(())
}

/// The configured account, or that of the credentials.
async fn account(aws: &Aws, named: Option<&str>) -> Result<String> {
    match named {
        Some(account) => Ok(account.to_owned()),
        None => Ok(aws.caller().await?.account),
    }
}

fn scope(
    config: &Config,
    records: Option<(String, String)>,
    wrapping_keys: Vec<String>,
    sse: Option<String>,
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
        sse,
        format: config.formats.write,
    }
}

/// Resolves aliases: policies do not accept their ARNs.
async fn arn_of(aws: &Aws, id: &WrappingKeyId, remedy: &str) -> Result<String> {
    let text = id.to_string();
    if id.is_arn() && text.contains(":key/") {
        return Ok(text);
    }
    let found = keyring::describe(aws, id).await.map_err(|error| {
        let denied = error.code() == Some("AccessDeniedException");
        error.reworded(|_, hint| {
            if denied {
                *hint = Some(remedy.into());
            }
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
