//! Credentials of an EC2 instance's role, from its metadata (IMDS).
//!
//! Only version 2 of IMDS is asked, which wants a token first. The SDK's provider
//! would panic on some names of roles, and its errors show whole responses.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::imds::Client;
use aws_config::imds::client::error::{ImdsError, TokenError};
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, future};
use aws_sdk_sts::error::SdkError;
use aws_types::os_shim_internal::Env;

use super::errors::few;
use super::fault::{CredentialsFault, links};
use super::profile::Profiles;
use super::variables::set;
use crate::backends::http::leads_somewhere;
use crate::base::{Error, OneLine, Result, chain};
use crate::config::without_secrets;

const DISABLED: &str = "AWS_EC2_METADATA_DISABLED";
const ENDPOINT: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
const MODE: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";

/// Where the names of an instance's roles are.
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

/// How long a connection to IMDS, or one answer, may take.
const ANSWER: Duration = Duration::from_secs(1);

/// How long one attempt may take: a connection, a token and an answer.
const ATTEMPT: Duration = Duration::from_secs(4);

/// How long all attempts may take.
const ATTEMPTS: Duration = Duration::from_secs(12);

/// Where IMDS is.
#[derive(Debug, Clone)]
pub(super) struct Metadata {
    endpoint: String,
    /// The variable or member that says so, if one does.
    named_by: Option<String>,
    /// What was looked at before, as the start of a sentence; empty if nothing was.
    pub(super) before: String,
}

/// Whether IMDS may be asked for credentials.
pub(super) fn is_allowed() -> bool {
    let disabled = Env::real().get(DISABLED);
    !disabled.is_ok_and(|value| value.eq_ignore_ascii_case("true"))
}

/// Where IMDS is, by variables and the profile.
pub(super) fn metadata(profiles: &Profiles) -> Result<Metadata> {
    let given = |variable: &'static str, member: &'static str| {
        let profile = OneLine(profiles.name());
        let of_profile = || {
            let by = format!("`{member}` of the AWS profile `{profile}`");
            Some((profiles.member(member)?.to_owned(), by))
        };
        set(variable)
            .map(|value| (value, variable.to_owned()))
            .or_else(of_profile)
    };
    if let Some((endpoint, by)) = given(ENDPOINT, "ec2_metadata_service_endpoint") {
        if leads_somewhere(&endpoint) {
            return Ok(Metadata {
                endpoint,
                named_by: Some(by),
                before: String::new(),
            });
        }
        return Err(Error::usage_hint(
            format!(
                "the endpoint of IMDS, `{}`, is not a usable URL",
                OneLine(without_secrets(&endpoint))
            ),
            format!("{by} must be http://HOST, or be unset"),
        ));
    }
    let endpoint = match given(MODE, "ec2_metadata_service_endpoint_mode") {
        Some((mode, _)) if mode.eq_ignore_ascii_case("ipv6") => "http://[fd00:ec2::254]",
        Some((mode, by)) if !mode.eq_ignore_ascii_case("ipv4") => {
            return Err(Error::usage(format!("{by} is neither IPv4 nor IPv6")));
        }
        _ => "http://169.254.169.254",
    };
    Ok(Metadata {
        endpoint: endpoint.to_owned(),
        named_by: None,
        before: String::new(),
    })
}

impl Metadata {
    /// What it gives, where it is and what says so, in words.
    pub(super) fn shown(&self) -> String {
        let url = OneLine(without_secrets(&self.endpoint));
        let by = self.named_by.as_ref().map(|by| format!(", from {by}"));
        let by = by.unwrap_or_default();
        format!("the instance's role, asked for at `{url}`{by}")
    }
}

#[derive(Debug)]
pub(super) struct Instance {
    client: Client,
    sdk: ProviderConfig,
    before: String,
    named_by: Option<String>,
    /// The last role, whose provider keeps its credentials.
    last: Mutex<Option<(String, Arc<ImdsCredentialsProvider>)>>,
}

impl Instance {
    pub(super) fn new(metadata: Metadata, sdk: ProviderConfig) -> Self {
        let builder = Client::builder()
            .configure(&sdk)
            .connect_timeout(ANSWER)
            .read_timeout(ANSWER)
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(ATTEMPTS)
            .endpoint(&metadata.endpoint);
        let client = builder.expect("the endpoint is a URL").build();
        Self {
            client,
            sdk,
            before: metadata.before,
            named_by: metadata.named_by,
            last: Mutex::default(),
        }
    }

    async fn credentials(&self) -> provider::Result {
        let provider = match self.role().await {
            Ok(role) => self.of(role),
            // Credentials that were given are good until they expire.
            Err(error) => self.kept().ok_or(error)?,
        };
        let given = provider.provide_credentials().await;
        given.map_err(|error| self.explained(&error).into())
    }

