//! The files below a folder.

use std::fs;
use std::path::{Path, PathBuf};

/// All of them, in byte order, without folders; links are not followed.
#[track_caller]
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let entry = entry.unwrap();
            let into = if entry.file_type().unwrap().is_dir() {
                &mut folders
            } else {
                &mut files
            };
            into.push(entry.path());
        }
    }
    files.sort_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
    files
}

/// Those that are Rust.
#[track_caller]
pub fn rust_files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = files_below(folder);
    files.retain(|file| file.extension().is_some_and(|end| end == "rs"));
    files
}
