//! AWS credentials that the caller gives, in place of AWS's own chain.

use super::Config;
use crate::secret::Secret;

/// An access key, and the session that it belongs to, if any.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) id: String,
    pub(crate) secret: Secret,
    pub(crate) session: Option<Secret>,
}

impl Config {
    /// AWS credentials: an access key's id and secret, and a session token
    /// where they are for a time only. [`Config::with_region`] must be there too.
    ///
    /// With them nothing of AWS's own variables and files is read, so that
    /// requests go to AWS itself.
    #[must_use]
    pub fn with_credentials(
        mut self,
        id: impl Into<String>,
        secret: impl Into<Secret>,
        session: Option<Secret>,
    ) -> Self {
        self.credentials = Some(Credentials {
            id: id.into(),
            secret: secret.into(),
            session,
        });
        self
    }
}
