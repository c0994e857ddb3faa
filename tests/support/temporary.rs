//! Temporary folders.
//!
//! Below the target folder, so that nothing is left anywhere else however a
//! test ends. But lazycred looks for `.lazycred` in every folder above its
//! working directory, and a user may well have one above the checkout; and in
//! the tests' scripts no path is quoted. Then the system's own temporary folder
//! serves.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::{Builder, TempDir};

use crate::support::full;

/// An empty folder, which is removed when this is dropped.
#[track_caller]
pub fn folder() -> TempDir {
    static BASE: OnceLock<PathBuf> = OnceLock::new();
    let base = BASE.get_or_init(|| {
        let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let elsewhere = [std::env::temp_dir(), "/var/tmp".into(), "/dev/shm".into()];
        let folders: Vec<_> = [target].into_iter().chain(elsewhere).collect();
        let found = folders.iter().find(|folder| is_fit(folder));
        let found = found.unwrap_or_else(|| {
            panic!("one of {folders:?} must be ours to write, with no `.lazycred` above")
        });
        if *found != folders[0] {
            let reason = "a `.lazycred` lies above it, or its name has a blank or the like";
            let reason = format!("{reason}, so {} serves", found.display());
            full::skip("a folder below target/", &reason);
        }
        found.clone()
    });
    let made = Builder::new().prefix("lazycred-test-").tempdir_in(base);
    made.expect("a temporary folder")
}

/// An empty folder whose path is as long on every machine, and as short as a
/// home's, for what wraps at a terminal's width: `/tmp/a1b2`.
///
/// # Errors
///
/// Why there is none.
pub fn short() -> Result<TempDir, String> {
    let base = Path::new("/tmp");
    if !is_fit(base) || base.canonicalize().ok().as_deref() != Some(base) {
        return Err("/tmp is not ours to write, or a `.lazycred` is there".into());
    }
    let made = Builder::new().prefix("").rand_bytes(4).tempdir_in(base);
    made.map_err(|error| format!("/tmp: {}", error.kind()))
}

/// Whether folders can be made in it, no configuration lies above them, and a
/// shell takes its path for one word.
fn is_fit(folder: &Path) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@%,".contains(c);
    folder.to_str().is_some_and(|path| path.chars().all(plain))
        && std::fs::create_dir_all(folder).is_ok()
        && tempfile::tempdir_in(folder).is_ok()
        && folder.ancestors().all(|above| {
            let file = above.join(".lazycred");
            file.symlink_metadata().is_err()
        })
}

/// An empty folder in memory, where `edit` works.
///
/// # Errors
///
/// Why there is none.
pub fn in_memory() -> Result<TempDir, String> {
    match Builder::new().prefix("lazycred-test-").tempdir_in(SHM) {
        Ok(folder) if is_memory(folder.path()) => Ok(folder),
        Ok(_) => Err(format!("{SHM} is on a disk")),
        Err(error) => Err(format!("{SHM}: {}", error.kind())),
    }
}

/// The same, or `None` after [`full::or_skip`].
#[track_caller]
pub fn in_memory_or_skip() -> Option<TempDir> {
    let made = in_memory();
    if let Err(reason) = &made {
        full::or_skip("a folder in memory", reason);
    }
    made.ok()
}

const SHM: &str = "/dev/shm";

fn is_memory(folder: &Path) -> bool {
    use nix::sys::statfs::{TMPFS_MAGIC, statfs};
    statfs(folder).is_ok_and(|about| about.filesystem_type() == TMPFS_MAGIC)
}

#[test]
fn no_configuration_lies_above_what_tests_use() {
    let folder = folder();
    assert!(is_fit(folder.path()));
    let below = folder.path().join("checkout/target/tmp");
    assert!(is_fit(&below));
    for above in ["checkout/.lazycred", ".lazycred"] {
        let file = folder.path().join(above);
        std::fs::write(&file, "{}").unwrap();
        assert!(!is_fit(&below), "{above}");
        std::fs::remove_file(file).unwrap();
    }
    assert!(!is_fit(Path::new("/proc/none")));
    for name in ["a b", "a'b", "$a", "a(b"] {
        assert!(!is_fit(&folder.path().join(name)), "{name}");
    }
    assert!(is_fit(&folder.path().join("föld")));
}
