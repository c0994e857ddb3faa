//! Making the bucket, and setting it as a store of secrets should be.
//!
//! Whether it is so already is in `setup`.

use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration, ObjectOwnership,
    OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration,
    VersioningConfiguration,
};

use super::S3Store;
use crate::aws;
use crate::error::{Error, Operation, Result};

impl S3Store {
    /// Makes the bucket, in the region that it is configured for.
    ///
    /// # Errors
    ///
    /// [`Error::Aws`].
    pub(crate) async fn make(&self) -> Result<()> {
        let region = self
            .aws
            .bucket_region()
            .filter(|region| *region != "us-east-1");
        let place = region.map(|region| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(region))
                .build()
        });
        let answer = self
            .ask("CreateBucket", &self.bucket.name, |client| {
                client
                    .create_bucket()
                    .bucket(&self.bucket.name)
                    .object_ownership(ObjectOwnership::BucketOwnerEnforced)
                    .set_create_bucket_configuration(place.clone())
                    .send()
            })
            .await;
        let failed = |error| aws::failed(Operation::MakeBucket, None, &error);
        answer.map(drop).map_err(failed)
    }

    /// Has the bucket keep versions.
    ///
    /// # Errors
    ///
    /// [`Error::Aws`].
    pub(crate) async fn keep_versions(&self) -> Result<()> {
        let enabled = VersioningConfiguration::builder()
            .status(BucketVersioningStatus::Enabled)
            .build();
        let answer = self
            .ask("PutBucketVersioning", &self.bucket.name, |client| {
                client
                    .put_bucket_versioning()
                    .bucket(&self.bucket.name)
                    .versioning_configuration(enabled.clone())
                    .set_expected_bucket_owner(self.bucket.owner.clone())
                    .send()
            })
            .await;
        let failed = |error| aws::failed(Operation::KeepVersions, None, &error);
        answer.map(drop).map_err(failed)
    }

    /// Has nothing in the bucket be public.
    ///
    /// # Errors
    ///
    /// [`Error::Aws`].
    pub(crate) async fn block_public_access(&self) -> Result<()> {
        let all = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true)
            .build();
        let answer = self
            .ask("PutPublicAccessBlock", &self.bucket.name, |client| {
                client
                    .put_public_access_block()
                    .bucket(&self.bucket.name)
                    .public_access_block_configuration(all.clone())
                    .set_expected_bucket_owner(self.bucket.owner.clone())
                    .send()
            })
            .await;
        let failed = |error| aws::failed(Operation::BlockPublicAccess, None, &error);
        answer.map(drop).map_err(failed)
    }

    /// Gives the bucket a policy in place of the one that it has.
    ///
    /// # Errors
    ///
    /// [`Error::Aws`].
    pub(crate) async fn set_policy(&self, document: &str) -> Result<()> {
        let answer = self
            .ask("PutBucketPolicy", &self.bucket.name, |client| {
                client
                    .put_bucket_policy()
                    .bucket(&self.bucket.name)
                    .policy(document)
                    .set_expected_bucket_owner(self.bucket.owner.clone())
                    .send()
            })
            .await;
        let failed = |error| aws::failed(Operation::SetPolicy, None, &error);
        answer.map(drop).map_err(failed)
    }

    /// Has all in the bucket belong to the bucket's owner.
    ///
    /// # Errors
    ///
    /// [`Error::Aws`].
    pub(crate) async fn enforce_owner(&self) -> Result<()> {
        const OPERATION: Operation = Operation::EnforceOwner;
        let rule = OwnershipControlsRule::builder()
            .object_ownership(ObjectOwnership::BucketOwnerEnforced)
            .build();
        let controls = rule.and_then(|rule| OwnershipControls::builder().rules(rule).build());
        let controls = controls.map_err(|error| Error::usage(error.to_string()))?;
        let answer = self
            .ask("PutBucketOwnershipControls", &self.bucket.name, |client| {
                client
                    .put_bucket_ownership_controls()
                    .bucket(&self.bucket.name)
                    .ownership_controls(controls.clone())
                    .set_expected_bucket_owner(self.bucket.owner.clone())
                    .send()
            })
            .await;
        let failed = |error| aws::failed(OPERATION, None, &error);
        answer.map(drop).map_err(failed)
    }
}
