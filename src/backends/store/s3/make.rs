//! Making the bucket, and setting it as a store of secrets should be.
//!
//! Whether it is so already is in `setup`.

use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration, ObjectOwnership,
    OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration,
    VersioningConfiguration,
};

use super::requests::{S3Store, request};
use crate::base::{Error, Operation, Result};

impl S3Store {
    /// Makes the bucket, in the region that it is configured for.
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
        self.set(Operation::MakeBucket, "CreateBucket", |client| {
            client
                .create_bucket()
                .bucket(&self.bucket.name)
                .object_ownership(ObjectOwnership::BucketOwnerEnforced)
                .set_create_bucket_configuration(place.clone())
                .send()
        })
        .await
    }

    /// Has the bucket keep versions.
    pub(crate) async fn keep_versions(&self) -> Result<()> {
        let enabled = VersioningConfiguration::builder()
            .status(BucketVersioningStatus::Enabled)
            .build();
        self.set(Operation::KeepVersions, "PutBucketVersioning", |client| {
            request!(self, client.put_bucket_versioning)
                .versioning_configuration(enabled.clone())
                .send()
        })
        .await
    }

    /// Has nothing in the bucket be public.
    pub(crate) async fn block_public_access(&self) -> Result<()> {
        let all = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true)
            .build();
        self.set(
            Operation::BlockPublicAccess,
            "PutPublicAccessBlock",
            |client| {
                request!(self, client.put_public_access_block)
                    .public_access_block_configuration(all.clone())
                    .send()
            },
        )
        .await
    }

    /// Gives the bucket a policy in place of the one that it has.
    pub(crate) async fn set_policy(&self, document: &str) -> Result<()> {
        self.set(Operation::SetPolicy, "PutBucketPolicy", |client| {
            request!(self, client.put_bucket_policy)
                .policy(document)
                .send()
        })
        .await
    }

    /// Has all in the bucket belong to the bucket's owner.
    pub(crate) async fn enforce_owner(&self) -> Result<()> {
        let rule = OwnershipControlsRule::builder()
            .object_ownership(ObjectOwnership::BucketOwnerEnforced)
            .build();
        let controls = rule.and_then(|rule| OwnershipControls::builder().rules(rule).build());
        let controls = controls.map_err(|error| Error::usage(error.to_string()))?;
        self.set(
            Operation::EnforceOwner,
            "PutBucketOwnershipControls",
            |client| {
                request!(self, client.put_bucket_ownership_controls)
                    .ownership_controls(controls.clone())
                    .send()
            },
        )
        .await
    }
}
