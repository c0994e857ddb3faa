//! Read access to a configuration's values.

use std::path::Path;

use super::{AccessPoint, Config, FILE_NAME, StoreAddress, WrappingKeyId};
use crate::base::OneLine;

impl Config {
    /// Where records are kept.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::config::{Config, StoreAddress};
    /// let config = Config::new("file:secrets/")?;
    /// assert_eq!(config.store(), &StoreAddress::Folder("secrets/".into()));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn store(&self) -> &StoreAddress {
        &self.store
    }

    /// Whether it comes from a file in or above the working directory that nobody
    /// named: one that anybody may have put there.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!lazycred::Config::new("acme-secrets/prod/")?.was_found());
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn was_found(&self) -> bool {
        self.by_walk
    }

    /// The chosen environment of the configuration file.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(lazycred::Config::new("acme-secrets/prod/")?.environment(), None);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn environment(&self) -> Option<&str> {
        self.environment.as_deref()
    }

    /// Where a member is to be added, so that it applies: the end of a hint.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?;
    /// assert_eq!(config.where_to_add(), "`.lazycred`");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn where_to_add(&self) -> String {
        let file = match &self.file {
            Some(file) => file.clone(),
            None => format!("`{FILE_NAME}`"),
        };
        match self.environment() {
            Some(name) => format!("environment `{}` of {file}", OneLine(name)),
            None => file,
        }
    }

    /// The wrapping key, if one is configured.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?;
    /// assert_eq!(config.wrapping_key(), None);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn wrapping_key(&self) -> Option<&WrappingKeyId> {
        self.wrapping_key.as_ref()
    }

    /// The wrapping key, if it is in KMS.
    pub(crate) fn in_kms(&self) -> Option<&WrappingKeyId> {
        self.wrapping_key().filter(|id| id.local_name().is_none())
    }

    /// The region of the bucket, if the configuration gives one: an access point's ARN
    /// does.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("acme-secrets/prod/")?.with_region("eu-west-1");
    /// assert_eq!(config.region(), Some("eu-west-1"));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        let of_arn = self.access_point().map(|point| point.region);
        let of_bucket = of_arn.or(self.bucket_region.as_deref());
        of_bucket.or(self.region.as_deref())
    }

    /// Whether an access point stands for the bucket.
    ///
    /// # Examples
    ///
    /// ```
    /// let point = "arn:aws:s3:us-east-1:123456789012:accesspoint/acme/prod/";
    /// assert!(lazycred::Config::new(point)?.is_access_point());
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn is_access_point(&self) -> bool {
        self.access_point().is_some()
    }

    /// The access point that stands for the bucket, if one does.
    pub(crate) fn access_point(&self) -> Option<AccessPoint<'_>> {
        match &self.store {
            StoreAddress::S3 { bucket, .. } => AccessPoint::of(bucket),
            StoreAddress::Folder(_) => None,
        }
    }

    /// The folder of local wrapping keys' `lazycred/NAME.key`.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = lazycred::Config::new("file:secrets/")?.with_data_home("/srv/keys");
    /// assert_eq!(config.data_home(), Some("/srv/keys".as_ref()));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn data_home(&self) -> Option<&Path> {
        self.data_home.as_deref()
    }
}
