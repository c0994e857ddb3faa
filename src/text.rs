//! Words for what other programs did.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// How a program ended: `exited with status 3`.
pub(crate) fn how_it_ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with status {code}"),
        (None, signal) => format!("was killed by signal {}", signal.unwrap_or_default()),
    }
}
