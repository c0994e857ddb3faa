//! What a configuration has in AWS: its bucket and its wrapping key.

use std::time::Duration;

use super::bucket::BucketSettings;
use crate::backends::aws::{Aws, Caller};
use crate::backends::keyring::{self, WrappingKey};
use crate::backends::store::{Bucket, S3Store};
use crate::base::{Operation, Result};
use crate::client::deadline::within;
use crate::config::{Config, StoreAddress, WrappingKeyId};

/// The bucket and the wrapping key of a configuration, as far as they are in AWS.
///
/// # Examples
///
/// ```no_run
/// use lazycred::{Config, setup::Setup};
/// # async fn example() -> lazycred::Result<()> {
/// let config = Config::new("acme-secrets/prod/")?.with_region("eu-west-1");
/// let setup = Setup::load(&config).await?;
/// println!("{} things to do", setup.missing().await?.len());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Setup {
    pub(super) aws: Aws,
    pub(super) bucket: Option<BucketSettings>,
    /// The one in KMS.
    pub(super) wrapping_key: Option<WrappingKeyId>,
    pub(super) timeout: Duration,
}

impl Setup {
    /// Reads AWS's own configuration. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`](crate::Error::Usage) if nothing names a region.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example() -> lazycred::Result<()> {
    /// let config = lazycred::Config::from_variables(&lazycred::Variables::from_env()?)?;
    /// let setup = lazycred::setup::Setup::load(&config).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn load(config: &Config) -> Result<Self> {
        let aws = Aws::load(config).await?;
        let bucket = match &config.store {
            StoreAddress::S3 { bucket, prefix } => {
                let place = Bucket {
                    name: bucket.clone(),
                    prefix: prefix.clone(),
                    owner: config.bucket_owner.clone(),
                    sse: config.sse.clone(),
                };
                Some(BucketSettings {
                    name: bucket.clone(),
                    store: S3Store::new(place, aws.clone(), 0),
                    owner: config.bucket_owner.clone(),
                    timeout: config.timeout,
                })
            }
            StoreAddress::Folder(_) => None,
        };
        Ok(Self {
            aws,
            bucket,
            wrapping_key: config.in_kms().cloned(),
            timeout: config.timeout,
        })
    }

    /// Who the credentials belong to.
    ///
    /// # Errors
    ///
    /// [`Error::Aws`](crate::Error::Aws) or [`Error::TimedOut`](crate::Error::TimedOut).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// println!("credentials of {}", setup.caller().await?.arn);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn caller(&self) -> Result<Caller> {
        within(self.timeout, "look up the caller", self.aws.caller()).await
    }

    /// The bucket, where records are in S3.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// assert_eq!(setup.bucket().map(|bucket| bucket.name()), Some("acme-secrets"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn bucket(&self) -> Option<&BucketSettings> {
        self.bucket.as_ref()
    }

    /// The configured wrapping key, as KMS describes it; `None` if it is local,
    /// or if KMS has none of this name.
    ///
    /// # Errors
    ///
    /// [`Error::Aws`](crate::Error::Aws) or [`Error::TimedOut`](crate::Error::TimedOut).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// let found = setup.wrapping_key().await?;
    /// println!("{}", found.map_or("none".into(), |found| found.arn));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wrapping_key(&self) -> Result<Option<WrappingKey>> {
        let Some(id) = &self.wrapping_key else {
            return Ok(None);
        };
        let work = keyring::look_up(&self.aws, id);
        within(self.timeout, "look up the wrapping key", work).await
    }

    /// Whether KMS makes new key material for a wrapping key each year.
    ///
    /// # Errors
    ///
    /// [`Error::Aws`](crate::Error::Aws) or [`Error::TimedOut`](crate::Error::TimedOut).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// if let Some(found) = setup.wrapping_key().await? {
    ///     println!("rotated: {}", setup.rotates(&found.arn).await?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn rotates(&self, arn: &str) -> Result<bool> {
        let work = keyring::rotation(&self.aws, arn);
        within(self.timeout, "read the wrapping key's rotation", work).await
    }

    /// The region of the bucket, unless S3 says otherwise.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// assert_eq!(setup.bucket_region(), Some("eu-west-1"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn bucket_region(&self) -> Option<&str> {
        self.aws.bucket_region()
    }

    /// The region of the wrapping key.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// assert_eq!(setup.wrapping_region(), Some("eu-west-1"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn wrapping_region(&self) -> Option<&str> {
        self.aws.wrapping_region()
    }

    /// What ARNs start with here: `aws`, `aws-cn`, `aws-us-gov`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// let role = format!("arn:{}:iam::111122223333:role/web", setup.partition());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn partition(&self) -> &str {
        self.aws.partition()
    }

    /// Where requests to `S3`, `KMS` or `STS` go, if not to AWS.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// assert_eq!(setup.endpoint("S3").as_deref(), Some("http://localhost:5000"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn endpoint(&self, service: &str) -> Option<String> {
        self.aws.endpoint(service)
    }
}

impl Setup {
    /// What sets the endpoint of `S3`, `KMS` or `STS`: a variable's name, or a profile
    /// in words. `None` if it is AWS's own.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// assert_eq!(setup.endpoint_source("S3").as_deref(), Some("AWS_ENDPOINT_URL"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn endpoint_source(&self, service: &str) -> Option<String> {
        self.aws.endpoint_source(service)
    }

    /// What to do if AWS answers an operation with this code and these words.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// use lazycred::Operation;
    /// let remedy = setup.remedy(Operation::List, "NoSuchBucket", "");
    /// assert!(remedy.contains("lazycred init --create"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn remedy(&self, operation: Operation, code: &str, words: &str) -> String {
        let failed = self.aws.answered(operation, None, code, words.to_owned());
        failed.hint().unwrap_or_default()
    }
}

/// Whether anything of a configuration is in AWS.
///
/// # Examples
///
/// ```
/// use lazycred::{Config, setup::is_in_aws};
/// let config = Config::new("file:/srv/secrets/")?.with_wrapping_key("local:dev")?;
/// assert!(!is_in_aws(&config));
/// # Ok::<(), lazycred::Error>(())
/// ```
#[must_use]
pub fn is_in_aws(config: &Config) -> bool {
    matches!(config.store, StoreAddress::S3 { .. }) || config.in_kms().is_some()
}
