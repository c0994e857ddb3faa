//! Credentials of IAM Identity Center: the SDK's own provider, in clearer words.

use std::error::Error;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, Result, future};
use aws_sdk_sts::error::SdkError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;

use super::errors::few;
use super::fault::{CredentialsFault, links, said, worded};
use super::plan::{Role, login};
use super::roles;
use crate::base::{OneLine, chain};

/// What the SDK says of a token: `SsoTokenProviderError::ExpiredToken`.
const EXPIRED: &str = "the SSO token has expired";

/// What it says of an answer that is no success.
const ANSWER: &str = "service error";

/// Credentials of a profile of IAM Identity Center, and of roles assumed with them.
#[derive(Debug)]
pub(super) struct Sso {
    /// For the chosen profile.
    pub(super) sdk: ProfileFileCredentialsProvider,
    /// The profile that has the SSO session.
    pub(super) profile: String,
    pub(super) roles: Vec<Role>,
}

impl Sso {
    async fn credentials(&self) -> Result {
        let given = self.sdk.provide_credentials().await;
        given.map_err(|error| self.explained(error))
    }

    fn explained(&self, error: CredentialsError) -> CredentialsError {
        let shown = OneLine(&self.profile);
        let renewal = login(&self.profile);
        let of_sts = links(&error).find_map(<dyn Error>::downcast_ref::<SdkError<AssumeRoleError>>);
        if let Some(said) = of_sts.map(|refused| chain(refused)) {
            let named = |role: &&Role| said.contains(&role.arn);
            let role = self.roles.iter().find(named).or(self.roles.last());
            if let Some(role) = role {
                return roles::explained(error, role, &renewal);
            }
        }
        let error = match worded(error, || {
            format!("the SSO credentials of the AWS profile `{shown}`")
        }) {
            Ok(error) => return error,
            Err(error) => error,
        };
        let whole = chain(&error);
        // Before anything was asked, there is only the token to fail for.
        let is_of_token =
            matches!(error, CredentialsError::ProviderError(_)) && !whole.contains(ANSWER);
        let says = |words: &str| whole.contains(words);
        let (message, hint) = match () {
            () if says(EXPIRED) || says("UnauthorizedException") => (
                format!("the SSO session of the AWS profile `{shown}` has expired"),
                renewal,
            ),
            () if is_of_token => (
                format!("the AWS profile `{shown}` has no usable SSO session"),
                renewal,
            ),
            () if says("ForbiddenException") || says("ResourceNotFoundException") => (
                format!("the SSO user may not have the role of the AWS profile `{shown}`"),
                format!(
                    "{renewal}; if that changes nothing, check `sso_account_id` and `sso_role_name`, and that the role is assigned to you"
                ),
            ),
            () => (
                format!(
                    "the SSO credentials of the AWS profile `{shown}` cannot be loaded: {}",
                    few(&said(&error))
                ),
                format!("{renewal}, and check the profile's `sso_` members"),
            ),
        };
        CredentialsFault::new(message, hint).into()
    }
}

impl ProvideCredentials for Sso {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}
