//! Credentials for a web identity, such as a service account of EKS (IRSA) or a CI
//! job: STS exchanges its token for a role.
//!
//! The SDK's own provider reads the token file without a limit, and its errors name
//! neither the file nor the role.

use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, future};
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};

use super::errors::cause;
use super::fault::{CredentialsFault, worded};
use super::patience::{Patience, throttled};
use super::plan::TokenOf;
use super::roles::of_sts_itself;
use super::token_file;
use crate::base::OneLine;

#[derive(Debug)]
pub(super) struct WebIdentity {
    token: TokenOf,
    sts: aws_sdk_sts::Client,
}

impl WebIdentity {
    /// `sdk` configures the STS client.
    pub(super) fn new(token: TokenOf, sdk: &SdkConfig) -> Self {
        let sts = aws_sdk_sts::Client::new(sdk);
        Self { token, sts }
    }

    async fn credentials(&self) -> provider::Result {
        let TokenOf {
            file,
            named_by,
            role,
            session_name,
        } = &self.token;
        let token = token_file::read(file, named_by, "the platform (EKS, the CI)")?;
        let mut patience = Patience::new("AssumeRoleWithWebIdentity");
        let answer = loop {
            let request = self.sts.assume_role_with_web_identity();
            let request = request.role_arn(role).role_session_name(session_name);
            let answer = request.web_identity_token(token.as_str()).send().await;
            let Some(response) = answer.as_ref().err().and_then(throttled) else {
                break answer;
            };
            drop(answer);
            patience.wait(response).await;
        };
        patience.end();
        let given = answer.map_err(|error| self.refused(error))?.credentials;
        let given = given.ok_or_else(|| CredentialsError::unhandled("STS gave none"))?;
        let mut credentials = Credentials::builder()
            .access_key_id(given.access_key_id)
            .secret_access_key(given.secret_access_key)
            .session_token(given.session_token)
            .provider_name("WebIdentityToken");
        credentials.set_expiry(SystemTime::try_from(given.expiration).ok());
        Ok(credentials.build())
    }

    fn refused<E>(&self, error: SdkError<E>) -> CredentialsError
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let role = OneLine(&self.token.role);
        let file = OneLine(self.token.file.to_string_lossy());
        let SdkError::ServiceError(answer) = &error else {
            let error = CredentialsError::provider_error(error);
            return worded(error, || format!("the role `{role}` from STS"))
                .unwrap_or_else(|error| error);
        };
        let status = answer.raw().status().as_u16();
        let general = of_sts_itself(answer.err().code(), Some(status));
        let hint = general.unwrap_or_else(|| match answer.err().code() {
            Some("ExpiredTokenException") => {
                "the token has expired; whoever writes the file (EKS, the CI) must renew it".into()
            }
            Some("AccessDenied") => format!(
                "the trust policy of `{role}` must allow sts:AssumeRoleWithWebIdentity for the token's issuer, subject and audience"
            ),
            Some("InvalidIdentityToken") => {
                "IAM must know the token's issuer as an OIDC identity provider, in the role's account and for the token's audience".into()
            }
            Some("IDPCommunicationError") => {
                "AWS must be able to reach the token's issuer; try again".into()
            }
            _ => format!("check {} and the role's ARN", self.token.named_by),
        });
        let said = cause(&error);
        let message =
            format!("STS refuses the role `{role}` to the web identity token `{file}`: {said}");
        CredentialsFault::new(message, hint).into()
    }
}

impl ProvideCredentials for WebIdentity {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}
