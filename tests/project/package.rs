//! What is published: the crate, and what names a release's files.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use sha2::{Digest, Sha256};

use crate::support::files::files_below;
use crate::support::{full, temporary};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const ARCHITECTURES: [&str; 2] = ["x86_64", "aarch64"];

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// A string of a table of Cargo.toml.
fn manifest(table: &str, member: &str) -> String {
    let text = format!("\n{}", read("Cargo.toml"));
    let table = text.split_once(&format!("\n[{table}]\n")).unwrap().1;
    let table = table.split("\n[").next().unwrap();
    let start = format!("{member} = \"");
    let line = table.lines().find_map(|line| line.strip_prefix(&start));
    line.unwrap().trim_end_matches('"').to_owned()
}

#[track_caller]
fn cargo_package(more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO"));
    command.args(["package", "--allow-dirty", "--offline"]);
    let output = command.args(more).current_dir(ROOT).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    output
}

#[test]
fn the_crate_has_all_sources_what_its_unit_tests_read_and_nothing_else() {
    let listed = String::from_utf8(cargo_package(&["--list"]).stdout).unwrap();
    let listed: BTreeSet<&str> = listed.lines().collect();
    let root = Path::new(ROOT);
    let below = |folder: &str| files_below(&root.join(folder));
    let expected = [below("src"), below("tests/vectors/suites")].concat();
    let expected = expected
        .iter()
        .map(|path| path.strip_prefix(root).unwrap().to_str().unwrap());
    let others = "CHANGELOG.md Cargo.lock Cargo.toml Cargo.toml.orig LICENSE README.md build.rs \
        examples/quickstart.rs examples/seal.rs tests/main.rs";
    let expected: BTreeSet<&str> = expected.chain(others.split_whitespace()).collect();
    let listed: BTreeSet<&str> = listed
        .into_iter()
        // Only where there is a repository.
        .filter(|file| *file != ".cargo_vcs_info.json")
        .collect();
    assert_eq!(listed, expected);
}

#[test]
fn the_crate_is_packed_without_a_warning_and_smaller_than_a_mebibyte() {
    let folder = temporary::folder();
    let target = folder.path().to_str().unwrap();
    let output = cargo_package(&["--no-verify", "--locked", "--target-dir", target]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("warning"), "{said}");
    let name = concat!("package/lazycred-", env!("CARGO_PKG_VERSION"), ".crate");
    let size = folder.path().join(name).metadata().unwrap().len();
    assert!((100_000..1 << 20).contains(&size), "{size}");
}

/// The addresses of the archives, as the AUR's package has them.
fn archives(version: &str) -> [String; 2] {
    let releases = format!(
        "{}/releases/download/v{version}",
        manifest("package", "repository")
    );
    ARCHITECTURES.map(|arch| format!("{releases}/lazycred-{version}-{arch}-linux.tar.xz"))
}

#[test]
fn binstall_asks_for_the_archives_of_a_release() {
    for (arch, archive) in ARCHITECTURES.iter().zip(archives("1.2.3")) {
        let filled = |member: &str| {
            let mut text = manifest("package.metadata.binstall", member);
            for (name, value) in [
                ("repo", &*manifest("package", "repository")),
                ("name", "lazycred"),
                ("bin", "lazycred"),
                ("version", "1.2.3"),
                ("target-arch", arch),
                // What binstall calls the family is the system of the target's triple.
                ("target-family", "linux"),
            ] {
                text = text.replace(&format!("{{ {name} }}"), value);
            }
            text
        };
        assert_eq!(filled("pkg-url"), archive);
        let program = format!("lazycred-1.2.3-{arch}-linux/bin/lazycred");
        assert_eq!(filled("bin-dir"), program);
    }
    assert_eq!(manifest("package.metadata.binstall", "pkg-fmt"), "txz");
}

/// Runs `packaging/fill`; none where there is no Python.
fn fill(version: &str, folder: &Path) -> Option<Output> {
    let mut command = Command::new(full::tool("python3")?);
    command
        .arg("-B")
        .arg(Path::new(ROOT).join("packaging/fill"));
    command.env_clear().arg(version).arg(folder);
    Some(command.output().unwrap())
}

#[test]
fn what_names_a_releases_files_has_their_addresses_and_sums() {
    let (folder, version) = (temporary::folder(), "2.0.0-rc.1");
    let names = archives(version).map(|address| address.rsplit_once('/').unwrap().1.to_owned());
    let mut sums = Vec::new();
    for name in names.iter().chain([&format!("lazycred-{version}.crate")]) {
        fs::write(folder.path().join(name), name).unwrap();
        let sum = Sha256::digest(name);
        sums.push(
            sum.iter()
                .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}")),
        );
    }
    let Some(output) = fill(version, folder.path()) else {
        return;
    };
    assert!(output.status.success(), "{output:?}");
    let made = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    for name in ["lazycred.rb", "PKGBUILD", "SRCINFO"] {
        let text = made(name);
        assert!(!text.contains('@'), "{name} is not filled: {text}");
        let needed = if name == "lazycred.rb" {
            &sums[..]
        } else {
            &sums[..2]
        };
        assert!(
            needed.iter().all(|sum| text.contains(sum)),
            "{name}: {text}"
        );
    }
    for (archive, arch) in archives(version).iter().zip(ARCHITECTURES) {
        assert!(made("lazycred.rb").contains(&format!("url \"{archive}\"\n")));
        let line = format!("\tsource_{arch} = {archive}\n");
        assert!(made("SRCINFO").contains(&line), "{}", made("SRCINFO"));
    }
    // pacman has no hyphen in a version.
    assert!(made("PKGBUILD").contains("\npkgver=2.0.0_rc.1\n"));
}

#[test]
fn where_a_release_lacks_a_file_nothing_names_it() {
    let folder = temporary::folder();
    let Some(output) = fill("2.0.0", folder.path()) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert!(
        said.contains("lazycred-2.0.0-x86_64-linux.tar.xz is not there"),
        "{said}"
    );
    assert_eq!(files_below(folder.path()), [""; 0].map(Path::new));
}
