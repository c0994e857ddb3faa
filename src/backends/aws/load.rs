//! Reads AWS's own settings: variables and profiles, and the source of credentials
//! that they lead to.

use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};

use super::{CONNECT, chain, clients, profile, sources, variables};
use crate::backends::http::Clients;
use crate::base::Result;
use crate::config::{Config, Network};

/// What AWS's own settings give.
pub(super) struct Loaded {
    pub(super) sdk: SdkConfig,
    pub(super) clients: Clients,
    /// The services that are asked for credentials.
    pub(super) services: &'static [&'static str],
    /// Where the credentials come from, in words, if anything gives any.
    pub(super) source: Option<String>,
    /// How to get fresh credentials, as the end of a hint.
    pub(super) renewal: String,
    /// Whether there are AWS profiles at all.
    pub(super) has_profiles: bool,
    /// The profile in use.
    pub(super) profile: String,
}

/// Reads all settings. Fails if one cannot be used.
pub(super) async fn load(config: &Config, mut network: Network) -> Result<Loaded> {
    variables::check()?;
    let profiles = Box::pin(profile::load(config.profile.as_deref())).await?;
    let plan = chain::choose(&profiles)?;
    if network.ca_bundle.is_none()
        && let Some(bundle) = profiles.ca_bundle()
    {
        network.ca_bundle = Some(bundle);
        network.ca_bundle_profile = Some(profiles.name().to_owned());
    }
    let metadata = profiles.metadata_endpoint();
    network.credential_endpoints.extend(metadata);
    let clients = clients(network, config);
    let services = plan.services();
    let source = plan.source();
    let renewal = plan.renewal();
    let files = &profiles.files.both;
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(clients.credentials.clone())
        .profile_files(files.clone())
        .profile_name(profiles.name())
        .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT).build())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .retry_config(RetryConfig::standard().with_max_attempts(config.attempts))
        .no_credentials()
        .identity_cache(
            // The caller's own timeout comes first.
            IdentityCache::lazy()
                .load_timeout(config.timeout + CONNECT)
                .build(),
        );
    loader = match &config.region {
        Some(region) => loader.region(Region::new(region.clone())),
        None => loader.region(
            ProfileFileRegionProvider::builder()
                .profile_files(files.clone())
                .profile_name(profiles.name())
                .build(),
        ),
    };
    let sdk = Box::pin(loader.load()).await;
    let provider = Box::pin(sources::provider(plan, &profiles, &sdk, &clients)).await;
    let sdk = sdk.into_builder().credentials_provider(provider).build();
    Ok(Loaded {
        sdk,
        clients,
        services,
        source,
        renewal,
        has_profiles: profiles.files.set.is_some(),
        profile: profiles.name().to_owned(),
    })
}
