//! Which of the caller's variables the command inherits.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// AWS credentials, besides those that start with `AWS_CONTAINER_`.
const CREDENTIALS: [&str; 7] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
];

/// What the command inherits; by default, everything.
///
/// # Examples
///
/// ```
/// use lazycred::launch::Inherit;
/// let only_path = Inherit { pristine: true, keep: vec!["PATH".into()], ..Inherit::default() };
/// assert!(!only_path.no_override);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Inherit {
    /// Inherit only the variables in `keep`.
    pub pristine: bool,
    /// Variables to inherit despite `pristine`, by their exact names.
    pub keep: Vec<OsString>,
    /// Inherit neither AWS credentials nor `LAZYCRED_*` variables.
    pub strip_credentials: bool,
    /// Let inherited variables win over those of secrets, unless they contain
    /// references.
    pub no_override: bool,
}

/// Why a variable is not inherited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dropped {
    ByPristine,
    AsCredential,
}

impl Inherit {
    /// Whether a variable is inherited.
    pub(crate) fn takes(&self, name: &OsStr) -> bool {
        self.drops(name).is_none()
    }

    /// Why a variable is not inherited, if it is not.
    pub(crate) fn drops(&self, name: &OsStr) -> Option<Dropped> {
        let bytes = name.as_bytes();
        let is_credential = CREDENTIALS.iter().any(|credential| name == *credential)
            || bytes.starts_with(b"AWS_CONTAINER_")
            || bytes.starts_with(b"LAZYCRED_");
        if self.strip_credentials && is_credential {
            return Some(Dropped::AsCredential);
        }
        let is_kept = !self.pristine || self.keep.iter().any(|keep| keep == name);
        (!is_kept).then_some(Dropped::ByPristine)
    }
}
