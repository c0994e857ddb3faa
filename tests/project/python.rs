//! The Python module beside the crate: a package of its own, of the same version.

use std::fs;
use std::path::Path;

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

/// A table of hints.rs: the strings between its brackets, as they are written.
fn table(source: &str, name: &str) -> Vec<String> {
    let start = format!("const {name}: ");
    let table = source.split_once(&start).unwrap().1;
    let table = table.split_once("= &[").unwrap().1;
    let table = table.split_once("\n];").unwrap().0;
    // What is escaped stays so, as in the library's source.
    let marked = table.replace("\\\"", "\u{1}");
    let strings = marked.split('"').skip(1).step_by(2);
    strings.map(|text| text.replace('\u{1}', "\\\"")).collect()
}

fn sources(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else {
            *all += &fs::read_to_string(path).unwrap();
        }
    }
}

#[test]
fn each_hint_that_the_module_rewords_is_one_of_the_library() {
    let mut library = String::new();
    sources(&Path::new(ROOT).join("src"), &mut library);
    let hints = fs::read_to_string(Path::new(ROOT).join("python/src/hints.rs")).unwrap();
    // What the library puts in from elsewhere.
    let put_in: &[(&str, &str)] = &[
        ("", ""),
        ("the configuration given", "{place}"),
        ("the configuration given", "{}"),
        ("--only", "{option}"),
        ("--except", "{option}"),
        ("--environment", "{source}"),
        ("--environment", "{FLAG}"),
        ("--config", "{source}"),
        ("--region", "{source}"),
        ("--profile", "{source}"),
        ("--key-alias", "{source}"),
        ("--profile or `profile`", "{by}"),
        ("upper", "{case}"),
        ("lower", "{case}"),
    ];
    let mut unknown = Vec::new();
    let mut check = |phrase: &str| {
        let is_known = |(word, name): &(&str, &str)| {
            let is_said = word.is_empty() || phrase.contains(word);
            is_said && library.contains(&phrase.replace(word, name))
        };
        if !put_in.iter().any(is_known) {
            unknown.push(phrase.to_owned());
        }
    };
    for (name, columns, sides) in [("PHRASES", 2, 1), ("WARNINGS", 2, 1), ("MESSAGES", 3, 2)] {
        let strings = table(&hints, name);
        assert!(
            !strings.is_empty() && strings.len().is_multiple_of(columns),
            "{name}"
        );
        for row in strings.chunks(columns) {
            row[..sides].iter().for_each(|phrase| check(phrase));
        }
    }
    for row in table(&hints, "METHODS").chunks(4) {
        row[..2].iter().for_each(|phrase| check(phrase));
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}
