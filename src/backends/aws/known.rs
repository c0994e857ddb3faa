//! What was looked up once, since each setting takes long to look up.

/// The endpoint of a service, and what sets it.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) service: &'static str,
    pub(super) endpoint: Option<String>,
    pub(super) source: Option<String>,
}
