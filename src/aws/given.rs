//! AWS by what the caller gives alone: no variable and no file is looked at.

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};

use super::{Aws, CONNECT};
use crate::config::{Config, WrappingKeyId};
use crate::http::Clients;
use crate::secret::Secret;

/// The credentials that a configuration gives.
pub(super) fn credentials(config: &Config) -> Option<Credentials> {
    let given = config.credentials.as_ref()?;
    let text = |secret: &Secret| String::from_utf8_lossy(secret.as_bytes()).into_owned();
    let session = given.session.as_ref().map(text);
    let secret = text(&given.secret);
    Some(Credentials::new(&given.id, secret, session, None, "Config"))
}

impl Aws {
    /// What a configuration gives, if it gives both credentials and a region.
    pub(super) fn given(config: &Config, clients: &Clients) -> Option<Self> {
        let (credentials, region) = (credentials(config)?, config.region.as_ref()?);
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
        Some(Self {
            sdk,
            clients: clients.clone(),
            bucket_region: config.bucket_region.as_ref().or(Some(region)).cloned(),
            wrapping_region: of_arn.or(Some(region)).map(str::to_owned),
        })
    }
}
