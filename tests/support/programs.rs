//! Further programs of the same sources, which must be as that of the tests is.

use std::path::{Path, PathBuf};

use crate::support::PROGRAM;
use crate::support::containers::static_program;

/// That of the tests, and the [`others`].
#[track_caller]
pub fn all() -> Vec<PathBuf> {
    let mut all = vec![PathBuf::from(PROGRAM)];
    all.extend(others());
    all
}

/// The static one, and those that `LAZYCRED_TEST_PROGRAMS` has, with colons between
/// them: a release, or what `scripts/musl` builds.
#[track_caller]
pub fn others() -> Vec<PathBuf> {
    let more = std::env::var_os("LAZYCRED_TEST_PROGRAMS").unwrap_or_default();
    let more: Vec<PathBuf> = std::env::split_paths(&more)
        .filter(|path| !path.as_os_str().is_empty())
        .collect();
    assert!(more.iter().all(|path| path.is_absolute()), "{more:?}");
    let mut others: Vec<PathBuf> = static_program().map(Path::to_owned).into_iter().collect();
    others.extend(more);
    others
}
