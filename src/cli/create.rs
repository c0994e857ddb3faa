//! `init --create`: the bucket and the wrapping key, made or made safer.
//!
//! Looks first, says what it will do, and does only what is lacking: a second
//! run does nothing.

use super::context::Context;
use crate::aws::Aws;
use crate::client::Client;
use crate::config::{Config, StoreAddress, WrappingKeyId};
use crate::error::{Error, Operation, Result};
use crate::keyring;
use crate::policy::{Policy, demands_tls};
use crate::store::{Bucket, S3Store, Seen};

/// One thing to do.
#[derive(Debug)]
enum Step {
    MakeBucket,
    EnforceOwner,
    BlockPublicAccess,
    KeepVersions,
    /// The whole policy that the bucket will have.
    SetPolicy(String),
    /// And point the alias to it, and rotate it.
    MakeWrappingKey,
    /// The wrapping key of this ARN.
    Rotate(String),
}

/// What is to be made, and where.
struct Site<'a> {
    aws: Aws,
    store: Option<(&'a str, S3Store)>,
    wrapping_key: Option<&'a WrappingKeyId>,
}

/// Makes what is lacking, once the user agrees; whether anything was agreed to.
pub(super) fn run(yes: bool, config: &Config, context: &Context) -> Result<bool> {
    Context::with_client(config.clone(), async |client| {
        let site = Site::of(config).await?;
        let mut steps = Vec::new();
        Box::pin(site.of_bucket(client, &mut steps)).await?;
        site.of_wrapping_key(client, &mut steps).await?;
        for step in &steps {
            context.printer.done(&format!("will {}", site.told(step)));
        }
        if steps.is_empty() {
            context
                .printer
                .done("bucket and wrapping key are as they should be");
            return Ok(true);
        }
        if !yes && !context.printer.agreed()? {
            return Ok(false);
        }
        for step in steps {
            let told = site.told(&step);
            let work = Box::pin(site.take(step));
            client.within(&told, work).await?;
            context.printer.done(&format!("done: {told}"));
        }
        Ok(true)
    })
}

impl<'a> Site<'a> {
    async fn of(config: &'a Config) -> Result<Self> {
        let wrapping_key = config.wrapping_key.as_ref();
        let wrapping_key = wrapping_key.filter(|id| id.local_name().is_none());
        let aws = match (&config.store, wrapping_key) {
            (StoreAddress::Folder(_), None) => {
                return Err(Error::usage_hint(
                    "there is nothing in AWS to be made",
                    "--s3-path BUCKET/PREFIX and --key-alias ALIAS name what --create makes",
                ));
            }
            _ => Aws::load(config).await?,
        };
        let store = match &config.store {
            StoreAddress::S3 { bucket, prefix } => {
                let place = Bucket {
                    name: bucket.clone(),
                    prefix: prefix.clone(),
                    owner: config.bucket_owner.clone(),
                };
                Some((bucket.as_str(), S3Store::new(place, aws.clone(), 0)))
            }
            StoreAddress::Folder(_) => None,
        };
        Ok(Self {
            aws,
            store,
            wrapping_key,
        })
    }

    async fn of_bucket(&self, client: &Client, steps: &mut Vec<Step>) -> Result<()> {
        let Some((bucket, store)) = &self.store else {
            return Ok(());
        };
        let partition = self.aws.partition();
        match client
            .within("look at the bucket", Box::pin(store.look()))
            .await?
        {
            Seen::Missing => {
                let policy = Policy::tls_only(partition, bucket).text();
                steps.extend([
                    Step::MakeBucket,
                    Step::BlockPublicAccess,
                    Step::KeepVersions,
                    Step::SetPolicy(policy),
                ]);
                return Ok(());
            }
            Seen::Forbidden => {
                return Err(Error::Aws {
                    operation: Operation::MakeBucket,
                    place: None,
                    code: None,
                    cause: format!("`{bucket}` is there, and S3 does not let us look at it"),
                    hint: Some("bucket names are the world's: choose another, or allow s3:ListBucket on it".into()),
                });
            }
            Seen::There(_) => {}
        }
        let action = "look at the bucket's settings";
        if !client
            .within(action, Box::pin(store.is_owner_enforced()))
            .await?
        {
            steps.push(Step::EnforceOwner);
        }
        if !client
            .within(action, Box::pin(store.blocks_public_access()))
            .await?
        {
            steps.push(Step::BlockPublicAccess);
        }
        if !client
            .within(action, Box::pin(store.keeps_versions()))
            .await?
        {
            steps.push(Step::KeepVersions);
        }
        let policy = match client.within(action, Box::pin(store.policy())).await? {
            Some(policy) if demands_tls(&policy) => return Ok(()),
            Some(policy) => Policy::with_tls(&policy, partition, bucket),
            None => Some(Policy::tls_only(partition, bucket).text()),
        };
        steps.extend(policy.map(Step::SetPolicy));
        Ok(())
    }

