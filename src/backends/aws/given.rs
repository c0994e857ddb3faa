//! AWS as the caller configures it: no variable and no file is read.

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};

use super::{Aws, CONNECT};
use crate::backends::http::Clients;
use crate::base::{Error, Result, Secret};
use crate::config::{Config, WrappingKeyId};

impl Aws {
    /// Uses the credentials and the region of a configuration.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] without either.
    pub(super) fn given(config: &Config, clients: &Clients) -> Result<Self> {
        let (Some(given), Some(region)) = (&config.credentials, &config.region) else {
            return Err(Error::usage("credentials need a region too"));
        };
        let text = |secret: &Secret| String::from_utf8_lossy(secret.as_bytes()).into_owned();
        let (secret, session) = (text(&given.secret), given.session.as_ref().map(text));
        let credentials = Credentials::new(&given.id, secret, session, None, "Config");
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(clients.credentials.clone())
            .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT).build())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .retry_config(RetryConfig::standard().with_max_attempts(config.attempts))
            .build();
        let of_arn = config.wrapping_key.as_ref().and_then(WrappingKeyId::region);
        Ok(Self {
            sdk,
            clients: clients.clone(),
            partition: super::partition::configured(config),
            bucket_region: config.bucket_region.as_ref().or(Some(region)).cloned(),
            wrapping_region: of_arn.or(Some(region)).map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backends::http;
    use crate::config::Network;

    #[test]
    fn what_is_given_is_all_that_counts() {
        let config = Config::new("acme/").unwrap();
        let config = config.with_credentials("id", "hunter2", Some("hunter3".into()));
        let clients = http::clients(Network::default(), 1);
        let alone = Aws::given(&config, &clients).unwrap_err();
        assert_eq!(alone.exit_code(), 2);
        let arn = "arn:aws:kms:eu-central-1:111122223333:key/1";
        let config = config.with_region("eu-west-1").with_wrapping_key(arn);
        let aws = Aws::given(&config.unwrap(), &clients).unwrap();
        assert!(aws.sdk.service_config().is_none());
        for service in ["S3", "KMS", "STS"] {
            assert_eq!(aws.endpoint(service), None, "{service}");
        }
        assert_eq!(aws.bucket_region(), Some("eu-west-1"));
        assert_eq!(aws.wrapping_region(), Some("eu-central-1"));
    }
}