    /// The name of the instance's role.
    async fn role(&self) -> std::result::Result<String, CredentialsError> {
        let answer = self.client.get(ROLES).await;
        let answer = answer.map_err(|error| self.no_role(&error))?;
        let name = answer.as_ref().lines().next().unwrap_or_default().trim();
        let is_named = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
        if name.is_empty() || name.len() > 256 || !name.chars().all(is_named) {
            let message = "the instance's metadata (IMDS) names no usable role";
            return Err(CredentialsFault::new(message, ATTACH).into());
        }
        Ok(name.to_owned())
    }

    /// Why there is no role.
    fn no_role(&self, error: &ImdsError) -> CredentialsError {
        match error {
            ImdsError::ErrorResponse(answer) if answer.response().status().as_u16() == 404 => {
                CredentialsFault::new("the instance has no role, says its metadata (IMDS)", ATTACH)
                    .into()
            }
            _ => self.explained(error).into(),
        }
    }

    /// What is wrong with IMDS.
    fn explained(&self, error: &(dyn std::error::Error + 'static)) -> CredentialsFault {
        let imds: Option<&ImdsError> = links(error).find_map(<dyn std::error::Error>::downcast_ref);
        let token =
            links(error).find_map(<dyn std::error::Error>::downcast_ref::<SdkError<TokenError>>);
        let said = chain(error);
        let named_by = self.named_by.as_ref();
        let which = named_by.map(|by| format!(", which {by} names,"));
        let imds_of = format!(
            "{}the instance's metadata (IMDS){}",
            self.before,
            which.unwrap_or_default()
        );
        let or = |otherwise: &str| match named_by {
            Some(by) => format!("check that IMDS answers there, or unset {by}"),
            None => otherwise.to_owned(),
        };
        match (token, imds) {
            (Some(SdkError::ServiceError(answer)), _) => of_token(answer.raw().status().as_u16()),
            (Some(_), _) if said.contains("cannot connect to") => {
                CredentialsFault::new(format!("{imds_of} cannot be reached"), or(OTHERS))
            }
            (Some(_), _) => CredentialsFault::new(
                format!("{imds_of} accepts connections, but gives no token"),
                or(HOPS),
            ),
            (None, Some(ImdsError::ErrorResponse(answer))) => {
                let status = answer.response().status().as_u16();
                let message = format!("the instance's metadata (IMDS) answers HTTP {status}");
                CredentialsFault::new(message, if status == 404 { ATTACH } else { LATER })
            }
            (None, _) if said.contains("AssumeRoleUnauthorizedAccess") => CredentialsFault::new(
                "EC2 may not assume the instance's role, says its metadata (IMDS)",
                "the role's trust policy must let ec2.amazonaws.com assume it",
            ),
            (None, _) => CredentialsFault::new(
                format!(
                    "the instance's metadata (IMDS) gives no credentials: {}",
                    few(&said)
                ),
                OTHERS,
            ),
        }
    }

    fn of(&self, role: String) -> Arc<ImdsCredentialsProvider> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((known, provider)) if *known == role => Arc::clone(provider),
            _ => {
                let builder = ImdsCredentialsProvider::builder().configure(&self.sdk);
                let builder = builder.imds_client(self.client.clone()).profile(&role);
                let provider = Arc::new(builder.build());
                *last = Some((role, Arc::clone(&provider)));
                provider
            }
        }
    }

    fn kept(&self) -> Option<Arc<ImdsCredentialsProvider>> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().map(|(_, provider)| Arc::clone(provider))
    }
}

const ATTACH: &str =
    "attach an instance profile with a role to the instance, or use another source of credentials";
const OTHERS: &str = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose --profile, or run where a role provides them";
const LATER: &str = "try again later";
const HOPS: &str = "in a container, the instance's hop limit must be 2: `aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2 --instance-id ID`";

/// The answer to the request for a token.
fn of_token(status: u16) -> CredentialsFault {
    let what = match status {
        403 => {
            return CredentialsFault::new(
                "the instance's metadata (IMDS) refuses a token (HTTP 403)",
                "if it is disabled, `aws ec2 modify-instance-metadata-options --http-endpoint enabled --instance-id ID` enables it",
            );
        }
        404 | 405 | 501 => format!("has no tokens (HTTP {status}), as in version 1"),
        200..300 => "gives tokens that cannot be used".to_owned(),
        _ => format!("answers HTTP {status} to the request for a token"),
    };
    CredentialsFault::new(
        format!("the instance's metadata (IMDS) {what}"),
        "lazycred needs IMDSv2; allow it, or use another source of credentials",
    )
}

impl ProvideCredentials for Instance {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}
