//! Whether a profile that the user names is there.
//!
//! The SDK goes on to the next source of credentials where it is not, which
//! would be somebody else's. Reads what the SDK reads, and no credentials.

#![expect(
    deprecated,
    reason = "the new name is of a crate that is no dependency"
)]

use aws_config::profile;
#[expect(
    deprecated,
    reason = "the new name is of a crate that is no dependency"
)]
use aws_config::profile::profile_file::ProfileFiles;
use aws_types::os_shim_internal::{Env, Fs};

use crate::error::{Error, Result};
use crate::name::OneLine;

/// What the SDK takes for a profile where none is.
const DEFAULT: &str = "default";

/// Refuses a profile that no file of AWS has. A file that cannot be read is
/// told of by the SDK, once it asks for credentials.
///
/// # Errors
///
/// [`Error::Usage`].
pub(super) async fn check(name: &str) -> Result<()> {
    let (files, chosen) = (ProfileFiles::default(), name.to_owned().into());
    let loaded = profile::load(&Fs::real(), &Env::real(), &files, Some(chosen)).await;
    match loaded {
        Ok(profiles) if name != DEFAULT && profiles.get_profile(name).is_none() => {
            Err(Error::usage_hint(
                format!("there is no AWS profile `{}`", OneLine(name)),
                "--profile, or `profile` in the configuration, must name one in `~/.aws/config` or `~/.aws/credentials`",
            ))
        }
        _ => Ok(()),
    }
}
