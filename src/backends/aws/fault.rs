//! Faults of credentials. No message contains a credential.

use std::error::Error;
use std::fmt;
use std::iter::successors;

use aws_credential_types::provider::error::{CredentialsError, TokenError};

use crate::base::chain;

/// The SDK's words for a missing profile: `ProfileFileError::MissingProfile` as text,
/// and what `ProfileFileCredentialsProvider` says from then on.
const NO_PROFILE: [&str; 2] = ["was not defined", "initialization error already taken"];

/// Why there are no usable credentials.
#[derive(Debug)]
pub(super) enum CredentialsFault {
    /// A profile's `credential_process` failed.
    Process {
        profile: String,
        /// How, as the end of a sentence.
        what: String,
    },
    /// A profile of `aws login`; the SDK is built without its feature.
    Login { profile: String },
    /// They cannot sign a request.
    Unfit {
        /// Which part, as the SDK calls it.
        part: &'static str,
        /// Why, as the end of a sentence.
        what: String,
    },
    /// A profile's SSO token has expired, or could not be loaded.
    SsoToken {
        profile: String,
        source: CredentialsError,
    },
    /// A profile does not exist, or names a `source_profile` that does not.
    Profile {
        profile: String,
        source: CredentialsError,
    },
    /// No source provided any.
    Nowhere {
        /// Whether the instance's metadata (IMDS) was among the sources.
        metadata: bool,
        source: CredentialsError,
    },
}

impl CredentialsFault {
    /// What to do about it.
    pub(super) fn hint(&self) -> String {
        match self {
        Self::Process { profile, .. } => format!(
            "`aws configure get credential_process --profile {profile}` shows the command; it must print {{\"Version\": 1, \"AccessKeyId\": …, \"SecretAccessKey\": …}}"
        ),
        Self::Login { .. } => "use a separate profile with `credential_process = aws configure export-credentials --format process`".into(),
        Self::Unfit { .. } => {
            "get fresh credentials from their source; `-vv` shows which that is".into()
        }
        Self::SsoToken { profile, .. } => {
            format!("`aws sso login --profile {profile}` fetches a fresh token")
        }
        Self::Profile { .. } => {
            "`aws configure list-profiles` lists the profiles; choose one with --profile".into()
        }
        Self::Nowhere { metadata, .. } => {
            let hop = if *metadata {
                "; in a container on EC2 the hop limit of IMDS must be 2 (`aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2`)"
            } else {
                ""
            };
            format!(
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose --profile, or run where a role provides them{hop}"
            )
        }
    }
    }
}

impl fmt::Display for CredentialsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process { profile, what } => {
                write!(
                    f,
                    "the `credential_process` of the AWS profile `{profile}` {what}"
                )
            }
            Self::Login { profile } => write!(
                f,
                "the AWS profile `{profile}` uses `login_session`, which lazycred does not support"
            ),
            Self::Unfit { part, what } => write!(f, "the {part} of the credentials {what}"),
            Self::SsoToken { profile, .. } => {
                write!(
                    f,
                    "the SSO token of the AWS profile `{profile}` cannot be used"
                )
            }
            Self::Profile { profile, .. } => {
                write!(f, "the AWS profile `{profile}` cannot be used")
            }
            Self::Nowhere { .. } => f.write_str("no credentials found"),
        }
    }
}

impl Error for CredentialsFault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::SsoToken { source, .. }
            | Self::Profile { source, .. }
            | Self::Nowhere { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl From<CredentialsFault> for CredentialsError {
    fn from(fault: CredentialsFault) -> Self {
        Self::provider_error(fault)
    }
}

/// An error and its causes, outermost first.
pub(super) fn links<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |link| (*link).source())
}

/// Why the SDK's chain gave no credentials, in our own words. `profile` is the chosen
/// profile; `metadata` tells whether IMDS may have been asked.
pub(super) fn no_credentials(
    error: CredentialsError,
    profile: &str,
    metadata: bool,
) -> CredentialsError {
    if links(&error).any(<dyn Error>::is::<CredentialsFault>) {
        return error;
    }
    let profile = profile.to_owned();
    let by_sso = links(&error).any(<dyn Error>::is::<TokenError>);
    let said = chain(&error);
    let no_profile = NO_PROFILE.iter().any(|words| said.contains(words));
    let source = error;
    let fault = match () {
        () if by_sso => CredentialsFault::SsoToken { profile, source },
        () if no_profile => CredentialsFault::Profile { profile, source },
        () => CredentialsFault::Nowhere { metadata, source },
    };
    fault.into()
}

#[cfg(test)]
mod tests;
