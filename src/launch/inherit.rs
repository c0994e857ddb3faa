//! What the command inherits from the caller's environment.
//!
//! Names only; the variables themselves are in `environ`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// AWS credentials, beside those that start with `AWS_CONTAINER_`.
const CREDENTIALS: [&str; 7] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
];

/// What the command inherits: everything, for [`Inherit::default`].
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
    /// Inherit nothing but what `keep` names.
    pub pristine: bool,
    /// Variables to inherit despite `pristine`, by their exact names.
    pub keep: Vec<OsString>,
    /// Inherit neither AWS credentials nor `LAZYCRED_*` variables.
    pub strip_credentials: bool,
    /// Let inherited variables win over those of secrets; ones that hold
    /// references are replaced all the same.
    pub no_override: bool,
}

impl Inherit {
    /// Whether a variable is inherited.
    pub(crate) fn takes(&self, name: &OsStr) -> bool {
        let bytes = name.as_bytes();
        let is_credential = CREDENTIALS.iter().any(|credential| name == *credential)
            || bytes.starts_with(b"AWS_CONTAINER_")
            || bytes.starts_with(b"LAZYCRED_");
        if self.strip_credentials && is_credential {
            return false;
        }
        !self.pristine || self.keep.iter().any(|keep| keep == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inherited_is_what_was_asked_for() {
        let all = [
            "A",
            "AWS_PROFILE",
            "AWS_CONTAINER_X",
            "AWS_REGION",
            "LAZYCRED_X",
            "PATH",
        ];
        let taken = |inherit: &Inherit| {
            all.into_iter()
                .filter(|name| inherit.takes(OsStr::new(name)))
                .collect::<Vec<_>>()
        };
        assert_eq!(taken(&Inherit::default()), all);
        let stripped = Inherit {
            strip_credentials: true,
            ..Inherit::default()
        };
        assert_eq!(taken(&stripped), ["A", "AWS_REGION", "PATH"]);
        let pristine = Inherit {
            pristine: true,
            keep: vec!["PATH".into()],
            ..Inherit::default()
        };
        assert_eq!(taken(&pristine), ["PATH"]);
    }
}
