//! `install`: the program where it is wanted, and nothing half done.

mod elsewhere;
mod places;
mod told;
mod whole;

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::support::{PROGRAM, full};

/// What is said where all went well.
const DONE: &str = "installed lazycred and lazycred-exec in out\n";

/// The names in a folder, sorted; none if there is no such folder.
fn names(folder: &Path) -> Vec<OsString> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

/// Panics unless this folder has the program and its link, and nothing else.
#[track_caller]
fn is_installed(folder: &Path) {
    has(folder, Path::new(PROGRAM));
}

/// The same for a program that is installed from elsewhere.
#[track_caller]
fn has(folder: &Path, program: &Path) {
    assert_eq!(names(folder), ["lazycred", "lazycred-exec"]);
    let installed = folder.join("lazycred");
    let about = installed.symlink_metadata().unwrap();
    assert!(about.is_file());
    assert_eq!(about.mode() & 0o7777, 0o755);
    assert!(fs::read(installed).unwrap() == fs::read(program).unwrap());
    let link = fs::read_link(folder.join("lazycred-exec")).unwrap();
    assert_eq!(link, Path::new("lazycred"));
}

/// The program without what debuggers read, for what is installed again and again.
fn small() -> &'static Path {
    static SMALL: OnceLock<PathBuf> = OnceLock::new();
    SMALL.get_or_init(|| {
        let small = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lazycred-stripped");
        let new = small.with_extension(std::process::id().to_string());
        let Some(strip) = full::find("strip") else {
            return PROGRAM.into();
        };
        let mut strip = Command::new(strip);
        let stripped = strip.arg("-o").arg(&new).arg(PROGRAM).env_clear().status();
        assert!(stripped.unwrap().success());
        fs::rename(new, &small).unwrap();
        small
    })
}
