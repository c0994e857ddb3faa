//! Limits that apply unless the caller says otherwise.

use std::time::Duration;

/// The largest secret unless the caller says otherwise: 64 MiB.
pub const MAX_SIZE: usize = 64 << 20;
/// The largest that the caller may allow: 1 GiB.
pub const LARGEST: usize = 1 << 30;

/// How often a request is attempted unless the caller says otherwise.
pub(crate) const ATTEMPTS: u32 = 3;

/// How long one call may take unless the caller says otherwise.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);
