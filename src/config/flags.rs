//! The configuration flags of the command line.

use std::path::PathBuf;

use super::refuse::refuse_control;
use crate::base::Result;

/// The configuration flags of the command line.
///
/// # Examples
///
/// ```
/// use lazycred::Flags;
/// let flags = Flags { s3_path: Some("acme-secrets/prod/".into()), ..Flags::default() };
/// ```
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `BUCKET/PREFIX/` or `file:FOLDER`.
    pub s3_path: Option<String>,
    /// The wrapping key.
    pub key_alias: Option<String>,
    /// KMS's region.
    pub region: Option<String>,
    /// The AWS profile.
    pub profile: Option<String>,
    /// The configuration file.
    pub config: Option<PathBuf>,
    /// The environment of that file.
    pub environment: Option<String>,
}

impl Flags {
    pub(super) fn check(&self) -> Result<()> {
        for (name, value) in [
            ("--s3-path", &self.s3_path),
            ("--key-alias", &self.key_alias),
            ("--region", &self.region),
            ("--profile", &self.profile),
        ] {
            refuse_control(name, value.as_deref().unwrap_or_default())?;
        }
        Ok(())
    }

    /// Whether the flags name the store and the wrapping key, so that no file is needed.
    pub(super) fn say_all(&self) -> bool {
        let (Some(s3_path), Some(key_alias)) = (&self.s3_path, &self.key_alias) else {
            return false;
        };
        let local = s3_path.starts_with("file:") && key_alias.starts_with("local:");
        local || self.region.is_some()
    }
}
