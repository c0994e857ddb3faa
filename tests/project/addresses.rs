//! Where the project lives, and which version it is: Cargo.toml says it, and all else agrees.

use std::fs;
use std::path::Path;

use regex_lite::Regex;

use crate::support::files::files_below;

const VERSION: &str = env!("CARGO_PKG_VERSION");
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// Everything that a person reads or a program takes addresses from, by its name.
fn texts(folders: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.is_file()).collect();
    for folder in folders.iter().map(|folder| root.join(folder)) {
        if folder.is_dir() {
            files.extend(files_below(&folder));
        }
    }
    let named = files.iter().filter_map(|path| {
        let name = path.strip_prefix(root).unwrap().to_str()?.to_owned();
        let text = fs::read_to_string(path).ok()?;
        (!name.starts_with("python/target/")).then_some((name, text))
    });
    named.collect()
}

const ALL: [&str; 10] = [
    ".ci",
    ".github",
    "action",
    "benches",
    "docs",
    "examples",
    "packaging",
    "python",
    "scripts",
    "src",
];

/// OWNER/NAME.
fn home() -> &'static str {
    REPOSITORY.strip_prefix("https://github.com/").unwrap()
}

#[test]
fn every_address_of_the_project_is_below_its_repository() {
    let home = home();
    let pages = [
        REPOSITORY.to_owned(),
        format!("https://api.github.com/repos/{home}"),
        format!("https://raw.githubusercontent.com/{home}"),
        format!("https://ghcr.io/{home}"),
        "https://docs.rs/lazycred".to_owned(),
        "https://crates.io/crates/lazycred".to_owned(),
        "https://pypi.org/project/lazycred".to_owned(),
        "https://aur.archlinux.org/lazycred-bin.git".to_owned(),
        "https://aur.archlinux.org/packages/lazycred-bin".to_owned(),
    ];
    // A page of the project, and nothing that only begins like one.
    let is_page = |address: &str| {
        let rest = pages.iter().find_map(|page| address.strip_prefix(&**page));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '#', '?', '.', ',']))
    };
    let address =
        Regex::new(r#"https?://[^\s"'<>()\[\]`|\\]*lazycred[^\s"'<>()\[\]`|\\]*"#).unwrap();
    // What is written without `https://`: of flakes, actions, `gh`, images, taps.
    let short = Regex::new(
        r"(?:github:|uses: |--repo[ =]|git@github\.com:|ghcr\.io/)([\w.-]+/lazycred[\w-]*)",
    )
    .unwrap();
    let (mut seen, mut wrong) = (0, Vec::new());
    for (name, text) in texts(&ALL) {
        for found in address.find_iter(&text).map(|found| found.as_str()) {
            seen += 1;
            if !is_page(found) {
                wrong.push(format!("{name}: {found}"));
            }
        }
        for found in short.captures_iter(&text) {
            seen += 1;
            if &found[1] != home {
                wrong.push(format!("{name}: {}", &found[0]));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(seen > 15, "{seen}");
}

#[test]
fn the_repository_stands_once_in_each_manifest() {
    let cargo = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap();
    assert_eq!(cargo.matches("://github.com/").count(), 1);
    assert!(cargo.contains("\ndocumentation = \"https://docs.rs/lazycred\"\n"));
}

/// What a document tells to install is this version: a release changes them together.
#[test]
fn every_document_names_the_version_of_cargo_toml() {
    if VERSION.contains('-') {
        // One that is only tried stands in no document.
        return;
    }
    let version = Regex::new(r"(?:lazycred[-_:@= ]+v?|/download/v)(\d+\.\d+\.\d+)").unwrap();
    let folders = [
        ".github",
        "action",
        "docs",
        "examples",
        "packaging",
        "python",
    ];
    let (mut seen, mut wrong) = (0, Vec::new());
    for (name, text) in texts(&folders) {
        let is_document = ["md", "yml", "yaml", "json", "rb", "sh", "service"]
            .iter()
            .any(|end| name.ends_with(&format!(".{end}")));
        // Its sections are those of all versions.
        if name == "CHANGELOG.md" || !(is_document || name.ends_with("Dockerfile")) {
            continue;
        }
        for found in version.captures_iter(&text) {
            seen += 1;
            // The Python package that this one succeeds.
            if ![VERSION, "0.2.3"].contains(&&found[1]) {
                wrong.push(format!("{name}: {}", &found[0]));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(seen > 10, "{seen}");
}
