//! AWS credentials from the caller, instead of AWS's own chain.

use crate::base::Secret;

/// An access key, and its session token, if any.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) id: String,
    pub(crate) secret: Secret,
    pub(crate) session: Option<Secret>,
}
