//! Access to AWS: one HTTP client for all services, credentials from the SDK's
//! default chain, endpoints as in AWS's own tools, and one rule of retries.
//!
//! Builds the clients for S3, KMS and STS, and explains their errors. It knows no
//! records and no secrets, and sends nothing before the first request or dial.

mod access_point;
mod ask;
mod chain;
mod check_credentials;
mod checksums;
mod clock;
mod container;
mod credential_process;
mod endpoint;
mod errors;
mod failed;
mod fault;
mod instance;
mod known;
mod load;
mod log_request;
mod partition;
mod patience;
mod plan;
pub(crate) mod policy;
mod preconnect;
mod profile;
mod profile_chain;
mod profile_files;
mod retry;
mod roles;
mod shown;
mod sources;
mod sso;
mod token_file;
mod variables;
mod web_identity;
mod words;

use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::retry::RetryPartition;
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};

pub use self::errors::{On, permission};
pub(crate) use self::errors::{cause, few, region_named, share, strange};
use self::known::Known;
pub(crate) use self::log_request::Answer;
pub(crate) use self::partition::of_arn as partition_of_arn;
use self::retry::Retries;
pub(crate) use self::retry::{Throttles, until};
use crate::backends::http::{self, Clients};
use crate::base::{Error, Operation, Result, Secret};
use crate::config::{Config, Network, StoreAddress, WrappingKeyId};

/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(3);

/// How much larger than its record a response may be, in bytes.
const ENVELOPE: usize = 1 << 20;

/// AWS, configured; nothing has been sent yet.
#[derive(Debug, Clone)]
pub(crate) struct Aws {
    sdk: SdkConfig,
    clients: Clients,
    bucket_region: Option<String>,
    wrapping_region: Option<String>,
    /// Whether an access point stands for the bucket.
    is_access_point: bool,
    /// The partition in a configured ARN.
    partition: Option<String>,
    retries: Retries,
    bucket: Option<String>,
    /// The profile that a flag or the configuration chose.
    chosen: Option<String>,
    /// The profile in use; none if nothing is read from profiles.
    profile: Option<String>,
    /// Whether there are profiles whose settings may apply.
    has_profiles: bool,
    /// The endpoints that were looked up.
    endpoints: Vec<Known>,
    /// How to get fresh credentials, if they are of AWS's own chain.
    renewal: Option<Arc<str>>,
    /// Where the credentials come from, in words, if anything gives any.
    source: Option<Arc<str>>,
    /// The services that are asked for credentials.
    credential_services: &'static [&'static str],
}

/// The HTTP clients for a configuration.
fn clients(network: Network, config: &Config) -> Clients {
    http::clients(network, config.max_record() + ENVELOPE)
}

/// The account and identity behind the credentials.
///
/// # Examples
///
/// ```no_run
/// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
/// let caller = setup.caller().await?;
/// println!("{} of account {}", caller.arn, caller.account);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Caller {
    /// The account, twelve digits.
    pub account: String,
    /// The ARN of the user or of the assumed role.
    pub arn: String,
}

impl Aws {
    /// Reads AWS's own variables and profile files, unless the configuration has
    /// credentials. Fails if there is no region, or if a value is unusable.
    pub(crate) async fn load(config: &Config) -> Result<Self> {
        let network = config.network.clone();
        if config.credentials.is_some() {
            return Self::given(config, clients(network, config));
        }
        let loaded = Box::pin(load::load(config, network)).await?;
        let mut aws = Self {
            renewal: Some(loaded.renewal.into()),
            source: loaded.source.map(Into::into),
            credential_services: loaded.services,
            profile: Some(loaded.profile),
            has_profiles: loaded.has_profiles,
            ..Self::new(loaded.sdk, loaded.clients, config)
        };
        let needs_bucket = matches!(config.store, StoreAddress::S3 { .. });
        let needs_wrapping = config
            .wrapping_key
            .as_ref()
            .is_none_or(|id| id.local_name().is_none());
        if (needs_bucket && aws.bucket_region.is_none())
            || (needs_wrapping && aws.wrapping_region.is_none())
        {
            let without_aws = if needs_bucket {
                ""
            } else {
                "; a wrapping key in your home, which needs no AWS, has a `key_alias` such as `local:dev`"
            };
            return Err(Error::usage_hint(
                "no region: set it in the configuration, AWS_REGION or the AWS profile",
                format!(
                    "pass --region REGION, or add \"region\" to {}{without_aws}",
                    config.where_to_add()
                ),
            ));
        }
        aws.endpoints = aws.check_endpoints()?;
        let services = [("S3", needs_bucket), ("KMS", needs_wrapping)];
        let services = services.iter().filter(|(_, needed)| *needed);
        let services: Vec<&str> = services.map(|(service, _)| *service).collect();
        aws.check_kinds(&services)?;
        aws.check_proxy(config)?;
        if needs_bucket {
            aws.check_access_point(config)?;
            aws.check_checksums()?;
        }
        aws.check_endpoints_of_credentials(loaded.services)?;
        Ok(aws)
    }

    /// Uses the configured credentials and region, and reads no variable and no file.
    fn given(config: &Config, clients: Clients) -> Result<Self> {
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
        let aws = Self::new(sdk, clients, config);
        aws.check_proxy(config)?;
        aws.check_access_point(config)?;
        Ok(aws)
    }

