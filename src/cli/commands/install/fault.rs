//! What failed of the system, and what to do where a user has no rights.

use std::io;
use std::path::Path;

use nix::errno::Errno;
use nix::unistd::geteuid;

use super::place::quoted;
use crate::{Error, Result};

/// A failure of the system, in its words without its number.
pub(super) fn io(action: String, error: io::Error) -> Error {
    let kind = error.kind();
    let error = match error.raw_os_error() {
        Some(number) => io::Error::new(kind, Errno::from_raw(number).desc()),
        None => error,
    };
    let error = Error::io(action, error);
    if kind == io::ErrorKind::PermissionDenied {
        return error.hinted(rights(geteuid().as_raw()));
    }
    error
}

/// What to do where this user may not write.
fn rights(user: u32) -> String {
    if user == 0 {
        return "not even root may write there: it has given up that right, or the system forbids it; install elsewhere".into();
    }
    format!(
        "install as root, or `lazycred install --prefix ~/.local`; in a container, which runs as user {user}, `user: \"0\"` installs as root, or let that user write to the volume"
    )
}

/// Refuses a folder that a shell was to write out, but none has: one of such a name
/// would be made.
pub(super) fn is_expanded(given: &Path) -> Result<()> {
    let text = given.to_string_lossy();
    let is_here = text.starts_with("./") || text.starts_with("../");
    let sign = if text.starts_with('~') { "~" } else { "$" };
    if is_here || !(text.starts_with('~') || text.contains('$')) {
        return Ok(());
    }
    let hint = if text.starts_with('/') {
        "write out the whole path".to_owned()
    } else {
        let here = quoted(&Path::new(".").join(given));
        format!("write out the whole path; {here} means the folder of that name")
    };
    let message = format!(
        "{} has a `{sign}`, which no shell has expanded",
        quoted(given)
    );
    Err(Error::usage_hint(message, hint))
}
