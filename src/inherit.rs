//! What the command takes over from the caller's environment.
//!
//! Names only; the variables themselves are in `environ`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// Credentials of AWS, which a command may not need.
const CREDENTIALS: [&str; 7] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
];

/// What is taken over from the caller's environment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inherit {
    /// Nothing but what `keep` names.
    pub(crate) pristine: bool,
    pub(crate) keep: Vec<OsString>,
    /// Neither AWS's credentials nor lazycred's own variables.
    pub(crate) strip_credentials: bool,
    /// Variables that are lazycred's own instructions.
    pub(crate) instructions: &'static [&'static str],
    /// Whether an inherited variable is kept where a secret gives another value.
    pub(crate) no_override: bool,
    /// Names that are not refused.
    pub(crate) allow: Vec<String>,
}

impl Inherit {
    /// Whether a variable is taken over.
    pub(crate) fn takes(&self, name: &OsStr) -> bool {
        if self
            .instructions
            .iter()
            .any(|instruction| name == *instruction)
        {
            return false;
        }
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
        let instructed = Inherit {
            instructions: &["LAZYCRED_X"],
            ..Inherit::default()
        };
        assert_eq!(taken(&instructed).len(), 5);
    }
}
