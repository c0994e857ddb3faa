//! The Python module beside the crate: a package of its own, of the same version.

use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_module_has_the_version_of_the_crate() {
    let version = format!("version = \"{}\"", env!("CARGO_PKG_VERSION"));
    let read = |file: &str| fs::read_to_string(Path::new(ROOT).join(file)).unwrap();
    let manifest = read("python/Cargo.toml");
    let package = manifest.split("\n[").next().unwrap();
    assert!(package.lines().any(|line| line == version), "{package}");
    let lock = read("python/Cargo.lock");
    let of_crate = lock.split_once("name = \"lazycred\"\n").unwrap().1;
    assert_eq!(of_crate.lines().next(), Some(&*version));
}

#[test]
fn the_crate_is_packaged_without_the_module() {
    let list = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline"])
        .current_dir(ROOT)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&list.stderr).into_owned();
    assert!(list.status.success(), "{said}");
    let files = String::from_utf8(list.stdout).unwrap();
    let has = |start: &str| files.lines().any(|file| file.starts_with(start));
    assert!(has("src/lib.rs") && !has("python"), "{files}");
}
