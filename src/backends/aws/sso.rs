//! Credentials of IAM Identity Center: the SDK's own provider, in clearer words.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, Result, future};
use aws_sdk_sts::error::SdkError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use sha1::{Digest as _, Sha1};

use super::errors::few;
use super::fault::{CredentialsFault, links, readable, said, worded};
use super::plan::{Role, login};
use super::profile::Profiles;
use super::roles;
use super::variables::set;
use crate::base::{OneLine, chain};

/// What the SDK says of a token: `SsoTokenProviderError::ExpiredToken`.
const EXPIRED: &str = "the SSO token has expired";

/// What it says of an answer that is no success.
const ANSWER: &str = "service error";

/// What it says of an answer for which nobody here is to blame.
const LATER: [&str; 5] = [
    "TooManyRequests",
    "Throttl",
    "ServiceUnavailable",
    "InternalServer",
    "InternalFailure",
];

/// The size limit of a file with a token, in bytes.
const LARGEST: u64 = 1 << 20;

/// Credentials of a profile of IAM Identity Center, and of roles assumed with them.
#[derive(Debug)]
pub(super) struct Sso {
    /// For the chosen profile.
    pub(super) sdk: ProfileFileCredentialsProvider,
    /// The profile that has the SSO session.
    pub(super) profile: String,
    pub(super) roles: Vec<Role>,
    /// The file with the token of its session.
    pub(super) cache: Option<PathBuf>,
}

/// The file with the token of a profile's session, where AWS's tools keep it.
///
/// Source: `aws_config::sso::cache`.
pub(super) fn cache(profiles: &Profiles, profile: &str) -> Option<PathBuf> {
    let members = profiles.members(profile)?;
    let named = members.get("sso_session");
    let named = named.or_else(|| members.get("sso_start_url"))?;
    let mut name = String::new();
    for byte in Sha1::digest(named) {
        let _ = write!(name, "{byte:02x}");
    }
    let folder = Path::new(&set("HOME")?).join(".aws/sso/cache");
    Some(folder.join(name + ".json"))
}

impl Sso {
    /// Refuses a token in what is no small file: the SDK reads it to its end, however
    /// long that takes.
    fn check_cache(&self) -> std::result::Result<(), CredentialsFault> {
        let about = self.cache.as_deref().map(|path| (path, fs::metadata(path)));
        let Some((path, Ok(about))) = about else {
            return Ok(());
        };
        let what = match () {
            () if !about.is_file() => "is not a regular file".to_owned(),
            () if about.len() > LARGEST => format!("is larger than {LARGEST} bytes"),
            () => return Ok(()),
        };
        Err(CredentialsFault::new(
            format!(
                "the SSO token file `{}` of the AWS profile `{}` {what}",
                OneLine(path.to_string_lossy()),
                OneLine(&self.profile)
            ),
            format!("remove it, then {}", login(&self.profile)),
        ))
    }

    async fn credentials(&self) -> Result {
        self.check_cache()?;
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
                    few(readable(&said(&error)))
                ),
                if LATER.iter().any(|words| says(words)) {
                    "the failure is on the server's side: try again later".to_owned()
                } else {
                    format!("{renewal}, and check the profile's `sso_` members")
                },
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
