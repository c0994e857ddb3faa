//! Finds out what is missing in AWS, and creates it.

use std::fmt;

use super::bucket::BucketSettings;
use super::in_aws::Setup;
use crate::backends::aws::policy::{Policy, demands_tls};
use crate::backends::keyring;
use crate::backends::store::BucketState;
use crate::base::{Error, Operation, Result};
use crate::client::deadline::within;
use crate::config::{AccessPoint, WrappingKeyId};

/// One thing to make or to set in AWS. It prints as what is done, in the
/// imperative: ``block public access to `acme` ``.
///
/// # Examples
///
/// ```no_run
/// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
/// for task in setup.missing().await? {
///     println!("{task}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Task {
    work: Work,
    told: String,
}

#[derive(Debug)]
enum Work {
    MakeBucket,
    EnforceOwner,
    BlockPublicAccess,
    KeepVersions,
    /// To this whole policy.
    SetPolicy(String),
    /// Point the alias to it, and rotate it.
    MakeWrappingKey(WrappingKeyId),
    /// The wrapping key of this ARN.
    Rotate(String),
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told)
    }
}

impl Setup {
    /// What is lacking, in the order in which it is to be done; nothing if the
    /// bucket and the wrapping key are already set up.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if there is no such wrapping key and the name is not an
    /// alias; [`Error::Aws`] or [`Error::TimedOut`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// assert!(setup.missing().await?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn missing(&self) -> Result<Vec<Task>> {
        self.check()?;
        let mut works = Vec::new();
        if let Some(bucket) = &self.bucket {
            Box::pin(self.missing_of_bucket(bucket, &mut works)).await?;
        }
        if let Some(id) = &self.wrapping_key {
            self.missing_of_wrapping_key(id, &mut works).await?;
        }
        let task = |work| Task {
            told: self.told(&work),
            work,
        };
        Ok(works.into_iter().map(task).collect())
    }

    /// Refuses what cannot be created, without asking AWS.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if records are reached by an access point.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// setup.check()?;
    /// println!("working as {}", setup.caller().await?.arn);
    /// # Ok(())
    /// # }
    /// ```
    pub fn check(&self) -> Result<()> {
        let bucket = self.bucket.as_ref();
        if bucket.is_some_and(|bucket| AccessPoint::of(&bucket.name).is_some()) {
            return Err(Error::usage_hint(
                "`s3_path` is an access point's ARN, and its bucket is not known",
                "pass --s3-path BUCKET/PREFIX/ to set up the bucket; `aws s3control create-access-point` creates access points",
            ));
        }
        Ok(())
    }

    async fn missing_of_bucket(
        &self,
        bucket: &BucketSettings,
        works: &mut Vec<Work>,
    ) -> Result<()> {
        let partition = self.partition();
        match bucket.state().await? {
            BucketState::Missing => {
                self.refuse_other_account(bucket).await?;
                let policy = Policy::tls_only(partition, &bucket.name).text();
                works.extend([
                    Work::MakeBucket,
                    Work::BlockPublicAccess,
                    Work::KeepVersions,
                    Work::SetPolicy(policy),
                ]);
                return Ok(());
            }
            BucketState::Forbidden => {
                let cause = format!("`{}` exists, but S3 denies access to it", bucket.name);
                let hint = match &bucket.owner {
                    Some(owner) => format!(
                        "if it does not belong to account {owner}, correct `account`; otherwise allow s3:ListBucket on it"
                    ),
                    None => "bucket names are global: choose another, or allow s3:ListBucket on it"
                        .to_owned(),
                };
                return Err(Error::aws(Operation::MakeBucket, None, cause).hinted(hint));
            }
            BucketState::There(_) => {}
        }
        if !bucket.is_owner_enforced().await? {
            works.push(Work::EnforceOwner);
        }
        if !bucket.blocks_public_access().await? {
            works.push(Work::BlockPublicAccess);
        }
        if !bucket.is_versioned().await? {
            works.push(Work::KeepVersions);
        }
        let policy = match bucket.policy().await? {
            Some(policy) if demands_tls(&policy) => return Ok(()),
            Some(policy) => Policy::with_tls(&policy, partition, &bucket.name),
            None => Some(Policy::tls_only(partition, &bucket.name).text()),
        };
        works.extend(policy.map(Work::SetPolicy));
        Ok(())
    }

    /// A new bucket would belong to the caller.
    async fn refuse_other_account(&self, bucket: &BucketSettings) -> Result<()> {
        let Some(owner) = &bucket.owner else {
            return Ok(());
        };
        let account = self.caller().await?.account;
        if account == *owner {
            return Ok(());
        }
        Err(Error::usage_hint(
            format!(
                "the bucket `{}` is to belong to account {owner}, but the credentials belong to account {account}",
                bucket.name
            ),
            "choose another profile with --profile, or correct `account`",
        ))
    }

    async fn missing_of_wrapping_key(
        &self,
        id: &WrappingKeyId,
        works: &mut Vec<Work>,
    ) -> Result<()> {
        let Some(found) = self.wrapping_key().await? else {
            if !can_be_made(&id.to_string()) {
                return Err(Error::usage_hint(
                    format!("no wrapping key `{id}`, and one cannot be created with that name"),
                    "--key-alias ALIAS names one that --create creates",
                ));
            }
            works.push(Work::MakeWrappingKey(id.clone()));
            return Ok(());
        };
        if found.state != "Enabled" {
            let cause = format!("{} is {}", found.arn, found.state);
            return Err(Error::aws(Operation::UseWrappingKey, None, cause)
                .hinted("`lazycred doctor` shows how to enable it"));
        }
        if !self.rotates(&found.arn).await? {
            works.push(Work::Rotate(found.arn));
        }
        Ok(())
    }

    /// Carries out one task of [`Setup::missing`].
    ///
    /// # Errors
    ///
    /// [`Error::Aws`] or [`Error::TimedOut`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// for task in setup.missing().await? {
    ///     setup.apply(task).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn apply(&self, task: Task) -> Result<()> {
        if let Work::MakeWrappingKey(id) = &task.work {
            return Box::pin(self.make_wrapping_key(id)).await;
        }
        let work = Box::pin(self.make(&task.work));
        within(self.timeout, &task.told, work).await
    }

    /// Each request has its own time, so that the error of one that is cut short says
    /// what there is by then.
    async fn make_wrapping_key(&self, id: &WrappingKeyId) -> Result<()> {
        let (aws, limit) = (&self.aws, self.timeout);
        let made = within(limit, "create the wrapping key", keyring::create(aws, id)).await;
        let arn = made.map_err(|error| keyring::create_timed_out(error, id))?;
        let pointed = within(
            limit,
            "point the alias at it",
            keyring::point(aws, id, &arn),
        )
        .await;
        pointed.map_err(|error| keyring::point_timed_out(aws, error, id, &arn))?;
        within(limit, "turn on its rotation", keyring::rotate(aws, &arn)).await
    }

    async fn make(&self, work: &Work) -> Result<()> {
        match (work, &self.bucket) {
            (Work::MakeWrappingKey(id), _) => self.make_wrapping_key(id).await,
            (Work::Rotate(arn), _) => keyring::rotate(&self.aws, arn).await,
            (Work::MakeBucket, Some(bucket)) => bucket.store.make().await,
            (Work::EnforceOwner, Some(bucket)) => bucket.store.enforce_owner().await,
            (Work::BlockPublicAccess, Some(bucket)) => bucket.store.block_public_access().await,
            (Work::KeepVersions, Some(bucket)) => bucket.store.keep_versions().await,
            (Work::SetPolicy(document), Some(bucket)) => bucket.store.set_policy(document).await,
            (_, None) => Ok(()),
        }
    }

    /// The work in words, after `will` or `done:`.
    fn told(&self, work: &Work) -> String {
        let bucket = self.bucket.as_ref().map_or("", BucketSettings::name);
        match work {
            Work::MakeBucket => {
                let region = self.bucket_region().unwrap_or_default();
                format!(
                    "create the bucket `{bucket}` in {region}, with every object owned by the bucket's owner"
                )
            }
            Work::EnforceOwner => format!("make the bucket's owner own every object in `{bucket}`"),
            Work::BlockPublicAccess => format!("block public access to `{bucket}`"),
            Work::KeepVersions => format!("enable versioning of `{bucket}`"),
            Work::SetPolicy(_) => format!("require TLS in the policy of `{bucket}`"),
            Work::MakeWrappingKey(id) => {
                let region = self.wrapping_region().unwrap_or_default();
                format!("create the wrapping key `{id}` in {region}, rotated yearly")
            }
            Work::Rotate(arn) => format!("rotate {arn} yearly"),
        }
    }
}

/// Whether KMS can make a wrapping key of this name.
fn can_be_made(id: &str) -> bool {
    const LONGEST: usize = 256;
    let alias = id.strip_prefix("alias/");
    // The others belong to AWS.
    alias.is_some_and(|name| !name.starts_with("aws/")) && id.len() <= LONGEST
}
