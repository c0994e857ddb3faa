//! AWS credentials that the caller gives, in place of AWS's own chain.

use crate::base::Secret;

/// An access key, and the session that it belongs to, if any.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) id: String,
    pub(crate) secret: Secret,
    pub(crate) session: Option<Secret>,
}
