//! Creates the bucket, and configures it to store secrets.
//!
//! `setup` checks whether it is configured that way already.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration, ObjectOwnership,
    OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration,
    VersioningConfiguration,
};

use super::requests::{S3Store, request};
use crate::base::{Error, Operation, Result};

/// No code means that there is nothing to set.
const NEVER: &str = "";

impl S3Store {
    /// Creates the bucket in its configured region.
    pub(crate) async fn make(&self) -> Result<()> {
        let region = self.aws.bucket_region();
        let region = region.filter(|region| *region != "us-east-1");
        let place = region.map(|region| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(region))
                .build()
        });
        let request = |client: Client| {
            let request = client.create_bucket().bucket(&self.bucket.name);
            request
                .object_ownership(ObjectOwnership::BucketOwnerEnforced)
                .set_create_bucket_configuration(place.clone())
                .send()
        };
        let operation = (Operation::MakeBucket, "CreateBucket");
        // The first attempt's response was lost.
        let made = "BucketAlreadyOwnedByYou";
        self.about(operation, made, request).await.map(drop)
    }

    /// Turns on versioning.
    pub(crate) async fn keep_versions(&self) -> Result<()> {
        let enabled = VersioningConfiguration::builder()
            .status(BucketVersioningStatus::Enabled)
            .build();
        let request = |client: Client| {
            let request = request!(self, client.put_bucket_versioning);
            request.versioning_configuration(enabled.clone()).send()
        };
        let operation = (Operation::KeepVersions, "PutBucketVersioning");
        self.about(operation, NEVER, request).await.map(drop)
    }

    /// Blocks all public access to the bucket.
    pub(crate) async fn block_public_access(&self) -> Result<()> {
        let all = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true)
            .build();
        let request = |client: Client| {
            let request = request!(self, client.put_public_access_block);
            request
                .public_access_block_configuration(all.clone())
                .send()
        };
        let operation = (Operation::BlockPublicAccess, "PutPublicAccessBlock");
        self.about(operation, NEVER, request).await.map(drop)
    }

    /// Replaces the bucket's policy.
    pub(crate) async fn set_policy(&self, document: &str) -> Result<()> {
        let request = |client: Client| {
            let request = request!(self, client.put_bucket_policy);
            request.policy(document).send()
        };
        let operation = (Operation::SetPolicy, "PutBucketPolicy");
        self.about(operation, NEVER, request).await.map(drop)
    }

    /// Makes the bucket's owner the owner of everything in it.
    pub(crate) async fn enforce_owner(&self) -> Result<()> {
        let rule = OwnershipControlsRule::builder()
            .object_ownership(ObjectOwnership::BucketOwnerEnforced)
            .build();
        let controls = rule.and_then(|rule| OwnershipControls::builder().rules(rule).build());
        let controls = controls.map_err(|error| Error::usage(error.to_string()))?;
        let request = |client: Client| {
            let request = request!(self, client.put_bucket_ownership_controls);
            request.ownership_controls(controls.clone()).send()
        };
        let operation = (Operation::EnforceOwner, "PutBucketOwnershipControls");
        self.about(operation, NEVER, request).await.map(drop)
    }
}
