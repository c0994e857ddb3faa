//! Makes the provider of credentials for a source.

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};

use super::check_credentials::Checked;
use super::container::Container;
use super::credential_process::{Hidden, ProcessProvider};
use super::fault::CredentialsFault;
use super::instance::Instance;
use super::plan::{Base, Plan};
use super::preconnect::Sts;
use super::profile::Profiles;
use super::roles;
use super::sso::{self, Sso};
use super::web_identity::WebIdentity;
use crate::backends::http::Clients;
use crate::base::{OneLine, shell_word};

/// The provider of a plan's credentials; `sdk` configures the clients that it asks
/// with, `clients` has their connections.
pub(super) async fn provider(
    plan: Plan,
    profiles: &Profiles,
    sdk: &SdkConfig,
    clients: &Clients,
) -> SharedCredentialsProvider {
    let sts = Sts::new(sdk, clients);
    let renewal = plan.renewal();
    let Plan { base, mut roles } = plan;
    let shared = match base {
        Base::Variables => {
            let provider = EnvironmentVariableCredentialsProvider::new();
            // Read now: later on, another thread of the caller may be changing them.
            match provider.provide_credentials().await {
                Ok(credentials) => SharedCredentialsProvider::new(credentials),
                Err(_) => SharedCredentialsProvider::new(provider),
            }
        }
        Base::Static { credentials, .. } => SharedCredentialsProvider::new(credentials),
        Base::Process {
            profile,
            command,
            account,
        } => SharedCredentialsProvider::new(ProcessProvider {
            profile,
            command: Hidden(command),
            account,
        }),
        Base::Sso { profile } => SharedCredentialsProvider::new(Sso {
            sdk: ProfileFileCredentialsProvider::builder()
                .configure(&provider_config(sdk))
                .profile_files(profiles.files.both.clone())
                .profile_name(profiles.name())
                .build(),
            cache: sso::cache(profiles, &profile),
            profile,
            roles: std::mem::take(&mut roles),
        }),
        Base::WebIdentity(token) => SharedCredentialsProvider::new(WebIdentity::new(token, sdk)),
        Base::Container => SharedCredentialsProvider::new(Container::new(&provider_config(sdk))),
        Base::Instance(metadata) => {
            SharedCredentialsProvider::new(Instance::new(metadata, provider_config(sdk)))
        }
        Base::Login { profile } => {
            let (shown, word) = (OneLine(&profile), shell_word(&profile));
            SharedCredentialsProvider::new(Never {
                message: format!(
                    "the AWS profile `{shown}` uses `login_session`, which lazycred does not support"
                ),
                hint: format!(
                    "choose another profile with `credential_process = aws configure export-credentials --profile {word} --format process`"
                ),
            })
        }
        Base::Nowhere(looked_at) => SharedCredentialsProvider::new(Never {
            message: format!("no credentials: {looked_at}"),
            hint: renewal.clone(),
        }),
    };
    let given = roles::assumed(shared, roles, &renewal, &sts).await;
    SharedCredentialsProvider::new(Checked { given, renewal })
}

fn provider_config(sdk: &SdkConfig) -> ProviderConfig {
    let mut config = ProviderConfig::without_region()
        .with_behavior_version(Some(BehaviorVersion::latest()))
        .with_region(sdk.region().cloned())
        .with_use_fips(sdk.use_fips())
        .with_use_dual_stack(sdk.use_dual_stack());
    if let Some(client) = sdk.http_client() {
        config = config.with_http_client(client);
    }
    if let Some(retry) = sdk.retry_config() {
        config = config.with_retry_config(retry.clone());
    }
    if let Some(timeout) = sdk.timeout_config() {
        config = config.with_timeout_config(timeout.clone());
    }
    config
}

/// A source that cannot give credentials.
#[derive(Debug)]
struct Never {
    message: String,
    hint: String,
}

impl ProvideCredentials for Never {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let fault = CredentialsFault::new(&*self.message, &*self.hint);
        future::ProvideCredentials::ready(Err(fault.into()))
    }
}
