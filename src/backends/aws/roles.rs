//! Roles that are assumed with the credentials of another source.

use aws_config::SdkConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{
    ProvideCredentials, Result, SharedCredentialsProvider, future,
};
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;

use super::errors::cause;
use super::fault::{CredentialsFault, links, worded};
use super::plan::Role;
use crate::base::OneLine;

/// Credentials of a role.
#[derive(Debug)]
struct Assumed {
    by_sts: AssumeRoleProvider,
    role: Role,
    /// How to get fresh credentials to assume it with.
    renewal: String,
}

/// Assumes roles in turn, first with the credentials of `provider`; `sdk` configures
/// the STS client.
pub(super) async fn assumed(
    mut provider: SharedCredentialsProvider,
    roles: Vec<Role>,
    renewal: &str,
    sdk: &SdkConfig,
) -> SharedCredentialsProvider {
    for role in roles {
        let mut builder = AssumeRoleProvider::builder(&role.arn).configure(sdk);
        if let Some(id) = &role.external_id {
            builder = builder.external_id(id);
        }
        if let Some(name) = &role.session_name {
            builder = builder.session_name(name);
        }
        provider = SharedCredentialsProvider::new(Assumed {
            by_sts: builder.build_from_provider(provider).await,
            role,
            renewal: renewal.to_owned(),
        });
    }
    provider
}

/// The error for a role that STS refuses, in our own words.
pub(super) fn explained(error: CredentialsError, role: &Role, renewal: &str) -> CredentialsError {
    let arn = OneLine(&role.arn);
    let refused = links(&error).find_map(<dyn std::error::Error>::downcast_ref);
    let refused: Option<&SdkError<AssumeRoleError>> = refused;
    let Some(answer) = refused.filter(|error| matches!(error, SdkError::ServiceError(_))) else {
        return worded(error, || format!("the role `{arn}` from STS"))
            .unwrap_or_else(|error| error);
    };
    let hint = match answer.code() {
        Some("ExpiredToken" | "ExpiredTokenException") => {
            format!("the credentials that should assume it have expired; {renewal}")
        }
        Some("InvalidClientTokenId" | "SignatureDoesNotMatch" | "UnrecognizedClientException") => {
            format!("AWS does not know the credentials that should assume it; {renewal}")
        }
        Some("AccessDenied" | "AccessDeniedException") => {
            format!("allow sts:AssumeRole on {arn}, and check its trust policy")
        }
        _ => format!(
            "check `role_arn` of the AWS profile `{}`",
            OneLine(&role.profile)
        ),
    };
    let message = format!(
        "STS refuses the role `{arn}` of the AWS profile `{}`: {}",
        OneLine(&role.profile),
        cause(answer)
    );
    CredentialsFault::new(message, hint).into()
}

impl Assumed {
    async fn credentials(&self) -> Result {
        let given = self.by_sts.provide_credentials().await;
        given.map_err(|error| explained(error, &self.role, &self.renewal))
    }
}

impl ProvideCredentials for Assumed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}
