//! Credentials of a container: ECS, EKS Pod Identity, or another server that
//! `AWS_CONTAINER_CREDENTIALS_FULL_URI` names.

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, Result, future};
use aws_types::os_shim_internal::Env;

use super::errors::few;
use super::fault::{CredentialsFault, readable, said, worded};
use super::token_file;
use super::variables::{CONTAINER, set};
use crate::base::OneLine;

/// Names the file with the token that the server wants.
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

/// What the SDK says of an answer that is no success, before the status.
const STATUS: &str = "Non-success status from HTTP credential provider: StatusCode(";

#[derive(Debug)]
pub(super) struct Container(EcsCredentialsProvider);

impl Container {
    pub(super) fn new(sdk: &ProviderConfig) -> Self {
        Self(EcsCredentialsProvider::builder().configure(sdk).build())
    }

    async fn credentials(&self) -> Result {
        // The SDK reads the file without a limit, whatever it is.
        if let Ok(file) = Env::real().get(TOKEN_FILE) {
            let writer = "the platform (EKS Pod Identity)";
            token_file::read(file.as_ref(), TOKEN_FILE, writer)?;
        }
        let given = self.0.provide_credentials().await;
        given.map_err(explained)
    }
}

fn explained(error: CredentialsError) -> CredentialsError {
    let [relative, full] = CONTAINER;
    let by = match set(relative) {
        Some(_) => relative,
        None => full,
    };
    let error = match worded(error, || {
        format!("the container's credentials, which {by} names")
    }) {
        Ok(error) => return error,
        Err(error) => error,
    };
    let said = said(&error);
    let status = said
        .split_once(STATUS)
        .and_then(|(_, rest)| rest.split_once(')'));
    let (what, hint) = match status.map(|(status, _)| status) {
        Some(status @ ("401" | "403")) => (
            format!("answers HTTP {status}"),
            match set(TOKEN_FILE) {
                Some(file) => format!("check the token file `{}`, named by {TOKEN_FILE}, and the role of the task or pod", OneLine(file)),
                None => format!("check the token ({TOKEN_FILE}, AWS_CONTAINER_AUTHORIZATION_TOKEN) and the role of the task or pod"),
            },
        ),
        // 429 is told as 503.
        Some("503") => (
            "answers HTTP 503 or 429, even when asked again".to_owned(),
            "it is busy; try again later".to_owned(),
        ),
        Some(status) if status.starts_with('5') => (
            format!("answers HTTP {status}"),
            "the failure is on its side; try again later".to_owned(),
        ),
        Some(status) => (
            format!("answers HTTP {status}"),
            format!("check {by} and the role of the task or pod; outside of ECS and EKS, unset it"),
        ),
        None if said.contains("failed to perform DNS lookup") => (
            "has a name that cannot be looked up".to_owned(),
            format!("check the spelling of {by}, the network and the nameservers in /etc/resolv.conf"),
        ),
        None if said.contains("invalid full URI") => (
            "is not one that may be asked".to_owned(),
            "it must be https://, or http:// to loopback, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]".to_owned(),
        ),
        None if said.contains("invalid relative URI") => (
            "is not a path".to_owned(),
            "it must start with `/`".to_owned(),
        ),
        None => (
            format!("gives no credentials: {}", few(readable(&said))),
            format!("check {by} and the role of the task or pod"),
        ),
    };
    let message = format!("the container's credentials endpoint, named by {by}, {what}");
    CredentialsFault::new(message, hint).into()
}

impl ProvideCredentials for Container {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}
