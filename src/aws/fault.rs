//! What is wrong with credentials that were to be had, in words that hold none
//! of them.

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;

/// Why credentials are not to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

impl CredentialsFault {
    /// What can be done about it.
    pub(super) fn hint(&self) -> String {
        match self {
            Self::Process { profile, .. } => format!(
                "`aws configure get credential_process --profile {profile}` shows the command; run by hand, it must print {{\"Version\": 1, \"AccessKeyId\": …, \"SecretAccessKey\": …}}"
            ),
            Self::Login { .. } => "use a separate profile with `credential_process = aws configure export-credentials --format process`".into(),
            Self::Unfit { .. } => "get fresh credentials from their source; `-vv` shows which that is".into(),
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
        }
    }
}

impl Error for CredentialsFault {}

impl From<CredentialsFault> for CredentialsError {
    fn from(fault: CredentialsFault) -> Self {
        Self::provider_error(fault)
    }
}