    fn new(sdk: SdkConfig, clients: Clients, config: &Config) -> Self {
        let region = sdk.region().map(ToString::to_string);
        let wrapping_key = config.wrapping_key.as_ref();
        let of_arn = wrapping_key.and_then(WrappingKeyId::region);
        let wrapping_region = of_arn.map(str::to_owned).or(region.clone());
        let access_point = config.access_point();
        let of_arn = access_point.map(|point| point.region.to_owned());
        let bucket_region = of_arn.or(config.bucket_region.clone()).or(region);
        Self {
            is_access_point: access_point.is_some(),
            partition: partition::configured(config),
            retries: Retries {
                attempts: config.attempts,
                limit: config.timeout,
                throttles: Throttles::default(),
            },
            bucket: match &config.store {
                StoreAddress::S3 { bucket, .. } => Some(bucket.clone()),
                StoreAddress::Folder(_) => None,
            },
            chosen: config.profile.clone(),
            profile: None,
            has_profiles: true,
            endpoints: Vec::new(),
            sdk,
            clients,
            bucket_region: bucket_region.or(wrapping_region.clone()),
            wrapping_region,
            renewal: None,
            source: Some("the configuration".into()),
            credential_services: &[],
        }
    }

    /// A client for S3, in `region` or else in the bucket's.
    pub(crate) fn s3(&self, region: Option<&str>) -> aws_sdk_s3::Client {
        let mut builder = aws_sdk_s3::config::Builder::from(&self.sdk)
            .http_client(self.clients.services.clone())
            .retry_config(RetryConfig::disabled())
            .retry_partition(unshared());
        builder.set_region(
            region
                .or(self.bucket_region.as_deref())
                .map(|region| Region::new(region.to_owned())),
        );
        let endpoint = self.endpoint_of_s3();
        let elsewhere = endpoint.is_some();
        builder.set_endpoint_url(endpoint);
        builder.set_force_path_style(self.uses_path_style().then_some(true));
        self.set_checksums(&mut builder, elsewhere);
        aws_sdk_s3::Client::from_conf(builder.build())
    }

    /// A client for KMS in the wrapping key's region.
    pub(crate) fn kms(&self) -> aws_sdk_kms::Client {
        let mut builder = aws_sdk_kms::config::Builder::from(&self.sdk)
            .http_client(self.clients.services.clone())
            .retry_config(RetryConfig::disabled())
            .retry_partition(unshared());
        builder.set_endpoint_url(self.endpoint("KMS"));
        builder.set_region(self.wrapping_region.clone().map(Region::new));
        aws_sdk_kms::Client::from_conf(builder.build())
    }

    /// The same, with KMS in the bucket's region.
    pub(crate) fn with_kms_beside_bucket(&self) -> Self {
        Self {
            wrapping_region: self.bucket_region.clone(),
            ..self.clone()
        }
    }

    /// A client for STS in the wrapping key's region.
    pub(crate) fn sts(&self) -> aws_sdk_sts::Client {
        let mut builder = aws_sdk_sts::config::Builder::from(&self.sdk)
            .http_client(self.clients.services.clone())
            .retry_config(RetryConfig::disabled())
            .retry_partition(unshared());
        builder.set_endpoint_url(self.endpoint("STS"));
        builder.set_region(
            self.wrapping_region
                .clone()
                .or(self.bucket_region.clone())
                .map(Region::new),
        );
        aws_sdk_sts::Client::from_conf(builder.build())
    }

    /// Asks STS who the caller is.
    pub(crate) async fn caller(&self) -> Result<Caller> {
        const OPERATION: Operation = Operation::Identify;
        let client = self.sts();
        let request = || client.get_caller_identity().send();
        let answer = self
            .ask("GetCallerIdentity", &"of the caller", request)
            .await;
        let output = answer.map_err(|error| self.failed(OPERATION, None, &error))?;
        let nobody = || strange(OPERATION, None, "STS answered without an account");
        let account = output.account.ok_or_else(nobody)?;
        if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            let none = "STS answered with something that is no account";
            return Err(strange(OPERATION, None, none));
        }
        Ok(Caller {
            account,
            arn: output.arn.unwrap_or_default(),
        })
    }

    /// The partition of new ARNs: that of the configured ones, else the region's.
    pub(crate) fn partition(&self) -> &str {
        let region = self.wrapping_region().or(self.bucket_region());
        let of_region = || partition::of_region(region.unwrap_or_default());
        self.partition.as_deref().unwrap_or_else(of_region)
    }

    /// How often AWS throttled a request.
    pub(crate) fn throttles(&self) -> &Throttles {
        &self.retries.throttles
    }

    /// The bucket's configured region; S3 may name another.
    pub(crate) fn bucket_region(&self) -> Option<&str> {
        self.bucket_region.as_deref()
    }

    /// The wrapping key's region.
    pub(crate) fn wrapping_region(&self) -> Option<&str> {
        self.wrapping_region.as_deref()
    }
}

#[cfg(test)]
impl Aws {
    /// AWS at a local endpoint, with one attempt and fake credentials.
    pub(crate) fn at(endpoint: String) -> Self {
        let config = Config::new("acme/").expect("a bucket");
        let mut config =
            config
                .with_region("us-east-1")
                .with_credentials("AKIDEXAMPLE", "secret", None);
        config.attempts = 1;
        let clients = http::clients(crate::config::Network::default(), ENVELOPE);
        let aws = Self::given(&config, clients).expect("all is given");
        let sdk = aws.sdk.into_builder().endpoint_url(endpoint).build();
        Self { sdk, ..aws }
    }
}

/// What a client remembers of its retries, for itself alone. By default all clients
/// share it under one lock, which hangs a child that is forked while another thread has
/// it.
fn unshared() -> RetryPartition {
    RetryPartition::custom("lazycred").build()
}

#[cfg(test)]
mod tests;
