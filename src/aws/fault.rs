//! What is wrong with credentials that were to be had, in words that hold none
//! of them.

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;

/// Why credentials are not to be had.
#[derive(Debug)]
pub(super) enum CredentialsFault {
    /// A profile's `credential_process` did not give any.
    Process {
        profile: String,
        /// Why not, as the end of a sentence.
        what: String,
    },
    /// A profile of `aws login`, which the SDK is built without.
    Login { profile: String },
    /// Some were given, and no request can be signed with them.
    Unfit {
        /// Which part, as the SDK calls it.
        part: &'static str,
        /// Why not, as the end of a sentence.
        what: String,
    },
    /// A profile's SSO token has expired, or cannot be had.
    SsoToken {
        profile: String,
        source: CredentialsError,
    },
    /// A profile names another that there is not, or is not there itself.
    Profile {
        profile: String,
        source: CredentialsError,
    },
    /// Nothing gives any.
    Nowhere {
        /// Whether a machine's metadata may have been asked for them.
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
