//! Roles that are assumed with the credentials of another source.

use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{
    ProvideCredentials, Result, SharedCredentialsProvider, future,
};
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;

use super::errors::{Around, answered, cause};
use super::fault::{CredentialsFault, links, worded};
use super::patience::{Patience, throttled};
use super::plan::Role;
use super::preconnect::Sts;
use crate::base::{Error, OneLine, Operation, throttling};

/// Credentials of a role.
#[derive(Debug)]
struct Assumed {
    by_sts: AssumeRoleProvider,
    sts: Sts,
    role: Role,
    /// How to get fresh credentials to assume it with.
    renewal: String,
}

/// Assumes roles in turn, first with the credentials of `provider`.
pub(super) async fn assumed(
    mut provider: SharedCredentialsProvider,
    roles: Vec<Role>,
    renewal: &str,
    sts: &Sts,
) -> SharedCredentialsProvider {
    for role in roles {
        let mut builder = AssumeRoleProvider::builder(&role.arn).configure(&sts.sdk);
        if let Some(id) = &role.external_id {
            builder = builder.external_id(id);
        }
        if let Some(name) = &role.session_name {
            builder = builder.session_name(name);
        }
        provider = SharedCredentialsProvider::new(Assumed {
            by_sts: builder.build_from_provider(provider).await,
            sts: sts.clone(),
            role,
            renewal: renewal.to_owned(),
        });
    }
    provider
}

/// What STS answered, if it refused a role.
fn refusal(error: &CredentialsError) -> Option<&SdkError<AssumeRoleError>> {
    links(error).find_map(<dyn std::error::Error>::downcast_ref)
}

/// The error for a role that STS refuses, in our own words.
pub(super) fn explained(error: CredentialsError, role: &Role, renewal: &str) -> CredentialsError {
    let arn = OneLine(&role.arn);
    let Some(answer) = refusal(&error).filter(|error| matches!(error, SdkError::ServiceError(_)))
    else {
        return worded(error, || format!("the role `{arn}` from STS"))
            .unwrap_or_else(|error| error);
    };
    let status = answer.raw_response().map(|raw| raw.status().as_u16());
    let general = of_sts_itself(answer.code(), status);
    let hint = general.unwrap_or_else(|| match answer.code() {
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
    });
    let message = format!(
        "STS refuses the role `{arn}` of the AWS profile `{}`: {}",
        OneLine(&role.profile),
        cause(answer)
    );
    CredentialsFault::new(message, hint).into()
}

/// What to do about an answer of STS for which no role is to blame: that of any service.
pub(super) fn of_sts_itself(code: Option<&str>, status: Option<u16>) -> Option<String> {
    let code = match (code, status) {
        (Some(code), _) if throttling::is_throttling(code) || code == "RegionDisabledException" => {
            code.to_owned()
        }
        (_, Some(status @ 500..)) => format!("HTTP {status}"),
        _ => return None,
    };
    let said = (code, String::new());
    match answered(&Around::default(), Operation::Identify, None, said, None) {
        Error::Aws { hint, .. } => hint,
        _ => None,
    }
}

impl Assumed {
    async fn credentials(&self) -> Result {
        let mut patience = Patience::new("AssumeRole");
        // While the credentials come that the request will be signed with.
        self.sts.dial_ahead();
        loop {
            let given = self.by_sts.provide_credentials().await;
            let refused = given.as_ref().err().and_then(|error| refusal(error));
            let Some(response) = refused.and_then(throttled) else {
                patience.end();
                return given.map_err(|error| explained(error, &self.role, &self.renewal));
            };
            drop(given);
            patience.wait(response).await;
        }
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
