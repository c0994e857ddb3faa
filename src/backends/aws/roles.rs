//! Credentials from a profile's `credential_process`, and the roles assumed with
//! them, which the SDK's own chain handles differently.

use aws_config::SdkConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};

use super::credential_process::{Hidden, ProcessProvider};
use super::fault::CredentialsFault;
use super::profile::{Base, Role};

/// The credentials provider; `sdk` configures the STS client.
pub(super) async fn provider(
    base: Base,
    roles: Vec<Role>,
    sdk: &SdkConfig,
) -> SharedCredentialsProvider {
    let mut provider = match base {
        Base::Process {
            profile,
            command,
            account,
        } => SharedCredentialsProvider::new(ProcessProvider {
            profile,
            command: Hidden(command),
            account,
        }),
        Base::Login { profile } => SharedCredentialsProvider::new(NoLogin(profile)),
    };
    for role in roles {
        let mut assumed = AssumeRoleProvider::builder(role.arn).configure(sdk);
        if let Some(id) = role.external_id {
            assumed = assumed.external_id(id);
        }
        if let Some(name) = role.session_name {
            assumed = assumed.session_name(name);
        }
        let assumed = assumed.build_from_provider(provider).await;
        provider = SharedCredentialsProvider::new(assumed);
    }
    provider
}

/// A profile of `aws login`.
#[derive(Debug)]
struct NoLogin(String);

impl ProvideCredentials for NoLogin {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let profile = self.0.clone();
        future::ProvideCredentials::ready(Err(CredentialsFault::Login { profile }.into()))
    }
}
