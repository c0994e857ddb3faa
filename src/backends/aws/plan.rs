//! A source of credentials, and how to get fresh ones from it.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;

use super::instance::Metadata;
use crate::base::{OneLine, shell_word};

/// A source of credentials, and the roles to assume with them in turn.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) base: Base,
    pub(super) roles: Vec<Role>,
}

/// A role, assumed with the preceding credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) profile: String,
    pub(super) arn: String,
    pub(super) external_id: Option<String>,
    pub(super) session_name: Option<String>,
}

/// Where the first credentials come from.
#[derive(Debug)]
pub(super) enum Base {
    /// `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.
    Variables,
    /// A pair in a profile.
    Static {
        /// The profile and its file, in words.
        of: String,
        credentials: Credentials,
    },
    Process {
        profile: String,
        command: String,
        account: Option<String>,
    },
    /// A profile of `aws login`.
    Login {
        profile: String,
    },
    /// IAM Identity Center. The SDK also assumes the roles.
    Sso {
        profile: String,
    },
    WebIdentity(TokenOf),
    /// ECS, EKS Pod Identity, or another local server.
    Container,
    /// The instance's metadata (IMDS).
    Instance(Metadata),
    /// There is none; the reason, in words.
    Nowhere(String),
}

/// A web identity: its token, and the role that it is exchanged for.
#[derive(Debug, Clone)]
pub(super) struct TokenOf {
    pub(super) file: PathBuf,
    /// The variable or member that names the file.
    pub(super) named_by: String,
    pub(super) role: String,
    pub(super) session_name: String,
}

/// The SDK's default name of a role's session.
pub(super) fn session_name(start: &str) -> String {
    let now = SystemTime::now();
    let passed = now.duration_since(UNIX_EPOCH);
    format!("{start}-{}", passed.unwrap_or_default().as_millis())
}

impl Plan {
    /// Credentials without a role.
    pub(super) fn of(base: Base) -> Self {
        let roles = Vec::new();
        Self { base, roles }
    }

    /// With the role that is assumed last first.
    pub(super) fn in_turn(base: Base, mut roles: Vec<Role>) -> Self {
        roles.reverse();
        Self { base, roles }
    }

    /// The services that are asked for credentials.
    pub(super) fn services(&self) -> &'static [&'static str] {
        let is_sso = matches!(self.base, Base::Sso { .. });
        let by_sts = !self.roles.is_empty() || matches!(self.base, Base::WebIdentity(_));
        match (by_sts, is_sso) {
            (true, true) => &["STS", "SSO", "SSO OIDC"],
            (true, false) => &["STS"],
            (false, true) => &["SSO", "SSO OIDC"],
            (false, false) => &[],
        }
    }

    /// How to get fresh credentials from this source.
    pub(super) fn renewal(&self) -> String {
        match &self.base {
            Base::Variables => "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN to fresh ones".into(),
            Base::Static { of, .. } => format!("write fresh ones into {of}"),
            Base::Process { profile, .. } => format!(
                "the `credential_process` of the AWS profile `{}` must print fresh ones",
                OneLine(profile)
            ),
            Base::Login { profile } => format!("`aws login --profile {}` gets fresh ones", shell_word(profile)),
            Base::Sso { profile } => login(profile),
            Base::WebIdentity(token) => format!(
                "whoever writes the token `{}` must renew it",
                OneLine(token.file.to_string_lossy())
            ),
            Base::Container => "the container's credentials endpoint must give fresh ones".into(),
            Base::Instance(_) => "the instance's metadata must give fresh ones".into(),
            Base::Nowhere(_) => "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose --profile, or run where a role provides them".into(),
        }
    }
}

/// How to start an SSO session.
pub(super) fn login(profile: &str) -> String {
    format!("run `aws sso login --profile {}`", shell_word(profile))
}
