//! Faults of credentials. No message contains a credential.

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;

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
