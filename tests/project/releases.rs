//! A release's files have the same names wherever they are named: in what makes them, packs them, fetches them and
//! tells of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use regex_lite::Regex;

use crate::support::files::files_below;
use crate::support::{full, temporary};

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
    let (mut seen, mut strange) = (BTreeSet::new(), Vec::new());
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
                strange.push(format!("{}: {}", file.display(), found.as_str()));
            }
            seen.insert(kind);
        }
    }
    assert_eq!(strange, Vec::<String>::new());
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

/// What a command of the project's says on standard error, and whether it succeeds.
fn ran(program: &Path, words: &[&str]) -> (bool, String) {
    let done = Command::new(program).args(words).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    (done.status.success(), said)
}

/// Without it, a release's program would say the version of the release before,
/// or cargo would refuse the lock file.
#[test]
fn a_release_has_its_version_in_every_manifest_and_lock_file() {
    let Some(python) = full::tool("python3") else {
        return;
    };
    for (version, of_python) in [
        ("7.1.3", "7.1.3"),
        ("7.1.3-rc.2", "7.1.3-rc.2"),
        ("0.0.0-test", "0.0.0-dev.0"),
    ] {
        let folder = temporary::folder();
        let copy = |name: &str| {
            let to = folder.path().join(name);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(Path::new(ROOT).join(name), to).unwrap();
        };
        let files = [
            "Cargo.toml",
            "Cargo.lock",
            "python/Cargo.toml",
            "python/Cargo.lock",
            "action.yml",
        ];
        for file in files {
            copy(file);
        }
        copy("scripts/release.d/set_version.py");
        let script = folder.path().join("scripts/release.d/set_version.py");
        let done = ran(&python, &["-B", script.to_str().unwrap(), version]);
        assert_eq!(done, (true, String::new()));
        let own = format!("name = \"lazycred\"\nversion = \"{version}\"\n");
        let module = format!("name = \"lazycred-python\"\nversion = \"{of_python}\"\n");
        let action = format!("    default: \"{version}\"\n");
        for (file, wanted) in [
            (files[0], &own),
            (files[1], &own),
            (files[2], &module),
            (files[3], &own),
            (files[3], &module),
            (files[4], &action),
        ] {
            let text = fs::read_to_string(folder.path().join(file)).unwrap();
            assert!(text.contains(wanted.as_str()), "{file} of {version}");
        }
    }
}

#[test]
fn a_release_that_cannot_be_made_is_refused_before_anything_is_done() {
    let script = Path::new(ROOT).join("scripts/release");
    for (words, why) in [
        (&[][..], "a version is needed, such as 1.2.3 or 1.2.3-rc.1"),
        (
            &["v1.2.3"],
            "a version is needed, such as 1.2.3 or 1.2.3-rc.1",
        ),
        (&["1.2.3", "2.0.0"], "one version, not two: 2.0.0"),
        (&["1.2.3", "--fast"], "no such option: --fast"),
        (&["1.2.3", "--key"], "--key needs a value"),
        (&["1.2.3", "--key", "/no/such"], "no key is at /no/such"),
        (&["1.2.3", "--work", "/tmp"], "/tmp is there already"),
    ] {
        let said = format!("scripts/release: failed at: arguments: {why}\n");
        assert_eq!(ran(&script, words), (false, said));
    }
}

#[test]
fn a_tool_that_the_project_does_not_know_is_not_looked_for() {
    let script = Path::new(ROOT).join("scripts/tool");
    let said = "scripts/tool: no tool is called zizmoor\n".to_owned();
    assert_eq!(ran(&script, &["zizmoor"]), (false, said));
}
