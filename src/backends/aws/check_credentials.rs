//! Checks credentials before they sign a request: the SDK panics on those that
//! are not valid in a header.

use aws_credential_types::Credentials;
use aws_credential_types::provider::{
    ProvideCredentials, Result, SharedCredentialsProvider, future,
};

use super::errors::no_credentials;
use super::fault::CredentialsFault;
use super::variables::unfit;
use crate::base::waiting;

/// Passes on another provider's credentials if they can sign a request.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) given: SharedCredentialsProvider,
    /// The AWS profile in use.
    pub(super) profile: String,
    /// Whether the instance's metadata (IMDS) may be asked for credentials.
    pub(super) metadata: bool,
}

impl Checked {
    async fn credentials(&self) -> Result {
        let waiting = waiting::on("credentials");
        let given = self.given.provide_credentials().await;
        drop(waiting);
        let credentials =
            given.map_err(|error| no_credentials(error, &self.profile, self.metadata))?;
        check(&credentials)?;
        Ok(credentials)
    }
}

impl ProvideCredentials for Checked {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

/// Refuses credentials that cannot sign a request, without showing them.
pub(super) fn check(credentials: &Credentials) -> std::result::Result<(), CredentialsFault> {
    for (part, value, in_header) in [
        ("access key id", Some(credentials.access_key_id()), true),
        (
            "secret access key",
            Some(credentials.secret_access_key()),
            false,
        ),
        ("session token", credentials.session_token(), true),
    ] {
        if let Some(what) = value.and_then(|value| unfit(value, in_header)) {
            return Err(CredentialsFault::Unfit { part, what });
        }
    }
    Ok(())
}
