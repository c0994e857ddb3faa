//! A container whose image has no lazycred: it comes by a volume.

use std::fs;
use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::namespace::{MANIFEST, with_store};
use crate::support::containers::{Root, Told};

/// A root without lazycred.
fn without() -> Option<Root> {
    let root = Root::new()?;
    for name in ["lazycred", "lazycred-exec"] {
        fs::remove_file(root.folder().join(name)).unwrap();
    }
    Some(root)
}

fn folder() -> TempDir {
    TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// Starts the server through what lies in a volume, as both manifests have it.
#[track_caller]
fn starts_from(volume: &TempDir, root: &Root) {
    let words = ["/opt/lazycred/lazycred-exec", "/server", "tell"];
    let run = root.run_with(volume.path(), "opt/lazycred", "ro", words);
    let told = with_store(run, &MANIFEST).gives().text();
    let told = Told::read(&told);
    assert_eq!(told.process[0], "process 1");
    assert!(told.variables.contains(&"DB_PASSWORD=\"hunter2\""));
    assert!(told.variables.contains(&"LOG_LEVEL=\"info\""));
}

#[test]
fn the_program_is_started_from_a_volume_that_is_the_image_itself_read_only() {
    let (Some(image), Some(root)) = (Root::new(), without()) else {
        return;
    };
    let volume = folder();
    fs::hard_link(
        image.folder().join("lazycred"),
        volume.path().join("lazycred"),
    )
    .unwrap();
    symlink("lazycred", volume.path().join("lazycred-exec")).unwrap();
    starts_from(&volume, &root);
}

#[test]
fn an_init_container_without_a_shell_installs_the_program_for_another() {
    let (Some(image), Some(root)) = (Root::new(), without()) else {
        return;
    };
    let volume = folder();
    for _ in 0..2 {
        let words = ["/lazycred", "install", "/shared"];
        let init = image.run_with(volume.path(), "shared", "rw", words);
        init.any_stderr().ok();
        starts_from(&volume, &root);
    }
}
