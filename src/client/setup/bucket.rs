//! A bucket and its settings, as S3 reports them.

use std::time::Duration;

use crate::backends::aws::policy::demands_tls;
use crate::backends::store::{BucketState, S3Store};
use crate::base::Result;
use crate::client::deadline::within;

/// The bucket of a configuration: whether it is there, and how it is set.
///
/// # Examples
///
/// ```no_run
/// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
/// if let Some(bucket) = setup.bucket() {
///     println!("{}: versions {}", bucket.name(), bucket.is_versioned().await?);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct BucketSettings {
    pub(super) name: String,
    pub(super) store: S3Store,
    /// The account that must own it.
    pub(super) owner: Option<String>,
    pub(super) timeout: Duration,
}

impl BucketSettings {
    /// The bucket's name.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// if let Some(bucket) = setup.bucket() {
    ///     println!("s3://{}", bucket.name());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether there is such a bucket.
    ///
    /// # Errors
    ///
    /// [`Error::Aws`](crate::Error::Aws) or [`Error::TimedOut`](crate::Error::TimedOut).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// if let Some(bucket) = setup.bucket() {
    ///     println!("{:?}", bucket.state().await?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn state(&self) -> Result<BucketState> {
        let work = Box::pin(self.store.look());
        within(self.timeout, "look up the bucket", work).await
    }

    /// Whether it keeps versions.
    ///
    /// # Errors
    ///
    /// As [`BucketSettings::state`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// if let Some(bucket) = setup.bucket() {
    ///     assert!(bucket.is_versioned().await?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn is_versioned(&self) -> Result<bool> {
        let work = Box::pin(self.store.keeps_versions());
        within(self.timeout, "read the bucket's versioning", work).await
    }

    /// Whether nothing in it can be made public.
    ///
    /// # Errors
    ///
    /// As [`BucketSettings::state`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// if let Some(bucket) = setup.bucket() {
    ///     assert!(bucket.blocks_public_access().await?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn blocks_public_access(&self) -> Result<bool> {
        let work = Box::pin(self.store.blocks_public_access());
        within(self.timeout, "read the bucket's public access block", work).await
    }

    /// Whether its policy refuses requests without TLS.
    ///
    /// # Errors
    ///
    /// As [`BucketSettings::state`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// if let Some(bucket) = setup.bucket() {
    ///     assert!(bucket.requires_tls().await?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn requires_tls(&self) -> Result<bool> {
        let policy = self.policy().await?;
        Ok(policy.is_some_and(|document| demands_tls(&document)))
    }

    pub(super) async fn policy(&self) -> Result<Option<String>> {
        let work = Box::pin(self.store.policy());
        within(self.timeout, "read the bucket's policy", work).await
    }

    pub(super) async fn is_owner_enforced(&self) -> Result<bool> {
        let work = Box::pin(self.store.is_owner_enforced());
        within(self.timeout, "read the bucket's ownership controls", work).await
    }
}