    async fn of_wrapping_key(&self, client: &Client, steps: &mut Vec<Step>) -> Result<()> {
        const ACTION: &str = "look at the wrapping key";
        let Some(id) = self.wrapping_key else {
            return Ok(());
        };
        let Some(found) = client
            .within(ACTION, keyring::look_up(&self.aws, id))
            .await?
        else {
            if !id.to_string().starts_with("alias/") {
                return Err(Error::usage_hint(
                    format!("there is no wrapping key `{id}`, and none can be made of that name"),
                    "--key-alias ALIAS names one that --create makes",
                ));
            }
            steps.push(Step::MakeWrappingKey);
            return Ok(());
        };
        if found.state != "Enabled" {
            return Err(Error::Aws {
                operation: Operation::UseWrappingKey,
                place: None,
                code: None,
                cause: format!("{} is {}", found.arn, found.state),
                hint: Some("`lazycred doctor` says what enables it".into()),
            });
        }
        let rotation = keyring::rotation(&self.aws, &found.arn);
        if !client.within(ACTION, rotation).await? {
            steps.push(Step::Rotate(found.arn));
        }
        Ok(())
    }

    async fn take(&self, step: Step) -> Result<()> {
        if let Some((_, store)) = &self.store {
            match &step {
                Step::MakeBucket => return store.make().await,
                Step::EnforceOwner => return store.enforce_owner().await,
                Step::BlockPublicAccess => return store.block_public_access().await,
                Step::KeepVersions => return store.keep_versions().await,
                Step::SetPolicy(document) => return store.set_policy(document).await,
                Step::MakeWrappingKey | Step::Rotate(_) => {}
            }
        }
        let arn = match (step, self.wrapping_key) {
            (Step::Rotate(arn), _) => arn,
            (_, Some(id)) => {
                let arn = keyring::create(&self.aws).await?;
                let pointed = keyring::point(&self.aws, &id.to_string(), &arn).await;
                pointed.map_err(|error| left_behind(error, id, &arn))?;
                arn
            }
            (_, None) => return Ok(()),
        };
        keyring::rotate(&self.aws, &arn).await
    }

    /// The step in words, behind `will` or `done:`.
    fn told(&self, step: &Step) -> String {
        let bucket = self.store.as_ref().map_or("", |(bucket, _)| bucket);
        match step {
            Step::MakeBucket => {
                let region = self.aws.bucket_region().unwrap_or_default();
                format!("make the bucket `{bucket}` in {region}, all in it its owner's")
            }
            Step::EnforceOwner => format!("have all in `{bucket}` be its owner's"),
            Step::BlockPublicAccess => format!("block public access to `{bucket}`"),
            Step::KeepVersions => format!("have `{bucket}` keep versions"),
            Step::SetPolicy(_) => format!("have the policy of `{bucket}` demand TLS"),
            Step::MakeWrappingKey => {
                let region = self.aws.wrapping_region().unwrap_or_default();
                let id = self.wrapping_key.map(ToString::to_string);
                let id = id.unwrap_or_default();
                format!("make a wrapping key `{id}` in {region}, rotated each year")
            }
            Step::Rotate(arn) => format!("have {arn} rotated each year"),
        }
    }
}

/// A wrapping key was made that nothing points to yet.
fn left_behind(error: Error, id: &WrappingKeyId, arn: &str) -> Error {
    error.reworded(|_, hint| {
        *hint = Some(format!(
            "`aws kms create-alias --alias-name {id} --target-key-id {arn}` finishes it: the wrapping key is made"
        ));
    })
}
