//! What the library says of what it refuses on macOS.

use std::io;

/// Why there are no files in memory on macOS.
pub(crate) fn no_files_in_memory() -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        "macOS has no file that is only in memory and has a path, and secrets are never written to disk",
    )
}
