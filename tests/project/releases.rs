//! A release's files have the same names wherever they are named: in what makes them, packs them, fetches them and
//! tells of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex_lite::Regex;

use crate::support::files::files_below;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(name)).unwrap()
}

/// A name without what differs between releases and machines: their variables, in
/// any language, and their values.
fn kind(name: &str) -> String {
    let version = concat!(
        r"\$\{_?version\}|\$_?version|@VERSION@|\{\{? ?version ?\}?\}|VERSION|PYTHON",
        r"|\d+\.\d+\.\d+(-test|-rc\.\d+)?|\{python\}",
    );
    let machine = concat!(
        r"\$\{?arch\}?|\$CARCH|\$\(uname -m\)|\$1|\{machine\}|ARCH|\{ target-arch \}|x86_64|aarch64",
        r"|\$\{?debian\}?|\{amd64,arm64\}|amd64|arm64",
    );
    let name = Regex::new(version).unwrap().replace_all(name, "V");
    let name = Regex::new(machine).unwrap().replace_all(&name, "M");
    name.replace("{ name }", "lazycred")
        .replace("{ target-family }", "linux")
}

#[test]
fn everyone_calls_the_files_of_a_release_by_the_names_that_they_have() {
    let listed = read("scripts/release.d/files");
    let mut kinds: BTreeSet<String> = listed.lines().map(kind).collect();
    // An archive has one folder, of its name.
    kinds.insert("lazycred-V-M-linux".into());
    let word = r"[-\w.*+@${}]|\{ [a-z-]+ \}|\$\(uname -m\)";
    let named = Regex::new(&format!(
        r"(lazycred|\{{ name \}})[-_]({word})*?(-linux|\{{ target-family \}}|-oci)?(\.tar(\.xz|\.gz)?|\.deb|\.rpm|\.crate|\.cdx\.json|\.whl)\b|lazycred-({word})*-linux\b",
    ))
    .unwrap();
    let mut files = vec![
        "README.md".into(),
        "SECURITY.md".into(),
        "CONTRIBUTING.md".into(),
        "Cargo.toml".into(),
        "action.yml".into(),
    ];
    for folder in [
        "docs",
        ".github",
        "action",
        "examples",
        "packaging",
        "scripts",
    ] {
        let folder = Path::new(ROOT).join(folder);
        let below = folder.is_dir().then(|| files_below(&folder));
        for file in below.unwrap_or_default() {
            files.push(file.strip_prefix(ROOT).unwrap().to_owned());
        }
    }
    let (mut seen, mut strange) = (BTreeSet::new(), String::new());
    for file in files {
        let Ok(text) = fs::read_to_string(Path::new(ROOT).join(&file)) else {
            continue;
        };
        for found in named.find_iter(&text) {
            let kind = kind(found.as_str());
            // Any of them.
            if kind.contains('*') {
                continue;
            }
            if !kinds.contains(&kind) {
                strange += &format!("{}: {}\n", file.display(), found.as_str());
            }
            seen.insert(kind);
        }
    }
    assert_eq!(strange, "");
    assert!(seen.len() > 8, "{seen:?}");
}

#[test]
fn the_page_about_releases_names_every_file_of_one() {
    let (page, listed) = (read("docs/releasing.md"), read("scripts/release.d/files"));
    assert_eq!(listed.lines().count(), 17);
    for file in listed.lines() {
        assert!(page.contains(&format!("`{file}`")), "{file}");
    }
}
