//! Checks credentials before they sign a request: the SDK panics on those that
//! are not valid in a header.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{
    ProvideCredentials, Result, SharedCredentialsProvider, future,
};

use super::errors::few;
use super::fault::{CredentialsFault, said, worded};
use super::variables::unfit;
use crate::base::waiting;

/// Passes on another provider's credentials if they can sign a request.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) given: SharedCredentialsProvider,
    /// How to get fresh ones.
    pub(super) renewal: String,
}

impl Checked {
    async fn credentials(&self) -> Result {
        let waiting = waiting::on("credentials");
        let given = self.given.provide_credentials().await;
        drop(waiting);
        let credentials = given.map_err(|error| self.explained(error))?;
        self.check(&credentials, SystemTime::now())?;
        Ok(credentials)
    }

    /// An error that its source has no words for.
    fn explained(&self, error: CredentialsError) -> CredentialsError {
        let other = |error| {
            let said = few(&said(&error));
            let message = format!("the credentials cannot be loaded: {said}");
            CredentialsFault::new(message, &*self.renewal).into()
        };
        worded(error, || "credentials".into()).unwrap_or_else(other)
    }

    /// Refuses credentials that cannot sign a request, without showing them.
    fn check(
        &self,
        credentials: &Credentials,
        now: SystemTime,
    ) -> std::result::Result<(), CredentialsFault> {
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
                return Err(CredentialsFault::new(
                    format!("the {part} of the credentials {what}"),
                    &*self.renewal,
                ));
            }
        }
        let past = credentials
            .expiry()
            .and_then(|at| now.duration_since(at).ok());
        if let Some(past) = past {
            let ago = past.as_secs() / 60;
            return Err(CredentialsFault::new(
                format!("the credentials expired {ago} minutes ago, by this machine's clock"),
                format!("{}; if they are fresh, set the clock", self.renewal),
            ));
        }
        Ok(())
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
