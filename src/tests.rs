//! What the unit tests of all modules share.

use std::net::ToSocketAddrs as _;

use nix::sys::statfs::{TMPFS_MAGIC, statfs};
use tempfile::TempDir;

/// An empty folder of a test's own, below the target folder: a test leaves
/// nothing anywhere else, however it ends.
pub(crate) fn folder() -> TempDir {
    // TARGET/PROFILE/deps/PROGRAM
    let program = std::env::current_exe().expect("a program");
    let target = program.ancestors().nth(3).expect("a target folder");
    let folder = target.join("tmp");
    std::fs::create_dir_all(&folder).expect("a folder in the target folder");
    tempfile::tempdir_in(folder).expect("a folder of the test's own")
}

/// Whether `localhost` has an address: without `/etc/hosts` it may have none.
pub(crate) fn has_localhost() -> bool {
    ("localhost", 0).to_socket_addrs().is_ok()
}

/// One in memory, where this machine has any.
pub(crate) fn in_memory() -> Option<TempDir> {
    let shared = "/dev/shm";
    let is_memory = statfs(shared).ok()?.filesystem_type() == TMPFS_MAGIC;
    is_memory.then(|| tempfile::tempdir_in(shared).ok())?
}
